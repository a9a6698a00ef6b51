"""Agents help from their channel in Teams: cards, threads, and customers wherever they are."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app import DATABASE
from conversations import stuck
from storage.database import Connection, Row
from tests.bot.channel import APP_ID, APP_PASSWORD, BOT, Channel, Sent, Trouble
from tests.cast import AGENTS_CHANNEL, PATIENCE_S, Carla, Teammate, Tom
from tests.product import Client, Start

CHANNEL_PATH = "19%3Adesk%40thread.tacv2"


async def begin(start: Start, channel: Channel, **changes: Any) -> Client:
    known = channel.settings()
    return await start(
        **{
            "app_id": APP_ID,
            "app_password": APP_PASSWORD,
            "openid_metadata_url": known.openid_metadata_url,
            "token_url": known.token_url,
            "service_url_hosts": known.service_url_hosts,
            "desk_teams_channel": AGENTS_CHANNEL,
            "desk_teams_service_url": channel.service_url.rstrip("/"),
            "desk_teams_anyone": True,
            **changes,
        }
    )


@pytest.fixture
async def desk(start: Start, channel: Channel) -> Client:
    return await begin(start, channel)


@pytest.fixture
def mei(desk: Client, channel: Channel) -> Teammate:
    return Teammate(desk, channel, "Mei", "aad-mei")


@pytest.fixture
def raj(desk: Client, channel: Channel) -> Teammate:
    return Teammate(desk, channel, "Raj", "aad-raj")


@pytest.fixture
async def carla(desk: Client) -> AsyncIterator[Carla]:
    async with Carla.arrives(desk) as carla:
        await carla.hears()
        yield carla


async def test_a_request_becomes_a_card_that_says_what_an_agent_needs(
    carla: Carla, channel: Channel
) -> None:
    await carla.says("when is my invoice due")
    await carla.says("human please")
    (begun,) = await in_channel(channel, 1)
    assert begun.path.endswith("/v3/conversations")
    assert begun.body["channelData"]["channel"]["id"] == AGENTS_CHANNEL
    shown = json.dumps(card_in(begun))
    assert "human please" in shown and "when is my invoice due" in shown
    assert "asked for a person" in shown and "on the web" in shown and "English" in shown
    titles = [action["title"] for action in card_in(begun)["actions"]]
    assert titles == ["Take it", "Open in console"]


async def test_asked_twenty_times_at_once_there_is_one_record_one_message_and_one_card(
    desk: Client, carla: Carla, channel: Channel
) -> None:
    await asyncio.gather(*(carla.sends("human please") for _ in range(20)))
    await settled(desk)
    sent = await in_channel(channel, 1)
    assert len([each for each in sent if "channelData" in each.body]) == 1
    count = "SELECT COUNT(*) AS n FROM"
    assert await _rows(desk, f"{count} handoffs") == [{"n": 1}]
    told = await _rows(desk, "SELECT body FROM activities WHERE author = 'system'")
    assert len(told) == 1 and "I have asked a colleague" in told[0]["body"]
    assert "nobody is at the desk" not in told[0]["body"]  # Teams does not tell who is there
    assert await _rows(desk, f"{count} activities WHERE author = 'bot'") == [
        {"n": 1}
    ]  # the greeting


async def test_one_takes_it_and_the_other_is_told_who_has_it(
    desk: Client, carla: Carla, channel: Channel, mei: Teammate, raj: Teammate
) -> None:
    handoff, thread = await waiting(desk, carla, channel)
    taken = await mei.presses("claim", handoff, thread)
    assert taken["statusCode"] == 200
    assert "Taken by Mei" in json.dumps(taken["value"])
    assert "Mei has joined" in (await carla.hears())["text"]
    lost = await raj.presses("claim", handoff, thread)
    assert lost["value"]["body"][0]["text"] == "Mei has taken this conversation."
    update = (await in_channel(channel, 2))[1]
    assert update.method == "PUT" and "Taken by Mei" in json.dumps(card_in(update))


async def test_what_the_owner_writes_in_the_thread_reaches_the_customer_and_back(
    desk: Client, carla: Carla, channel: Channel, mei: Teammate
) -> None:
    handoff, thread = await waiting(desk, carla, channel)
    await mei.presses("claim", handoff, thread)
    await carla.hears()
    await mei.writes("Your <b>invoice</b> is on its way", thread)
    heard = await carla.hears()
    assert heard["text"] == "Your <b>invoice</b> is on its way"
    assert heard["from"]["name"] == "Mei"
    await carla.sends("[thanks](http://x.example) *Mei*")
    sent = (await in_channel(channel, 3))[2]
    assert sent.body["text"].endswith(": [thanks](http://x.example) *Mei*")
    assert sent.body["textFormat"] == "plain"
    assert "messageid" in sent.path


async def test_what_others_write_is_a_note_and_they_are_told_once(
    desk: Client, carla: Carla, channel: Channel, mei: Teammate, raj: Teammate
) -> None:
    handoff, thread = await waiting(desk, carla, channel)
    await mei.presses("claim", handoff, thread)
    await raj.writes("She had this last month too", thread)
    await raj.writes("Look at invoice 12", thread)
    told = [each.body["text"] for each in (await in_channel(channel, 3))[2:]]
    assert len(told) == 1 and "only Mei writes to the customer" in told[0]
    rows = await _rows(desk, "SELECT text FROM handoff_notes ORDER BY created_at, id")
    assert [row["text"] for row in rows] == ["She had this last month too", "Look at invoice 12"]
    assert all("last month" not in str(each) for each in carla.heard)


async def test_before_it_is_taken_whatever_is_written_is_a_note(
    desk: Client, carla: Carla, channel: Channel, mei: Teammate
) -> None:
    _, thread = await waiting(desk, carla, channel)
    await mei.writes("anybody?", thread)
    assert "take the request first" in (await in_channel(channel, 2))[1].body["text"]
    assert len(await _rows(desk, "SELECT * FROM handoff_notes")) == 1


async def test_the_bot_goes_on_answering_and_only_the_customer_is_heard_in_the_thread(
    desk: Client, carla: Carla, channel: Channel
) -> None:
    await waiting(desk, carla, channel)
    answer = await carla.says("how can I pay?")
    assert answer["text"]
    sent = await in_channel(channel, 2)
    assert sent[1].body["text"].endswith(": how can I pay?")
    assert len(sent) == 2


async def test_it_is_resolved_from_the_card_and_the_bot_is_back(
    desk: Client, carla: Carla, channel: Channel, mei: Teammate, raj: Teammate
) -> None:
    handoff, thread = await waiting(desk, carla, channel)
    await mei.presses("claim", handoff, thread)
    await carla.hears()
    refused = await raj.presses("resolve", handoff, thread, disposition="answered")
    assert refused["value"]["body"][0]["text"] == "Mei has this conversation."
    done = await mei.presses("resolve", handoff, thread, disposition="answered")
    assert "Resolved by Mei: answered" in json.dumps(done["value"])
    assert "closed this conversation" in (await carla.hears())["text"]
    await mei.writes("one more thing", thread)
    await settled(desk)
    assert "kept as a note" in (await in_channel(channel, 3))[-1].body["text"]
    assert (await _rows(desk, "SELECT status FROM handoffs"))[0]["status"] == "resolved"


async def test_an_edit_and_a_deletion_reach_a_customer_in_teams(
    desk: Client, channel: Channel, mei: Teammate
) -> None:
    tom = Tom(desk, channel)
    await tom.says("human please")
    handoff, thread = await first_thread(desk)
    await mei.presses("claim", handoff, thread)
    message = await mei.writes("It is du tomorrow", thread)
    sent = await to_customer(desk, channel, "It is du tomorrow")
    copy = f"1:{channel.sent.index(sent) + 1}"
    await mei.edits(message, "It is due tomorrow")
    await settled(desk)
    (changed,) = [each for each in channel.sent if each.method == "PUT" and "a%3A" in each.path]
    assert changed.path.endswith(copy.replace(":", "%3A"))
    assert changed.body["text"] == "**Mei**: It is due tomorrow"
    await mei.deletes(message)
    await settled(desk)
    (deleted,) = [each for each in channel.sent if each.method == "DELETE"]
    assert deleted.path == changed.path
    told = [each.body.get("text") for each in channel.sent if "messageid" in each.path]
    assert "The customer's copy was changed." in told
    assert "The customer's copy was deleted." in told


async def test_on_the_web_an_edit_is_a_correction_below(
    desk: Client, carla: Carla, channel: Channel, mei: Teammate
) -> None:
    handoff, thread = await waiting(desk, carla, channel)
    await mei.presses("claim", handoff, thread)
    await carla.hears()
    message = await mei.writes("It is du tomorrow", thread)
    said = await carla.hears()
    for _ in range(2):
        await mei.edits(message, "It is due tomorrow")
    correction = await carla.hears()
    assert correction["text"] == "Correction: It is due tomorrow"
    assert correction["channelData"]["corrects"] == said["id"]
    await mei.deletes(message)
    assert (await carla.hears())["text"].startswith("I withdraw this message")


async def test_what_a_customer_changes_and_withdraws_is_seen_in_the_thread(
    desk: Client, channel: Channel, mei: Teammate
) -> None:
    tom = Tom(desk, channel)
    await tom.says("human please")
    handoff, thread = await first_thread(desk)
    await mei.presses("claim", handoff, thread)
    await tom.sends("It is invoice 17", id="a:one")
    edit = {"type": "messageUpdate", "id": "a:one", "timestamp": "2026-11-22T08:01:00Z"}
    for _ in range(2):
        assert await tom.sends("It is invoice 71", **edit) == 202
    gone = {"type": "messageDelete", "id": "a:one", "timestamp": "2026-11-22T08:02:00Z"}
    assert await tom.sends("", **gone) == 202
    await settled(desk)
    texts = [str(sent.body.get("text")) for sent in channel.sent if CHANNEL_PATH in sent.path]
    assert "\n\n".join(texts).split("\n\n")[-3:] == [
        "Ann Lee: It is invoice 17",
        "Ann Lee changed an earlier message to: It is invoice 71",
        "Ann Lee withdrew an earlier message.",
    ]


async def test_what_is_said_in_the_channel_is_never_a_customers(
    desk: Client, channel: Channel, mei: Teammate
) -> None:
    await mei.writes("lunch?")
    mention = {"type": "mention", "text": "<at>Billing Bot</at>", "mentioned": BOT}
    await mei.writes("<at>Billing Bot</at> when is my invoice due?", entities=[mention])
    (told,) = await in_channel(channel, 1)
    assert "Requests for a person appear here" in told.body["text"]
    await mei.writes("", type="conversationUpdate", membersAdded=[BOT])
    await settled(desk)
    assert await _rows(desk, "SELECT * FROM conversations") == []
    assert len(channel.sent) == 1


async def test_a_stranger_is_told_and_changes_nothing(start: Start, channel: Channel) -> None:
    desk = await begin(start, channel, desk_teams_anyone=False)
    eve = Teammate(desk, channel, "Eve", "aad-eve")
    async with Carla.arrives(desk) as carla:
        await carla.hears()
        handoff, thread = await waiting(desk, carla, channel)
        answer = await eve.presses("claim", handoff, thread)
        assert "not known as an agent" in answer["value"]["body"][0]["text"]
        await eve.writes("hello?", thread)
        await eve.writes("anybody?", thread)
        await settled(desk)
    assert len([s for s in channel.sent if "not known as an agent" in str(s.body)]) == 1
    assert (await _rows(desk, "SELECT status FROM handoffs"))[0]["status"] == "waiting"


async def test_an_agent_connects_the_channel_and_finds_there_who_waits(
    start: Start, channel: Channel
) -> None:
    desk = await begin(
        start, channel, desk_teams_channel="", desk_teams_people=(("AAD-MEI", "mei@example.com"),)
    )
    await _write(
        desk,
        "INSERT INTO people (id, name, email, login, roles, created_at, updated_at) VALUES"
        " ('p-mei', 'Mei Lin', 'mei@example.com', 'mei@example.com', 'billing_admin', '', '')",
    )
    mei, eve = (Teammate(desk, channel, name, f"aad-{name.lower()}") for name in ("Mei", "Eve"))
    mention = {"type": "mention", "text": "<at>Billing Bot</at>", "mentioned": BOT}
    async with Carla.arrives(desk) as carla:
        await carla.hears()
        await carla.says("human please")
        await settled(desk)
        assert channel.sent == []
        await eve.writes("<at>Billing Bot</at> connect here", entities=[mention])
        assert "Only an agent" in (await in_channel(channel, 1))[0].body["text"]
        await mei.writes("<at>Billing Bot</at> connect here", entities=[mention])
        handoff, thread = await first_thread(desk)
        taken = await mei.presses("claim", handoff, thread)
    assert "Taken by Mei Lin" in json.dumps(taken["value"])


async def test_a_card_that_may_have_arrived_is_not_sent_again_by_itself(
    desk: Client, carla: Carla, channel: Channel
) -> None:
    channel.troubles.append(Trouble(fault="taken_then_reset"))
    await carla.says("human please")
    await in_channel(channel, 1)
    await carla.says("Stop waiting")
    await settled(desk)
    assert len(channel.sent) == 1
    states = [each.status for each in await desk.app[DATABASE].read(stuck.listed)]
    assert sorted(states) == ["failed", "failed", "unknown"]


async def test_a_burst_of_messages_goes_as_few(
    desk: Client, carla: Carla, channel: Channel
) -> None:
    await waiting(desk, carla, channel)
    for number in range(15):
        await carla.sends(f"line {number}")
    await settled(desk)
    texts = [each.body["text"] for each in channel.sent[1:]]
    assert "\n\n".join(texts).count("line ") == 15
    assert len(texts) < 15


async def waiting(desk: Client, carla: Carla, channel: Channel) -> tuple[str, str]:
    """Carla asks for a person: the handoff and its thread, once the thread is known."""
    await carla.says("human please")
    await in_channel(channel, 1)
    return await first_thread(desk)


async def first_thread(desk: Client) -> tuple[str, str]:
    await settled(desk)
    (row,) = await _rows(desk, "SELECT * FROM desk_threads")
    return row["handoff_id"], row["conversation_id"]


async def in_channel(channel: Channel, number: int) -> list[Sent]:
    """What has come into the agents' channel, once it is that much."""

    def there(sent: Sent) -> bool:
        return (
            "channelData" in sent.body
            and "channel" in sent.body["channelData"]
            or (CHANNEL_PATH in sent.path)
        )

    total = number
    while True:
        found = [sent for sent in await channel.arrived(total) if there(sent)]
        if len(found) >= number:
            return found
        total = len(channel.sent) + 1


async def to_customer(desk: Client, channel: Channel, text: str) -> Sent:
    await settled(desk)
    return next(sent for sent in channel.sent if text in str(sent.body.get("text")))


async def settled(desk: Client) -> None:
    """Until nothing is on its way any more."""
    on_its_way = (
        "SELECT id FROM outbox WHERE status IN ('queued', 'sending')"
        " UNION ALL SELECT conversation_id FROM pending_turns"
    )
    async with asyncio.timeout(PATIENCE_S):
        while await _rows(desk, on_its_way):  # noqa: ASYNC110 -- nothing tells when it is sent
            await asyncio.sleep(0.01)


def card_in(sent: Sent) -> dict[str, Any]:
    activity = sent.body.get("activity", sent.body)
    card: dict[str, Any] = activity["attachments"][0]["content"]
    return card


async def _rows(client: Client, sql: str) -> list[Row]:
    def rows(connection: Connection) -> list[Row]:
        return connection.execute(sql)

    return await client.app[DATABASE].read(rows)


async def _write(client: Client, sql: str) -> None:
    def write(connection: Connection) -> None:
        connection.execute(sql)

    await client.app[DATABASE].write(write)
