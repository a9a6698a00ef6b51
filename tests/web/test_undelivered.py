"""What did not leave is seen by the agents who may see whom it is for, and by nobody else."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from accounts import audit
from accounts.models import Role
from conversations import outbox
from conversations.outbox import LATE_AFTER, Letter
from handoff import store
from storage.database import Connection, Database
from tests.bot.channel import Channel, Trouble
from tests.cast import Tom
from tests.product import MONDAY_MORNING, Client, channel, start, teams_client
from tests.staff import Staff, database_of, signed_in
from tests.web.agents import AgentPage
from web.agent_people import AGENT_ROLES

__all__ = ["channel", "start", "teams_client"]

PATH = "/agent/undelivered"


@pytest.fixture
def database(teams_client: Client) -> Database:
    return database_of(teams_client)


@pytest.fixture
async def people(teams_client: Client, database: Database) -> AsyncIterator[dict[Role, Staff]]:
    async with AsyncExitStack() as stack:
        yield {
            role: await stack.enter_async_context(signed_in(teams_client, database, role))
            for role in (*AGENT_ROLES, Role.GLOBAL_ADMIN)
        }


@pytest.fixture
async def failed(
    teams_client: Client, channel: Channel, database: Database, people: dict[Role, Staff]
) -> tuple[str, int]:
    """Tom asked about billing; what Mei answered him was refused. The handoff, and its number."""
    tom, mei = Tom(teams_client, channel), AgentPage(people[Role.BILLING_ADMIN])
    await tom.says("I want to talk to a person about my payment")
    [handoff] = await mei.ids("unassigned")
    joined = len(channel.sent)
    await mei.does(handoff, "claim")
    await channel.arrived(joined + 1)
    channel.troubles.append(Trouble(status=403))
    number = await mei.says(handoff, "Which invoice is it?")
    line = await mei.connects()
    await line.watches(handoff)
    while (await line.hears("deliveries"))["states"].get(str(number)) != "failed":
        pass
    await line.socket.close()
    return handoff, number


def _post(connection: Connection, letter: Letter, tries: int, final: str = "") -> None:
    outbox.post(connection, letter, MONDAY_MORNING)
    connection.execute(
        "UPDATE outbox SET attempts = %(tries)s, error = '<b>gone</b>',"
        " next_attempt_at = '2999', status = %(status)s WHERE id = %(id)s",
        tries=tries,
        status=final or "queued",
        id=letter.id,
    )


async def page(staff: Staff) -> str:
    answer = await staff.get(PATH)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def count(staff: Staff) -> int:
    return int((await AgentPage(staff).listed())["undelivered"])


async def test_an_answer_that_failed_is_sent_again_from_the_conversation(
    failed: tuple[str, int], channel: Channel, people: dict[Role, Staff]
) -> None:
    handoff, number = failed
    mei = AgentPage(people[Role.BILLING_ADMIN])
    before = len(channel.sent)
    line = await (await mei.connects()).watches(handoff)
    await mei.does(handoff, "send-again", number=number)
    assert (await channel.arrived(before + 1))[-1].body["text"].endswith("Which invoice is it?")
    while (await line.hears("deliveries"))["states"][str(number)] != "sent":
        pass
    assert (await mei.tries(handoff, "send-again", number=number)).status == 409
    assert await count(mei.staff) == 0
    await line.socket.close()


async def test_those_who_may_see_the_conversation_see_it_and_send_it_again(
    failed: tuple[str, int], channel: Channel, database: Database, people: dict[Role, Staff]
) -> None:
    mei, raj = people[Role.BILLING_ADMIN], people[Role.HELPDESK_AGENT]
    [parcel] = await database.read(_failed)
    for role, staff in people.items():
        seen = role in (Role.BILLING_ADMIN, Role.GLOBAL_ADMIN)
        html = await page(staff)
        assert ("Ann Lee" in html, parcel in html, await count(staff)) == (seen, seen, int(seen))
    before = len(channel.sent)
    assert (await raj.post(f"{PATH}/send-again", {"id": parcel})).status == 303
    assert await database.read(_failed) == [parcel]
    assert (await mei.post(f"{PATH}/send-again", {"id": parcel})).status == 303
    assert (await channel.arrived(before + 1))[-1].body["text"].endswith("Which invoice is it?")
    events = await database.read(audit.page)
    assert [event.subject for event in events if event.action == "delivery.sent_again"] == [parcel]


async def test_mail_cards_and_hooks_of_a_conversation_are_for_those_who_may_see_it(
    failed: tuple[str, int], database: Database, people: dict[Role, Staff]
) -> None:
    handoff = await database.read(store.get, failed[0])
    about: list[dict[str, Any]] = [
        {"handoff": handoff.id},
        {"handoff": {"id": handoff.id}},
        {"conversation": handoff.conversation_id},
    ]
    for at, payload in enumerate(about):
        await database.write(_post, Letter(f"l-{at}", f"l-{at}", "mail", payload), 1, "failed")
    await database.write(_post, Letter("answer", "x", "teams-desk-replies", {}), 1, "unknown")
    assert await count(people[Role.BILLING_ADMIN]) == 5
    assert await count(people[Role.SALES_AGENT]) == 1
    html = await page(people[Role.SALES_AGENT])
    assert "Answer in a Teams channel" in html and "May have arrived" in html
    assert "&lt;b&gt;gone&lt;/b&gt;" in html
    assert "E-mail" not in html


async def test_what_is_late_is_shown_while_it_is_still_tried(
    database: Database, people: dict[Role, Staff]
) -> None:
    await database.write(_post, Letter("young", "y", "webhook", {}), LATE_AFTER - 1)
    assert await count(people[Role.USER_ADMIN]) == 0
    await database.write(_post, Letter("late", "z", "webhook", {}), LATE_AFTER)
    html = await page(people[Role.USER_ADMIN])
    assert "Late" in html and html.count("Send again") == 1


async def test_it_speaks_chinese_and_says_when_there_is_nothing(
    teams_client: Client, database: Database
) -> None:
    async with signed_in(teams_client, database, Role.HELPDESK_AGENT, language="zh") as staff:
        assert "全部已送达" in await page(staff)
        await database.write(_post, Letter("late", "z", "mail", {}), LATE_AFTER)
        html = await page(staff)
    assert "电子邮件" in html and "延迟" in html and "重新发送" in html


def _failed(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT id FROM outbox WHERE status = 'failed'")
    return [row["id"] for row in rows]
