"""When a place is open: weekly spans, days that replace them, and the clock changes between."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise, product
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    Tag,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from knowledge.rules import broken, wrong
from knowledge.values import Day, Model, Text, TimeZone

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_A_DAY = 24 * 60
ONE_DAY = timedelta(days=1)
LONGEST_SPECIAL = timedelta(days=366)
NO_END = datetime.max.replace(tzinfo=UTC)

Interval = tuple[datetime, datetime]


class Span:
    """Minutes after midnight, from `start` up to `end`; above 1440 it is the next day."""

    __slots__ = ("end", "start")
    FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)")

    def __init__(self, text: str) -> None:
        found = self.FORM.fullmatch(text)
        if not found:
            raise broken("no_span", text=text)
        hours, minutes, end_hours, end_minutes = map(int, found.groups())
        self.start = hours * 60 + minutes
        self.end = end_hours * 60 + end_minutes
        if self.end == self.start:
            raise broken("empty_span", text=text)
        if self.end < self.start:
            self.end += MINUTES_A_DAY

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __str__(self) -> str:
        end = self.end if self.end <= MINUTES_A_DAY else self.end - MINUTES_A_DAY
        return f"{self.start // 60:02}:{self.start % 60:02}-{end // 60:02}:{end % 60:02}"

    def __repr__(self) -> str:
        return f"Span({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from_text = core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=from_text,
            python_schema=core_schema.union_schema(
                [core_schema.is_instance_schema(cls), from_text]
            ),
            serialization=core_schema.to_string_ser_schema(),
        )


def _apart(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    for earlier, later in pairwise(sorted(spans, key=lambda span: span.start)):
        if later.start < earlier.end:
            raise broken("overlap", earlier=str(earlier), later=str(later))
    return spans


Spans = Annotated[tuple[Span, ...], Field(max_length=12), AfterValidator(_apart)]


class Week(Model):
    monday: Spans
    tuesday: Spans
    wednesday: Spans
    thursday: Spans
    friday: Spans
    saturday: Spans
    sunday: Spans

    @cached_property
    def days(self) -> tuple[tuple[Span, ...], ...]:
        return tuple(getattr(self, name) for name in WEEKDAYS)

    @model_validator(mode="after")
    def _nights_end_before_the_next_day_begins(self) -> Self:
        for name, following in zip(WEEKDAYS, (*WEEKDAYS[1:], WEEKDAYS[0]), strict=True):
            for late, early in product(getattr(self, name), getattr(self, following)):
                if late.end - MINUTES_A_DAY > early.start:
                    days = {"weekday": name, "next_weekday": following}
                    spans = {"late": str(late), "early": str(early)}
                    raise wrong(((name,), broken("into_next_day", **spans, **days)))
        return self


class SpecialDay(Model):
    """A date, or the dates `date` to `until`, whose hours replace those of the week."""

    date: Day
    until: Day | None = None
    name: Text
    hours: Spans

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.until and not ONE_DAY <= self.until - self.date <= LONGEST_SPECIAL:
            raise wrong((("until",), broken("until_too_far")))
        return self

    @property
    def dates(self) -> tuple[Day, ...]:
        length = ((self.until or self.date) - self.date).days + 1
        return tuple(self.date + timedelta(days=number) for number in range(length))


def _each_date_once(days: tuple[SpecialDay, ...]) -> tuple[SpecialDay, ...]:
    seen: set[date] = set()
    for number, day in enumerate(days):
        if twice := seen.intersection(day.dates):
            raise wrong(((number, "date"), broken("twice", name=str(min(twice)))))
        seen.update(day.dates)
    return days


SpecialDays = Annotated[
    tuple[SpecialDay, ...], Field(max_length=200), AfterValidator(_each_date_once)
]
Weekly = Annotated[
    Annotated[Week, Tag("week")] | Annotated[Literal["always", "never"], Tag("word")],
    Discriminator(lambda value: "week" if isinstance(value, dict | Week) else "word"),
]
ALL_DAY = (Span("00:00-24:00"),)


class Hours(Model):
    """Opening hours on the clocks of one time zone. Every `at` must be aware; answers are in UTC,
    because Python compares two times of one zone by their clocks alone.

    A span belongs to the day it starts on: a night shift that began before a holiday runs to its
    end on the holiday's morning, and a special day replaces only what would start on that date.
    It opens when the clocks first reach the start and closes when they last reach the end, so a
    shift goes on through the hour that the clocks repeat in autumn.
    """

    time_zone: TimeZone
    weekly: Weekly
    special_days: SpecialDays = ()

    def is_open(self, at: datetime) -> bool:
        now, today = self._now(at)
        return any(
            start <= now < end
            for day in (today - ONE_DAY, today)
            for start, end in self._intervals(day)
        )

    def closes_at(self, at: datetime) -> datetime | None:
        """When the opening that `at` lies in ends; None when closed at `at`, or it never ends."""
        now, today = self._now(at)
        for start, end in self._openings(today - ONE_DAY):
            if start > now:
                return None
            if now < end:
                return None if end == NO_END else end
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """The first moment after `at` at which it opens; None when it never does again."""
        now, today = self._now(at)
        for start, _ in self._openings(today - ONE_DAY):
            if start > now:
                return start
        return None

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between the two it is open: business time."""
        (reached, first), (finish, last) = self._now(start), self._now(end)
        total = timedelta(0)
        for number in range(-1, (last - first).days + 1):
            for opens, closes in self._intervals(first + number * ONE_DAY):
                opens, closes = max(opens, reached), min(closes, finish)
                if opens < closes:
                    total, reached = total + (closes - opens), closes
        return total

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def _week(self) -> tuple[tuple[Span, ...], ...]:
        if isinstance(self.weekly, Week):
            return self.weekly.days
        return (ALL_DAY if self.weekly == "always" else (),) * 7

    @cached_property
    def _special(self) -> dict[date, tuple[Span, ...]]:
        return {day: special.hours for special in self.special_days for day in special.dates}

    @cached_property
    def _minutes_a_week(self) -> int:
        return sum(span.end - span.start for spans in self._week for span in spans)

    def _now(self, at: datetime) -> tuple[datetime, date]:
        if at.tzinfo is None:
            raise ValueError("opening hours need an aware datetime")
        return at.astimezone(UTC), at.astimezone(self._zone).date()

    def _openings(self, first: date) -> Iterator[Interval]:
        """Openings that start on `first` or later, in order, those that touch joined."""
        joined: Interval | None = None
        for day in self._days_that_matter(first):
            for start, end in self._intervals(day):
                if joined and start <= joined[1]:
                    joined = joined[0], max(joined[1], end)
                    continue
                if joined:
                    yield joined
                joined = start, end
        if joined:
            yield (joined[0], NO_END) if self._minutes_a_week == 7 * MINUTES_A_DAY else joined

    def _days_that_matter(self, first: date) -> Iterator[date]:
        """Days in order, until nothing but the same week can follow."""
        if not self._minutes_a_week:
            yield from sorted(day for day in self._special if day >= first)
            return
        last = max([first, *self._special]) + timedelta(days=8)
        for number in range((last - first).days + 1):
            yield first + timedelta(days=number)

    def _intervals(self, day: date) -> list[Interval]:
        spans = self._special.get(day)
        return _instants(self._week[day.weekday()] if spans is None else spans, day, self._zone)


@lru_cache(maxsize=4096)
def _instants(spans: tuple[Span, ...], day: date, zone: ZoneInfo) -> list[Interval]:
    """When the spans of a day begin and end; one that the clocks skip as a whole is left out."""
    midnight = datetime.combine(day, time())
    found = (
        (
            _first_reached(midnight + timedelta(minutes=span.start), zone),
            _last_reached(midnight + timedelta(minutes=span.end), zone),
        )
        for span in spans
    )
    return sorted((start, end) for start, end in found if start < end)


def _first_reached(clock: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks in the zone show `clock` or later."""
    before, after = clock.replace(tzinfo=zone, fold=0), clock.replace(tzinfo=zone, fold=1)
    if _skipped(before, after):
        return _change_between(after.astimezone(UTC), before.astimezone(UTC), zone)
    return before.astimezone(UTC)


def _last_reached(clock: datetime, zone: ZoneInfo) -> datetime:
    """The instant from which clocks in the zone show `clock` or later for good."""
    before, after = clock.replace(tzinfo=zone, fold=0), clock.replace(tzinfo=zone, fold=1)
    if _skipped(before, after):
        return _change_between(after.astimezone(UTC), before.astimezone(UTC), zone)
    last = after.astimezone(UTC)
    shown_before = (last - timedelta.resolution).astimezone(zone).replace(tzinfo=None)
    # Clocks go back exactly to `clock`: what ends at 02:00 is over before they do.
    return before.astimezone(UTC) if shown_before > clock else last


def _skipped(before: datetime, after: datetime) -> bool:
    """Clocks go forward over this time; the two are it read by the offsets around the change."""
    earlier, later = before.utcoffset(), after.utcoffset()
    return earlier is not None and later is not None and earlier < later


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The second at which the zone's offset changes, by halving."""
    offset = late.astimezone(zone).utcoffset()
    low, high = int(early.timestamp()), int(late.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)
