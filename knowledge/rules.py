"""What a value has to agree with beyond its form: a code, and the sentence in English.

A sentence goes on from the name of the place and has no full stop.
"""

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

RULES = {
    "twice": "{name} is there twice; keep one of them",
    "not_rising": "the numbers must rise from one to the next",
    "not_by_language": "must be text in each language, such as en: ..., zh: ...",
    "not_spoken": '"{name}" is not one of partner.languages; remove it,'
    " or put text with a comma in quotes",
    "text_missing": "the text in {language} is missing; add it",
    "no_date": "{text} is not a date; write it as 2026-12-25",
    "no_such_day": "{text} is not a day of the calendar",
    "no_time_zone": "{name} is not a time zone; write an IANA name such as Asia/Singapore",
    "no_currency": "{name} is not a currency; write an ISO 4217 code such as SGD",
    "no_locale": "{name} is not a locale; write one such as en_GB",
    "other_locale": "{name} is not a locale of {language}",
    "no_span": '"{text}" is not a span; write it as "09:00-18:00"',
    "empty_span": '"{text}" has no length; write "00:00-24:00" for the whole day',
    "overlap": "{earlier} and {later} overlap; make one span of them",
    "into_next_day": "{late} of {weekday} runs into {early} of {next_weekday}; shorten one",
    "until_too_far": "until must be after date, by a year at most",
    "price_without_per": "a price needs `per`: what it is paid for, such as a month",
    "stage_order": "day {day} must come after day {before}",
    "stage_day": "the stage {stage} is on day {day}; write the same day here",
    "ends_before": "the last day is before valid_from",
}


def broken(code: str, **values: object) -> PydanticCustomError:
    """For a validator to raise where its value breaks the rule."""
    return PydanticCustomError(code, RULES[code], values)


def wrong(*found: tuple[tuple[int | str, ...], PydanticCustomError]) -> ValidationError:
    """For what is wrong at places inside the value that is being validated."""
    lines = [InitErrorDetails(type=each, loc=place, input=None) for place, each in found]
    return ValidationError.from_exception_data("content", lines)
