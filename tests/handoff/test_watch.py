"""What nobody did is seen, in business time, and the customer hears the truth."""

from datetime import timedelta

import pytest

from handoff.models import Action, Status
from storage.database import Database
from tests.handoff.office import MEI, MONDAY, RAJ, SUNDAY, Office


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def looks(office: Office, minutes: float) -> None:
    await office.database.write(office.watch.look, MONDAY + timedelta(minutes=minutes))


async def test_unclaimed_it_reminds_then_widens_then_tells_each_once(office: Office) -> None:
    handoff_id = await office.asks()
    for minutes in (1, 4, 5, 6, 10, 11, 15, 16, 40):
        await looks(office, minutes)
    assert office.actions() == [Action.REQUEST, Action.REMIND, Action.WIDEN, Action.LATE]
    assert (await office.handoff(handoff_id)).widened
    assert (await office.log())[-1].startswith("<still_waiting")


async def test_outside_the_hours_no_time_passes(office: Office) -> None:
    await office.asks(now=SUNDAY)
    await office.database.write(office.watch.look, SUNDAY + timedelta(hours=9))
    assert office.actions() == [Action.REQUEST]
    await looks(office, -55)  # Monday, 9:05
    assert office.actions() == [Action.REQUEST, Action.REMIND]


async def test_an_agent_gone_for_the_grace_time_loses_the_conversation(office: Office) -> None:
    handoff_id = await office.asks()
    await office.is_at_the_desk(MEI)
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    await looks(office, 0.9)
    assert (await office.handoff(handoff_id)).status is Status.ACTIVE
    await looks(office, 1.1)
    assert (await office.handoff(handoff_id)).status is Status.WAITING
    assert (await office.log())[-1] == "<agent_away agent=Mei,minutes=0,place=1,present=0>"


async def test_after_a_start_the_agents_pages_have_the_grace_time_to_come_back(
    office: Office,
) -> None:
    handoff_id = await office.asks()
    await office.is_at_the_desk(MEI)
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    began = MONDAY + timedelta(minutes=10)
    for seconds, status in ((0, Status.ACTIVE), (60, Status.ACTIVE), (61, Status.WAITING)):
        at = began + timedelta(seconds=seconds)
        await office.database.write(office.watch.look, at, began)
        assert (await office.handoff(handoff_id)).status is status


async def test_given_to_somebody_who_never_came_it_waits_again(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.assign, handoff_id, MEI, RAJ, MONDAY)
    await looks(office, 0.9)
    assert (await office.handoff(handoff_id)).status is Status.ACTIVE
    await looks(office, 1.1)
    assert (await office.handoff(handoff_id)).status is Status.WAITING


@pytest.mark.parametrize("how", ["given back", "agent gone", "written again"])
async def test_each_time_it_begins_to_wait_the_minutes_begin_anew(office: Office, how: str) -> None:
    handoff_id = await office.asks()
    await looks(office, 15)
    await office.is_at_the_desk(MEI, now=MONDAY + timedelta(minutes=16))
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY + timedelta(minutes=16))
    again = MONDAY + timedelta(hours=2)
    if how == "given back":
        await office.database.write(office.desk.give_back, handoff_id, MEI, "", again)
    elif how == "agent gone":
        await office.database.write(office.watch.look, again)
    else:
        await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", again)
        number = await office.says("one more thing", now=again)
        await office.database.write(office.customers.reopen, "carla", number, again)
    assert (await office.handoff(handoff_id)).status is Status.WAITING
    office.heard.clear()
    for minutes in (4, 5, 10, 15, 16):
        await office.database.write(office.watch.look, again + timedelta(minutes=minutes))
    assert office.actions() == [Action.REMIND, Action.WIDEN, Action.LATE]
    told = [line for line in await office.log() if line.startswith("<still_waiting")]
    assert len(told) == 2


async def test_a_message_left_is_reminded_of_every_open_day_and_never_expires(
    office: Office,
) -> None:
    handoff_id = await office.asks(now=SUNDAY)
    await office.database.write(office.customers.leave_contact, "carla", "ann@example.com", SUNDAY)
    office.heard.clear()
    await looks(office, -50)  # Monday, 9:10
    await looks(office, 60)
    assert office.actions() == [Action.WIDEN]
    for day in range(1, 22):
        for hours in (-1, 0, 12):
            await office.database.write(
                office.watch.look, MONDAY + timedelta(days=day, hours=hours)
            )
    handoff = await office.handoff(handoff_id)
    assert (handoff.status, handoff.contact) == (Status.WAITING, "ann@example.com")
    assert office.actions() == [Action.WIDEN, *[Action.REMIND] * 18]  # three Sundays are closed
    assert (await office.log())[-1] == "<contact_kept contact=ann@example.com>"


async def test_whoever_comes_to_the_front_hears_it_once(office: Office) -> None:
    """However those before them went, and whoever goes behind them."""
    asked = [
        await office.asks(who, MONDAY + timedelta(seconds=at)) for at, who in enumerate("abcdefg")
    ]
    await looks(office, 1)
    later = MONDAY + timedelta(minutes=2)
    write = office.database.write

    async def told() -> str:
        await looks(office, 2)
        await looks(office, 3)
        return "".join(
            [who * (await office.log(who)).count("<next_in_queue>") for who in "abcdefg"]
        )

    assert await told() == ""  # who asked first was told the place
    await write(office.desk.claim, asked[2], MEI, later)
    assert await told() == ""
    await write(office.desk.assign, asked[0], MEI, RAJ, later)
    assert await told() == "b"
    await write(office.customers.leave_queue, "b", later)
    assert await told() == "bd"
    await write(office.customers.leave_contact, "d", "d@example.com", later)
    assert await told() == "bde"
    await write(office.desk.prioritise, asked[6], MEI, 2, later)
    assert await told() == "bdeg"
    await write(office.desk.claim, asked[6], MEI, later)
    await write(office.desk.claim, asked[5], MEI, later)
    assert await told() == "bdeg"


async def test_who_was_helped_and_then_expires_is_asked_how_the_help_was(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    await office.database.write(office.desk.give_back, handoff_id, MEI, "", MONDAY)
    await office.database.write(office.watch.look, MONDAY + timedelta(days=1))
    await office.database.write(office.watch.look, MONDAY + timedelta(days=16))
    assert (await office.log())[-2:] == ["<expired>", "<rate_help>"]


async def test_a_snooze_ends_in_time_or_with_the_customers_next_word(office: Office) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    until = MONDAY + timedelta(hours=1)
    await office.database.write(office.desk.snooze, handoff_id, MEI, until, MONDAY)
    await looks(office, 59)
    assert (await office.handoff(handoff_id)).snoozed_until
    await looks(office, 60)
    assert not (await office.handoff(handoff_id)).snoozed_until
    later = MONDAY + timedelta(hours=2)
    await office.database.write(office.desk.snooze, handoff_id, MEI, later, until)
    await office.says("hello?", now=until)
    assert not (await office.handoff(handoff_id)).snoozed_until


async def test_what_nobody_takes_for_two_weeks_expires_and_says_so(office: Office) -> None:
    handoff_id = await office.asks()
    await looks(office, 15)
    await office.database.write(office.watch.look, MONDAY + timedelta(days=15))
    assert (await office.handoff(handoff_id)).status is Status.EXPIRED
    assert (await office.log())[-1] == "<expired>"
