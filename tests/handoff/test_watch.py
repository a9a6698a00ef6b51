"""What nobody did is seen, in business time, and the customer hears the truth."""

from datetime import timedelta

import pytest

from handoff.models import Action, Status
from storage.database import Database
from tests.handoff.office import MEI, MONDAY, SUNDAY, Office


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
    assert (await office.log())[-1] == "<agent_away agent=Mei>"


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
