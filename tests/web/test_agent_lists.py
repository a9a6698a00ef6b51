"""Which conversations an agent sees, in which view, and what a search finds."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from handoff import lists
from handoff.lists import Asked, View
from handoff.models import Agent, NotFound
from storage.database import Connection, Database
from tests.handoff.office import ADA, MEI, MONDAY, RAJ, Office

TOPICS = ("payments", "subscriptions", "support")
SAM = Agent("p-sam", "Sam", frozenset({"sales_agent"}))
NOBODY = Agent("p-none", "Nobody")


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


async def ids(office: Office, agent: Agent, view: View = View.ALL, **asked: Any) -> list[str]:
    found = await office.database.read(lists.listed, agent, Asked(view, **asked))
    return [one.handoff.id for one in found]


async def test_what_is_listed_is_what_an_agent_may_see(office: Office) -> None:
    made = [await office.asks(f"{topic}-{n}", topic=topic) for topic, n in product(TOPICS, "123")]
    widen = "UPDATE handoffs SET widened = 1 WHERE id = %(id)s"
    await office.database.write(lambda connection: connection.execute(widen, id=made[0]))
    await office.database.write(office.desk.assign, made[3], ADA, RAJ, MONDAY)
    for agent in (MEI, RAJ, SAM, ADA, NOBODY):
        seen = {one for one in made if agent.may_see(await office.handoff(one))}
        assert set(await ids(office, agent)) == seen, agent
        for one in made:
            assert (one in seen) == await office.database.read(_is_visible, agent, one)
        counts = await office.database.read(lists.counts, agent)
        assert counts["all"] == len(seen)


async def test_each_view_has_its_own(office: Office) -> None:
    waits, mine, sleeps, left, passed, done = [
        await office.asks(name) for name in ("waits", "mine", "sleeps", "left", "passed", "done")
    ]
    write, desk = office.database.write, office.desk
    for one in (mine, sleeps, passed, done):
        await write(desk.claim, one, MEI, MONDAY)
    await write(desk.snooze, sleeps, MEI, MONDAY + timedelta(hours=1), MONDAY)
    await write(office.customers.leave_contact, "left", "a@b.example", MONDAY)
    begin = office.escalations.begin
    await write(begin, passed, MEI, "commercial", "REF-77", "Why?", MONDAY)
    await write(desk.resolve, done, MEI, "answered", MONDAY)
    expected = {
        View.MINE: {mine, passed},
        View.UNASSIGNED: {waits},
        View.ALL: {waits, mine, left, passed},
        View.SNOOZED: {sleeps},
        View.MESSAGES: {left},
        View.ESCALATED: {passed},
        View.RESOLVED: {done},
    }
    for view, handoffs in expected.items():
        assert set(await ids(office, MEI, view)) == handoffs, view
    counts = await office.database.read(lists.counts, MEI)
    assert {view: counts[view] for view in View if view in counts} == {
        view: len(handoffs) for view, handoffs in expected.items() if view is not View.RESOLVED
    }


async def test_the_urgent_come_first_and_then_who_asked_first(office: Office) -> None:
    for minute, name in enumerate(("first", "second", "urgent")):
        await office.asks(name, MONDAY + timedelta(minutes=minute))
    await office.database.write(office.desk.prioritise, "urgent|1", MEI, 2, MONDAY)
    assert await ids(office, MEI, View.UNASSIGNED) == ["urgent|1", "first|1", "second|1"]


async def test_the_last_words_are_the_customer_s_or_an_agent_s(office: Office) -> None:
    handoff = await office.asks()
    await office.says("Are you there?")
    [one] = await office.database.read(lists.listed, MEI, Asked(View.ALL))
    assert (one.words, one.author, one.awaits) == ("Are you there?", "customer", True)
    await office.database.write(office.desk.claim, handoff, MEI, MONDAY)
    assert (await office.database.read(lists.counts, MEI))["awaiting"] == 1
    await office.database.write(office.desk.say, handoff, MEI, "Yes.", "client-1", MONDAY)
    [one] = await office.database.read(lists.listed, MEI, Asked(View.ALL))
    assert (one.words, one.author, one.awaits) == ("Yes.", "agent", False)
    assert (await office.database.read(lists.counts, MEI))["awaiting"] == 0


@pytest.mark.parametrize(
    "words",
    ["SURCHARGE", "the surcharge", "100% sure", 'said "no"', "付款", "Carla", "p-77", "vip", "Mei"],
)
async def test_a_search_finds_what_was_said_and_people(office: Office, words: str) -> None:
    handoff = await office.asks()
    await office.asks("other")
    await office.says('What is the surcharge? I am 100% sure he said "no". 付款')
    await office.database.write(office.desk.claim, handoff, MEI, MONDAY)
    await office.database.write(office.desk.label, handoff, MEI, ["VIP"], MONDAY)
    begin = office.escalations.begin
    await office.database.write(begin, handoff, MEI, "commercial", "P-77", "Why?", MONDAY)
    await office.database.write(office.desk.resolve, handoff, MEI, "answered", MONDAY)
    assert await ids(office, MEI, View.UNASSIGNED, words=words) == [handoff]
    assert await ids(office, SAM, words=words) == []


@pytest.mark.parametrize("words", ["textFormat", "type", "%", "__", "message", "!", "100_", "'"])
async def test_a_search_is_not_misled_by_signs_and_by_how_texts_are_kept(
    office: Office, words: str
) -> None:
    await office.asks()
    await office.says("Nothing of the kind")
    assert await ids(office, MEI, words=words) == []


async def test_lists_are_filtered(office: Office) -> None:
    await office.asks("web", topic="payments")
    await office.asks("teams", channel="msteams", topic="support")
    assert await ids(office, ADA, channel="msteams") == ["teams|1"]
    assert await ids(office, ADA, role="billing_admin") == ["web|1"]
    assert await ids(office, ADA, language="zh") == []


def _is_visible(connection: Connection, agent: Agent, handoff_id: str) -> bool:
    try:
        lists.visible(connection, agent, handoff_id)
    except NotFound:
        return False
    return True
