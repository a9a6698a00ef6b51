"""Every figure is made of the rows that its definition names, and of no others."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import yaml

from handoff import reports
from handoff.models import LeaveContact, RateHelp
from handoff.reports import FIGURES, Case, Report, Scope, Spread
from storage.database import Database
from tests.handoff.office import MEI, MONDAY, POLICY, RAJ, Office
from web.rendering import HERE

ZONE = ZoneInfo("Asia/Singapore")
WEEK = Scope(MONDAY - timedelta(days=7), MONDAY + timedelta(days=7))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def report(office: Office, scope: Scope = WEEK) -> Report:
    return await office.database.read(reports.report, scope, POLICY.open_time, ZONE)


async def ids(office: Office, figure: str, scope: Scope = WEEK) -> list[str]:
    found: list[Case] = await office.database.read(reports.cases, FIGURES[figure], scope)
    return [case.id for case in found]


async def helped(office: Office, who: str, claim: int, reply: int, score: int = 0) -> str:
    """Asked on Monday morning; taken and replied to after so many minutes, then closed."""
    handoff = await office.asks(who)
    write, desk = office.database.write, office.desk
    await write(desk.claim, handoff, MEI, MONDAY + claim * MINUTE)
    await write(desk.say, handoff, MEI, "Hello", "1", MONDAY + reply * MINUTE)
    await write(desk.resolve, handoff, MEI, "answered", MONDAY + 60 * MINUTE)
    if score:
        rating = RateHelp(handoff, score, "Fine" if score > 3 else "")
        await write(office.customers.rate, who, rating, MONDAY + 61 * MINUTE)
    return handoff


async def test_each_figure_finds_its_rows(office: Office) -> None:
    write, customers = office.database.write, office.customers
    old = await office.asks("old", MONDAY - timedelta(days=30))
    await write(office.watch.look, MONDAY - timedelta(days=29))
    await write(office.watch.look, MONDAY - timedelta(days=1))
    waits = await office.asks("waits")
    left = await office.asks("left")
    await write(customers.leave_contact, "left", "carla@shop.example", MONDAY)
    stopped = await office.asks("stopped")
    await write(customers.leave_queue, "stopped", MONDAY + MINUTE)
    done = await helped(office, "done", 2, 3, score=5)
    again = await helped(office, "again", 4, 6)
    await write(customers.reopen, "again", 1, MONDAY + 70 * MINUTE)
    expected = {
        "waiting": [again, waits],
        "requests": [again, done, left, stopped, waits],
        "claim": [again, done],
        "reply": [again, done],
        "resolved": [done],
        "abandoned": [stopped],
        "expired": [],
        "reopened": [again],
        "left": [left],
        "satisfaction": [done],
        "comments": [done],
        "late": [],
    }
    assert {name: sorted(await ids(office, name)) for name in FIGURES} == expected
    month = Scope(MONDAY - timedelta(days=31), MONDAY)
    assert await ids(office, "expired", month) == [old]


async def test_waiting_is_about_now_whatever_the_period(office: Office) -> None:
    waits = await office.asks()
    assert await ids(office, "waiting", Scope(MONDAY, MONDAY)) == [waits]
    assert await ids(office, "requests", Scope(MONDAY, MONDAY)) == []


async def test_who_was_told_that_it_takes_longer(office: Office) -> None:
    waits = await office.asks()
    await office.database.write(office.watch.look, MONDAY + 20 * MINUTE)
    assert await ids(office, "late") == [waits]


async def test_half_and_nine_of_ten(office: Office) -> None:
    for number in range(1, 11):
        await helped(office, f"c{number}", claim=number, reply=2 * number)
    found = await report(office)
    assert found.claim.wall == Spread(5.5 * MINUTE, 9 * MINUTE)
    assert found.reply.wall == Spread(11 * MINUTE, 18 * MINUTE)
    assert found.claim.open == found.claim.wall


async def test_closed_hours_count_by_the_clock_alone(office: Office) -> None:
    """Asked on Sunday at 10:00, taken on Monday at 10:00, an hour after opening."""
    handoff = await office.asks(now=MONDAY - timedelta(days=1))
    await office.database.write(office.desk.claim, handoff, MEI, MONDAY)
    found = await report(office)
    assert found.claim.wall == Spread(timedelta(days=1), timedelta(days=1))
    assert found.claim.open == Spread(timedelta(hours=1), timedelta(hours=1))
    assert found.reply.wall is None


async def test_a_message_left_does_not_wait(office: Office) -> None:
    left = await office.asks()
    wish = LeaveContact("carla@shop.example")
    await office.database.write(
        office.customers.leave_contact, "carla", wish.contact, MONDAY + MINUTE
    )
    await office.database.write(office.desk.claim, left, MEI, MONDAY + timedelta(hours=3))
    found = await report(office)
    assert found.claim.wall is None
    assert [case.id for case in found.found["left"]] == [left]


async def test_ratings_their_mean_and_who_earned_them(office: Office) -> None:
    for who, score in (("a", 5), ("b", 4), ("c", 2), ("d", 0)):
        await helped(office, who, 1, 2, score)
    other = await office.asks("e", topic="support")
    await office.database.write(office.desk.claim, other, RAJ, MONDAY)
    found = await report(office)
    assert round(found.score, 2) == 3.67
    assert found.scores == {5: 1, 4: 1, 3: 0, 2: 1, 1: 0}
    assert [(each.name, each.requests, each.ratings) for each in found.agents] == [
        ("Mei", 4, 3),
        ("Raj", 1, 0),
    ]
    assert sum(each.requests for each in found.roles) == 5


async def test_days_are_those_of_the_partners_clocks(office: Office) -> None:
    late_evening = MONDAY.replace(hour=15, minute=59)  # 23:59 in Singapore
    await office.asks("a", late_evening)
    await office.asks("b", late_evening + MINUTE)
    midnight = MONDAY.astimezone(ZONE).replace(hour=0)
    found = await report(office, Scope(midnight, midnight + timedelta(days=3)))
    assert [str(day) for day in found.days] == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert list(found.days.values()) == [1, 1, 0]


async def test_filters_narrow_every_figure(office: Office) -> None:
    web, teams = await office.asks("a"), await office.asks("b", channel="msteams")
    rated = await helped(office, "c", 1, 2, score=4)
    assert await ids(office, "requests", Scope(WEEK.start, WEEK.end, channel="msteams")) == [teams]
    assert await ids(office, "requests", Scope(WEEK.start, WEEK.end, agent=MEI.id)) == [rated]
    assert await ids(office, "requests", Scope(WEEK.start, WEEK.end, score=4)) == [rated]
    assert await ids(office, "waiting", Scope(WEEK.start, WEEK.end, channel="web")) == [web]
    assert await ids(office, "requests", Scope(WEEK.start, WEEK.end, reason="error")) == []
    chosen = await office.database.read(reports.choices)
    assert chosen["channel"] == ["msteams", "web"]
    assert chosen["language"] == ["en"]


async def test_every_number_is_made_of_the_rows_behind_it(office: Office) -> None:
    for number in range(6):
        await helped(office, f"c{number}", 1, 2, score=number % 3 + 3)
    found = await report(office)
    assert sum(found.days.values()) == len(found.found["requests"])
    assert sum(found.reasons.values()) == len(found.found["requests"])
    assert sum(found.scores.values()) == len(found.found["satisfaction"])
    for name in FIGURES:
        assert [case.id for case in found.found[name]] == await ids(office, name)


def test_every_figure_has_a_name_and_a_definition_and_every_definition_a_figure() -> None:
    words = yaml.safe_load((HERE / "words/reports.yaml").read_text(encoding="utf-8"))
    named = {key.split(".")[2] for key in words if key.startswith("reports.figure.")}
    assert named == set(FIGURES)
    for name in named:
        assert words[f"reports.figure.{name}"] and words[f"reports.figure.{name}.means"]
