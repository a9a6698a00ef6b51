"""Money, numbers, dates and opening hours as a language writes them, by the rules of CLDR."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import dates, lists, numbers
from babel.core import Locale

from knowledge.hours import WEEKDAYS

Number = int | Decimal
Weekly = tuple[tuple[str, ...], ...]

WHOLE_DAY = ("00:00-24:00",)


@dataclass(frozen=True, slots=True)
class Words:
    """What CLDR has no words for."""

    free: str
    always: str
    closed: str
    all_day: str
    days: str
    two_days: str
    day_width: Literal["wide", "abbreviated"]
    and_then: str
    zone: str


WORDS = {
    "en": Words(
        free="free",
        always="at any hour",
        closed="closed",
        all_day="all day",
        days="{} to {}",
        two_days="{} and {}",
        day_width="wide",
        and_then=", ",
        zone=" ({})",
    ),
    "zh": Words(
        free="免费",
        always="全天候",
        closed="不营业",
        all_day="全天",
        days="{}至{}",
        two_days="{}、{}",
        day_width="abbreviated",
        and_then="，",
        zone="（{}）",
    ),
}


@dataclass(frozen=True, slots=True)
class Formats:
    """How one partner's values are written in one language."""

    language: str
    locale: str
    time_zone: str
    currency_symbols: tuple[tuple[str, str], ...] = ()

    def money(self, price: Mapping[str, Any] | str) -> str:
        if isinstance(price, str):
            return WORDS[self.language].free if price == "free" else price
        amount, currency = price["amount"], price["currency"]
        return _money(amount, currency, dict(self.currency_symbols).get(currency), self.locale)

    def percent(self, value: Number) -> str:
        return _percent(value, self.locale)

    def number(self, value: Number) -> str:
        return _number(value, self.locale)

    def day(self, day: date) -> str:
        if isinstance(day, datetime):
            day = day.astimezone(ZoneInfo(self.time_zone)).date()
        return _date(day, "long", self.locale)

    def moment(self, at: datetime) -> str:
        """`Monday, 23 November 2026, 09:00 (Singapore time)`."""
        if at.tzinfo is None:
            raise ValueError("a time needs its zone to be told")
        clock = at.astimezone(ZoneInfo(self.time_zone))
        minute = clock.time().replace(second=0, microsecond=0)
        day = _date(clock.date(), "full", self.locale)
        shown = _joined(day, _time(minute, self.locale), self.locale)
        return shown + WORDS[self.language].zone.format(zone_name(self.time_zone, self.locale))

    def weekly_hours(self, hours: Mapping[str, Any] | str) -> str:
        """`Monday to Friday 09:00–18:00, Saturday 09:00–13:00 (Singapore time)`."""
        weekly = hours if isinstance(hours, str) else hours["weekly"]
        if isinstance(hours, str) or isinstance(weekly, str):
            words = WORDS[self.language]
            return words.always if weekly == "always" else words.closed
        week = tuple(weekly[day] for day in WEEKDAYS)
        return _weekly(week, hours["time_zone"], self.language, self.locale)

    def spans(self, spans: Sequence[str]) -> str:
        return _spans(tuple(spans), self.language, self.locale) or WORDS[self.language].closed

    def listed(self, values: Sequence[object]) -> str:
        return lists.format_list([str(value) for value in values], locale=self.locale)


@lru_cache(maxsize=1024)
def _money(amount: Decimal, currency: str, symbol: str | None, locale: str) -> str:
    text = numbers.format_currency(amount, currency, locale=locale)
    if symbol is None:
        return text
    return text.replace(numbers.get_currency_symbol(currency, locale=locale), symbol, 1)


@lru_cache(maxsize=1024)
def _percent(value: Number, locale: str) -> str:
    return numbers.format_percent(Decimal(value) / 100, locale=locale, decimal_quantization=False)


@lru_cache(maxsize=1024)
def _number(value: Number, locale: str) -> str:
    return numbers.format_decimal(value, locale=locale, decimal_quantization=False)


@lru_cache(maxsize=1024)
def _date(day: date, form: Any, locale: str) -> str:
    return dates.format_date(day, form, locale=locale)


@lru_cache(maxsize=1440)
def _time(clock: time, locale: str) -> str:
    return dates.format_time(clock, "short", locale=locale)


def _joined(day: str, clock: str, locale: str) -> str:
    form = str(Locale.parse(locale).datetime_formats["medium"])
    return form.replace("{1}", day).replace("{0}", clock)


@lru_cache(maxsize=128)
def zone_name(time_zone: str, locale: str) -> str:
    """`Singapore time`, `Central European time`, `新加坡时间`; UTC stays UTC."""
    if time_zone.startswith("Etc/") or time_zone in ("UTC", "GMT", "Zulu", "UCT", "Universal"):
        return time_zone.removeprefix("Etc/")
    return dates.get_timezone_name(time_zone, locale=locale).replace(" Time", " time")


@lru_cache(maxsize=128)
def _weekly(week: Weekly, time_zone: str, language: str, locale: str) -> str:
    words = WORDS[language]
    if not any(week):
        return words.closed
    if all(spans == WHOLE_DAY for spans in week):
        return words.always
    parts = (
        f"{_days(days, language, locale)} {_spans(spans, language, locale)}"
        for days, spans in _alike(week)
    )
    return words.and_then.join(parts) + words.zone.format(zone_name(time_zone, locale))


def _alike(week: Weekly) -> Iterator[tuple[list[int], tuple[str, ...]]]:
    """Days that follow each other with the same hours; days without any are left out."""
    for spans, days in groupby(range(7), key=lambda day: week[day]):
        if spans:
            yield list(days), spans


def _days(days: list[int], language: str, locale: str) -> str:
    words = WORDS[language]
    names = dates.get_day_names(words.day_width, "stand-alone", locale=locale)
    if len(days) == 1:
        return str(names[days[0]])
    form = words.two_days if len(days) == 2 else words.days
    return form.format(names[days[0]], names[days[-1]])


@lru_cache(maxsize=256)
def _spans(spans: tuple[str, ...], language: str, locale: str) -> str:
    if spans == WHOLE_DAY:
        return WORDS[language].all_day
    shown = ["–".join(_clock(end, locale) for end in span.split("-")) for span in spans]
    return lists.format_list(shown, locale=locale) if shown else ""


def _clock(text: str, locale: str) -> str:
    if text == "24:00":
        of_24_hours = _time(time(13), locale).startswith("13")
        return text if of_24_hours else _time(time(0), locale)
    return _time(time.fromisoformat(text), locale)
