"""The kinds of value a policy is made of: text per language, money, days, addresses."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

T = TypeVar("T")

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def wrong(location: tuple[int | str, ...], message: str, value: object = None) -> ValidationError:
    """A validation error at a place inside the value being validated."""
    kind = PydanticCustomError("said", "{message}", {"message": message})
    return ValidationError.from_exception_data(
        "policy", [InitErrorDetails(type=kind, loc=location, input=value)]
    )


def each_once(values: tuple[T, ...]) -> tuple[T, ...]:
    """Refuses a list in which an id, or a plain value, stands twice."""
    seen: list[object] = []
    for position, value in enumerate(values):
        name = getattr(value, "id", value)
        if name in seen:
            raise wrong((position,), f"{name} is there twice; keep one of them")
        seen.append(name)
    return values


def ascending(days: tuple[int, ...]) -> tuple[int, ...]:
    if list(days) != sorted(set(days)):
        raise ValueError("the numbers must rise from one to the next")
    return days


def _in_every_language(text: object, info: ValidationInfo) -> object:
    if not isinstance(text, dict):
        raise ValueError("must be text in each language: {en: ..., zh: ...}")
    languages = (info.context or {}).get("languages", LANGUAGES)
    for language in text:
        if language not in languages:
            said = "is not one of partner.languages; remove it, or put text with a comma in quotes"
            raise wrong((language,), f'"{language}" {said}')
    missing = [language for language in languages if language not in text]
    if missing:
        raise ValueError(f"the text in {' and '.join(missing)} is missing; add it")
    return text


def _iso(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise ValueError(f"{value} is not a date; write it as 2026-12-25")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value} is not a day of the calendar") from None


_time_zones = cache(available_timezones)  # each call would read a directory tree
_currencies = cache(list_currencies)


def _known_time_zone(name: str) -> str:
    if name not in _time_zones():
        raise ValueError(f"{name} is not a time zone; write an IANA name such as Asia/Singapore")
    return name


def _known_currency(code: str) -> str:
    if code not in _currencies():
        raise ValueError(f"{code} is not a currency; write an ISO 4217 code such as SGD")
    return code


Line = Annotated[str, StringConstraints(pattern=r"\S", max_length=4000)]
Text = Annotated[dict[str, Line], BeforeValidator(_in_every_language)]
"""What customers read, per language; every language of partner.languages is there."""

TextOrLine = Annotated[
    Annotated[Text, Tag("languages")] | Annotated[Line, Tag("line")],
    Discriminator(lambda value: "languages" if isinstance(value, dict) else "line"),
]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Many = Annotated[tuple[T, ...], Field(max_length=200)]
Day = Annotated[date, BeforeValidator(_iso)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]
TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Url = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9._~:/?#@!$&'+,;=%-]+$")]
Email = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
]


class Money(Model):
    amount: Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=4)]
    currency: Currency


def _price_kind(value: Any) -> str:
    return "money" if isinstance(value, dict | Money) else "free"


Price = Annotated[
    Annotated[Money, Tag("money")] | Annotated[Literal["free"], Tag("free")],
    Discriminator(_price_kind),
]


class Fact(Model):
    """A fact that is somebody else's, so an editor can look it up and see how old it is."""

    source: Line
    as_of: Day
