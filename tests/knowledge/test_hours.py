from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.hours import WEEKDAYS, Hours, Span

OFFICE = ["09:00-18:00"]
NIGHT = ["22:00-02:00"]


def hours(
    zone: str,
    weekly: str | Sequence[str] | Mapping[str, Sequence[str]],
    special: Mapping[str, Sequence[str]] | None = None,
) -> Hours:
    """Hours of a zone: the same spans every day, or those of the days named, or a word."""
    week: Any = weekly
    if isinstance(weekly, Mapping):
        week = {day: list(weekly.get(day, ())) for day in WEEKDAYS}
    elif not isinstance(weekly, str):
        week = {day: list(weekly) for day in WEEKDAYS}
    days = [
        {"date": day, "name": {"en": "Holiday", "zh": "假日"}, "hours": list(spans)}
        for day, spans in (special or {}).items()
    ]
    return Hours.model_validate({"time_zone": zone, "weekly": week, "special_days": days})


def berlin(*given: Any) -> Hours:
    return hours("Europe/Berlin", *given)


def singapore(*given: Any) -> Hours:
    return hours("Asia/Singapore", *given)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SPLIT = ["09:00-12:00", "13:00-18:00"]
LATE = ["00:00-06:00", "22:00-24:00"]
LONG_EVE = {"2026-12-31": ["20:00-03:00"]}
CLOSED: dict[str, list[str]] = {"2026-12-25": []}
EXTRA = {"2026-12-25": OFFICE}
BERLIN_NIGHT = berlin(NIGHT)
BERLIN_OFFICE = berlin(OFFICE)
SINGAPORE = singapore(
    {**dict.fromkeys(WEEKDAYS[:5], OFFICE), "saturday": ["09:00-13:00"]},
    {"2026-12-25": [], "2026-12-31": ["09:00-13:00"], "2027-01-01": []},
)


@pytest.mark.parametrize(
    ("where", "moment", "is_open"),
    [
        # Germany, clocks go from 02:00 to 03:00: 22:00-02:00 lasts its four hours.
        (BERLIN_NIGHT, "2026-03-28T21:59:59+01:00", False),
        (BERLIN_NIGHT, "2026-03-28T22:00:00+01:00", True),
        (BERLIN_NIGHT, "2026-03-29T01:59:59+01:00", True),
        (BERLIN_NIGHT, "2026-03-29T03:00:00+02:00", False),
        (BERLIN_NIGHT, "2026-03-29T21:59:59+02:00", False),
        (BERLIN_NIGHT, "2026-03-29T22:00:00+02:00", True),
        # And back from 03:00 to 02:00: it is over the first time the clocks show 02:00.
        (BERLIN_NIGHT, "2026-10-24T22:00:00+02:00", True),
        (BERLIN_NIGHT, "2026-10-25T01:59:59+02:00", True),
        (BERLIN_NIGHT, "2026-10-25T02:00:00+02:00", False),
        (BERLIN_NIGHT, "2026-10-25T02:00:00+01:00", False),
        (BERLIN_NIGHT, "2026-10-25T22:00:00+01:00", True),
        (BERLIN_OFFICE, "2026-03-29T09:00:00+02:00", True),
        (BERLIN_OFFICE, "2026-03-29T08:59:59+02:00", False),
        (BERLIN_OFFICE, "2026-10-25T09:00:00+01:00", True),
        (BERLIN_OFFICE, "2026-10-25T17:59:59+01:00", True),
        (BERLIN_OFFICE, "2026-10-25T18:00:00+01:00", False),
        # A shift that ends inside the hour that is there twice goes on through it.
        (berlin(["22:00-02:30"]), "2026-10-25T02:45:00+02:00", True),
        (berlin(["22:00-02:30"]), "2026-10-25T02:29:00+01:00", True),
        (berlin(["22:00-02:30"]), "2026-10-25T02:30:00+01:00", False),
        # Inside the hour that is not there: an end or a start falls on the change itself.
        (berlin(["22:00-02:30"]), "2026-03-29T03:00:00+02:00", False),
        (berlin(["02:30-06:00"]), "2026-03-29T01:59:00+01:00", False),
        (berlin(["02:30-06:00"]), "2026-03-29T03:00:00+02:00", True),
        (berlin(["02:10-02:50"]), "2026-03-29T03:00:00+02:00", False),
        # Zones of half and three quarters of an hour.
        (hours("Asia/Kolkata", OFFICE), "2026-06-01T03:29:59+00:00", False),
        (hours("Asia/Kolkata", OFFICE), "2026-06-01T03:30:00+00:00", True),
        (hours("Asia/Kathmandu", OFFICE), "2026-06-01T03:14:59+00:00", False),
        (hours("Asia/Kathmandu", OFFICE), "2026-06-01T03:15:00+00:00", True),
        # South of the equator summer time ends in April; Lord Howe changes by half an hour.
        (hours("Australia/Sydney", NIGHT), "2026-04-05T01:59:59+11:00", True),
        (hours("Australia/Sydney", NIGHT), "2026-04-05T02:00:00+11:00", False),
        (hours("Australia/Sydney", NIGHT), "2026-04-05T02:00:00+10:00", False),
        (hours("Australia/Sydney", NIGHT), "2026-10-04T01:59:59+10:00", True),
        (hours("Australia/Sydney", NIGHT), "2026-10-04T03:00:00+11:00", False),
        (hours("Australia/Lord_Howe", ["02:15-06:00"]), "2026-10-04T02:30:00+11:00", True),
        (hours("Australia/Lord_Howe", ["02:15-06:00"]), "2026-10-04T01:59:00+10:30", False),
        # Clocks that change at midnight.
        (hours("Africa/Cairo", ["00:00-08:00"]), "2026-04-24T01:00:00+03:00", True),
        (hours("Africa/Cairo", ["00:00-08:00"]), "2026-04-23T23:59:00+02:00", False),
        # The whole day, and up to midnight.
        (singapore(["00:00-24:00"]), "2026-11-22T00:00:00+08:00", True),
        (singapore(["00:00-24:00"]), "2026-11-21T23:59:59+08:00", True),
        (singapore({"monday": ["20:00-24:00"]}), "2026-11-23T23:59:59+08:00", True),
        (singapore({"monday": ["20:00-24:00"]}), "2026-11-24T00:00:00+08:00", False),
        # Several spans a day, asked from elsewhere.
        (singapore(SPLIT), "2026-11-23T12:30:00+08:00", False),
        (singapore(SPLIT), "2026-11-23T05:00:00+00:00", True),
        # Special days replace the weekday's hours.
        (SINGAPORE, "2026-12-25T10:00:00+08:00", False),
        (SINGAPORE, "2026-12-31T12:59:00+08:00", True),
        (SINGAPORE, "2026-12-31T13:00:00+08:00", False),
        (SINGAPORE, "2026-12-24T17:59:00+08:00", True),
        (singapore("always"), "2026-12-25T03:00:00+08:00", True),
        (singapore("always", CLOSED), "2026-12-25T03:00:00+08:00", False),
        (singapore("never"), "2026-12-25T03:00:00+08:00", False),
        (singapore("never", EXTRA), "2026-12-25T09:00:00+08:00", True),
        # Yesterday's night shift runs to its end on the holiday's morning; tonight's is off.
        (berlin(NIGHT, CLOSED), "2026-12-25T01:59:00+01:00", True),
        (berlin(NIGHT, CLOSED), "2026-12-25T02:00:00+01:00", False),
        (berlin(NIGHT, CLOSED), "2026-12-25T22:30:00+01:00", False),
        (berlin(NIGHT, CLOSED), "2026-12-26T01:00:00+01:00", False),
        # A special night runs past midnight into a day of the week.
        (berlin(OFFICE, LONG_EVE), "2027-01-01T02:59:00+01:00", True),
        (berlin(OFFICE, LONG_EVE), "2026-12-31T10:00:00+01:00", False),
        # A day that a zone skipped altogether.
        (hours("Pacific/Apia", {"friday": OFFICE}), "2011-12-30T20:00:00+00:00", False),
    ],
)  # fmt: skip
def test_it_is_open_by_the_clocks_of_the_zone(where: Hours, moment: str, is_open: bool) -> None:
    assert where.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("where", "moment", "opens"),
    [
        (SINGAPORE, "2026-11-22T12:00:00+08:00", "2026-11-23T09:00:00+08:00"),
        (SINGAPORE, "2026-11-21T13:00:00+08:00", "2026-11-23T09:00:00+08:00"),
        (SINGAPORE, "2026-11-23T08:59:59+08:00", "2026-11-23T09:00:00+08:00"),
        (SINGAPORE, "2026-11-23T10:00:00+08:00", "2026-11-24T09:00:00+08:00"),
        (SINGAPORE, "2026-12-24T18:00:00+08:00", "2026-12-26T09:00:00+08:00"),
        (SINGAPORE, "2026-12-31T13:00:00+08:00", "2027-01-02T09:00:00+08:00"),
        (BERLIN_NIGHT, "2026-03-29T03:30:00+02:00", "2026-03-29T22:00:00+02:00"),
        (BERLIN_NIGHT, "2026-10-25T02:30:00+02:00", "2026-10-25T22:00:00+01:00"),
        (BERLIN_OFFICE, "2026-03-28T18:00:00+01:00", "2026-03-29T09:00:00+02:00"),
        (BERLIN_OFFICE, "2026-10-24T18:00:00+02:00", "2026-10-25T09:00:00+01:00"),
        (berlin(["02:30-06:00"]), "2026-03-29T00:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        (berlin(["02:30-06:00"]), "2026-10-25T00:00:00+02:00", "2026-10-25T02:30:00+02:00"),
        (hours("Asia/Kolkata", OFFICE), "2026-06-01T00:00:00+00:00", "2026-06-01T09:00:00+05:30"),
        (singapore(SPLIT), "2026-11-23T12:30:00+08:00", "2026-11-23T13:00:00+08:00"),
        (singapore("always"), "2026-11-23T12:30:00+08:00", None),
        (singapore(["00:00-24:00"]), "2026-11-23T12:30:00+08:00", None),
        (singapore("never"), "2026-11-23T12:30:00+08:00", None),
        (singapore([]), "2026-11-23T12:30:00+08:00", None),
        (singapore("always", CLOSED), "2026-11-23T12:30:00+08:00", "2026-12-26T00:00:00+08:00"),
        (singapore("never", EXTRA), "2026-11-23T12:30:00+08:00", "2026-12-25T09:00:00+08:00"),
        (singapore("never", EXTRA), "2026-12-26T12:30:00+08:00", None),
        (singapore({"monday": OFFICE}), "2026-11-23T18:00:00+08:00", "2026-11-30T09:00:00+08:00"),
        # The next span would start on a holiday, though the night shift is still at work.
        (berlin(NIGHT, CLOSED), "2026-12-25T01:00:00+01:00", "2026-12-26T22:00:00+01:00"),
    ],
)  # fmt: skip
def test_it_tells_the_next_opening(where: Hours, moment: str, opens: str | None) -> None:
    found = where.next_opening(at(moment))

    assert found == (opens and at(opens).astimezone(UTC))
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("where", "moment", "closes"),
    [
        (SINGAPORE, "2026-11-23T10:00:00+08:00", "2026-11-23T18:00:00+08:00"),
        (SINGAPORE, "2026-11-22T10:00:00+08:00", None),
        (BERLIN_NIGHT, "2026-03-28T23:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        (BERLIN_NIGHT, "2026-10-24T23:00:00+02:00", "2026-10-25T02:00:00+02:00"),
        (singapore(LATE), "2026-11-23T23:00:00+08:00", "2026-11-24T06:00:00+08:00"),
        (singapore("always"), "2026-11-23T23:00:00+08:00", None),
        (singapore("always", CLOSED), "2026-11-23T23:00:00+08:00", "2026-12-25T00:00:00+08:00"),
    ],
)  # fmt: skip
def test_it_tells_when_it_closes(where: Hours, moment: str, closes: str | None) -> None:
    assert where.closes_at(at(moment)) == (closes and at(closes).astimezone(UTC))


def test_it_finds_the_opening_after_weeks_of_being_closed() -> None:
    closed = {"date": "2026-12-14", "until": "2027-01-31", "name": {"en": "Move", "zh": "搬迁"}}
    where = Hours.model_validate(
        {
            **BERLIN_OFFICE.model_dump(mode="json"),
            "special_days": [{**closed, "hours": []}],
        }
    )

    assert where.next_opening(at("2026-12-14T00:00:00+01:00")) == at("2027-02-01T09:00:00+01:00")
    assert not where.is_open(at("2027-01-31T12:00:00+01:00"))


def test_it_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="aware"):
        SINGAPORE.is_open(datetime(2026, 11, 23, 10, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    "span",
    ["9:00-18:00", "09:00", "09:00-25:00", "09:60-10:00", "24:00-08:00", "09:00-24:30",
     "09:00-09:00", "09:00–18:00", "morning", ""],
)  # fmt: skip
def test_it_refuses_what_is_no_span(span: str) -> None:
    with pytest.raises(ValueError, match="write"):
        Span(span)


@pytest.mark.parametrize("span", ["09:00-18:00", "22:00-02:00", "00:00-24:00", "22:00-24:00"])
def test_a_span_is_written_as_it_was_read(span: str) -> None:
    assert str(Span(span)) == span


@pytest.mark.parametrize(
    ("weekly", "special", "message"),
    [
        (["09:00-12:00", "11:00-14:00"], {}, "09:00-12:00 and 11:00-14:00 overlap"),
        (["22:00-02:00", "23:00-24:00"], {}, "overlap"),
        ({"monday": NIGHT, "tuesday": ["01:00-05:00"]}, {}, "22:00-02:00 of monday runs into"),
        ({"sunday": NIGHT, "monday": ["00:00-24:00"]}, {}, "22:00-02:00 of sunday runs into"),
        (OFFICE, {"2026-12-25": ["09:00-12:00", "10:00-11:00"]}, "overlap"),
    ],
)
def test_it_refuses_spans_that_overlap(
    weekly: Any, special: Mapping[str, Sequence[str]], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        singapore(weekly, special)


moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(
    ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/St_Johns", "Asia/Singapore"]
)
a_day = st.sampled_from(
    [[], OFFICE, NIGHT, ["00:00-24:00"], ["02:30-03:30"], ["06:00-12:00", "23:30-00:30"]]
)


@settings(deadline=None)
@given(moments, zones, a_day, a_day)
def test_opening_and_closing_agree_with_being_open(
    moment: datetime, zone: str, week: list[str], special: list[str]
) -> None:
    where = hours(zone, week, {moment.date().isoformat(): special})
    instant = timedelta(microseconds=1)

    opens, closes = where.next_opening(moment), where.closes_at(moment)

    if opens is not None:
        assert opens > moment and where.is_open(opens) and not where.is_open(opens - instant)
    if closes is not None:
        assert where.is_open(moment) and where.is_open(closes - instant)
        assert not where.is_open(closes)
        assert opens is None or opens > closes


def test_a_special_day_can_last_several_dates() -> None:
    (day,) = singapore(OFFICE, {"2026-12-24": []}).special_days

    assert day.dates == (date(2026, 12, 24),)
    assert len(day.model_copy(update={"until": date(2026, 12, 31)}).dates) == 8
