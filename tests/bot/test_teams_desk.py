"""The card of a handoff, and what is kept away from the agents' channel."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from app import DATABASE
from bot.connector import Connector, Timing
from bot.desk_card import View, card, card_activity
from bot.desk_courier import CHANNEL, DeskCourier
from bot.desk_threads import Place, channel_of
from bot.desk_words import WORDS
from bot.http import Http
from bot.mentions import mentions
from bot.service_urls import ServiceUrls
from conversations import stuck
from handoff.desk import DISPOSITIONS
from handoff.models import Handoff, Reason, Status
from handoff.transcript import Line
from storage.database import Database
from tests.bot.channel import BOT, Channel, Trouble
from tests.bot.outbox_of import OutboxOffice
from tests.cast import AGENTS_CHANNEL, Carla, Teammate
from tests.handoff.office import MEI, MONDAY, POLICY
from tests.product import MONDAY_MORNING, Client, Start
from tests.scenarios.test_desk_in_teams import begin, first_thread, settled, waiting

HANDOFF = Handoff(
    id="carla|4",
    conversation_id="carla",
    number=4,
    status=Status.WAITING,
    reason=Reason.NO_MATCH,
    request={"question": "Where is **my** [refund](https://evil.example)?"},
    topic="payments",
    role="billing_admin",
    widened=False,
    watched=0,
    priority=2,
    labels=(),
    contact="carla_*@example.com",
    agent_id="",
    agent_name="",
    claimed_in="",
    snoozed_until="",
    waiting_since="2026-11-23T02:00:00.000Z",
    place_since="2026-11-23T02:00:00.000Z",
    created_at="2026-11-23T02:00:00.000Z",
    updated_at="2026-11-23T02:00:00.000Z",
    claimed_at="",
    replied_at="",
    closed_at="",
    disposition="",
    revision=1,
    channel="web",
    language="zh",
    customer_id="dl_carla",
    customer_name="Carla *bold*",
)
LINE = Line(
    4, "customer", "Carla", "", "message", "# not a heading\n- not a list", None, None, None
)


def test_what_people_wrote_is_shown_as_it_is_and_never_as_markdown() -> None:
    shown = card(View(HANDOFF, (LINE,)), "en", "https://b.example/agent")
    markdown = [each["text"] for each in shown["body"] if each["type"] == "TextBlock"]
    facts = [fact["value"] for each in shown["body"] for fact in each.get("facts", [])]
    assert not any("Carla" in text or "refund" in text for text in markdown)
    assert r"carla\_\*@example.com" in facts
    runs = json.dumps([each for each in shown["body"] if each["type"] != "TextBlock"])
    assert "Where is **my** [refund](https://evil.example)?" in runs
    assert "# not a heading - not a list" in runs


def test_it_speaks_the_partners_language() -> None:
    shown = json.dumps(card(View(HANDOFF, (LINE,)), "zh", ""), ensure_ascii=False)
    assert "请求人工服务" in shown and "接手" in shown and "紧急" in shown
    assert all(chinese and english for english, chinese in WORDS.values())


def test_however_much_was_written_it_fits_into_a_message_of_teams() -> None:
    long = replace(HANDOFF, request={"question": "账" * 4000}, customer_name="单" * 200)
    lines = (replace(LINE, text="账单" * 2000, name="单" * 200),) * 6
    activity = card_activity(View(long, lines, 994, 1000, "2026-11-23T02:00:00"), "zh", "")
    assert len(json.dumps(activity).encode()) < 28_000


@pytest.mark.parametrize("status", Status)
def test_each_state_has_its_words_and_its_buttons(status: Status) -> None:
    handoff = replace(HANDOFF, status=status, agent_name="Mei", disposition=DISPOSITIONS[0])
    shown = card(View(handoff), "en", "https://b.example/agent")
    verbs = [action.get("verb") or action["type"] for action in shown["actions"]]
    assert verbs == {
        Status.WAITING: ["claim", "Action.OpenUrl"],
        Status.ACTIVE: ["Action.ShowCard", "give_back", "Action.OpenUrl"],
    }.get(status, ["Action.OpenUrl"])


def test_a_channels_threads_are_one_channel() -> None:
    assert channel_of({"conversation": {"id": f"{AGENTS_CHANNEL};messageid=1"}}) == AGENTS_CHANNEL
    assert channel_of({"conversation": {"id": AGENTS_CHANNEL}}) == AGENTS_CHANNEL


def test_only_a_mention_of_the_bot_speaks_to_it() -> None:
    other = {"type": "mention", "text": "<at>Raj</at>", "mentioned": {"id": "29:raj"}}
    own = {"type": "mention", "text": "<at>Bot</at>", "mentioned": BOT}
    assert not mentions({"recipient": BOT, "entities": [other]})
    assert mentions({"recipient": BOT, "entities": [other, own]})


async def test_all_threads_of_a_channel_share_its_limits(channel: Channel) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    connector = Connector(
        Http(), None, ServiceUrls(["127.0.0.1"]), Timing(clock=lambda: 0.0, sleep=sleep)
    )
    for number in range(7):
        where = {"id": f"{AGENTS_CHANNEL};messageid={number}"}
        await connector.send(channel.service_url, {"type": "message", "conversation": where})
    assert waits == []
    new = {"channelData": {"channel": {"id": AGENTS_CHANNEL}}, "activity": {}}
    await connector.create_conversation(channel.service_url, new)
    assert waits == [1.0]
    await connector._http.close()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "claim",
        {},
        {"action": None},
        {"action": "claim"},
        {"action": {"verb": "claim"}},
        {"action": {"verb": "claim", "data": []}},
        {"action": {"verb": ["claim"], "data": {"handoff": {}}}},
        {"action": {"verb": "drop", "data": {"handoff": "x|1"}}},
        {"action": {"verb": "claim", "data": {"handoff": "nobody|1"}}},
    ],
)
async def test_a_button_that_is_not_ours_does_nothing(
    start: Start, channel: Channel, value: Any
) -> None:
    desk = await begin(start, channel)
    mei = Teammate(desk, channel, "Mei", "aad-mei")
    answer = await mei.invokes(value)
    assert answer["statusCode"] == 400
    assert answer["type"] == "application/vnd.microsoft.error"


async def test_a_card_pressed_in_another_channel_does_nothing(
    start: Start, channel: Channel
) -> None:
    desk = await begin(start, channel)
    mei = Teammate(desk, channel, "Mei", "aad-mei")
    async with Carla.arrives(desk) as carla:
        await carla.hears()
        handoff, _ = await waiting(desk, carla, channel)
        answer = await mei.presses("claim", handoff, "19:elsewhere@thread.tacv2")
    assert answer["statusCode"] == 400


class Slow:
    """Teams, which takes an update when the test says so."""

    def __init__(self) -> None:
        self.updates: list[Mapping[str, Any]] = []
        self.began, self.goes_on = asyncio.Event(), asyncio.Event()

    async def send(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> str:
        return "sent"

    async def update(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> str:
        self.updates.append(activity)
        self.began.set()
        await self.goes_on.wait()
        return "root"

    async def begin_thread(
        self, service_url: str, channel_id: str, activity: Mapping[str, Any]
    ) -> tuple[str, str]:
        return f"{channel_id};messageid=root", "root"


async def test_many_changes_while_the_channel_is_slow_are_one_update(database: Database) -> None:
    teams, place = Slow(), Place(AGENTS_CHANNEL, "https://smba.example/")
    courier = DeskCourier(database, teams, lambda: POLICY, place, "", lambda: MONDAY)
    office = OutboxOffice(database, courier, CHANNEL, courier.deliver)
    handoff = await office.asks()
    await office.deliver()
    await database.write(office.desk.claim, handoff, MEI, MONDAY)
    await teams.began.wait()
    for _ in range(6):
        await database.write(office.desk.give_back, handoff, MEI, "", MONDAY)
        await database.write(office.desk.claim, handoff, MEI, MONDAY)
    await database.write(office.desk.resolve, handoff, MEI, "answered", MONDAY)
    teams.goes_on.set()
    states = await office.deliver()
    first, second = map(json.dumps, teams.updates)
    assert "Taken by Mei" in first and "Resolved by Mei" in second
    cards = [parcel for parcel in states if parcel.startswith("card|")]
    assert len(cards) == 15 and set(states.values()) == {"sent"}
    office.deliveries.close()


async def test_without_a_channel_nothing_is_put_into_the_outbox(client: Client) -> None:
    async with Carla.arrives(client) as carla:
        await carla.hears()
        await carla.says("human please")
        await carla.says("Stop waiting")
    rows = await client.app[DATABASE].read(
        lambda connection: connection.execute("SELECT * FROM outbox")
    )
    assert rows == []


async def test_a_card_is_sent_again_when_a_person_says_so(start: Start, channel: Channel) -> None:
    desk = await begin(start, channel)
    channel.troubles.append(Trouble(fault="taken_then_reset"))
    async with Carla.arrives(desk) as carla:
        await carla.hears()
        await carla.says("human please")
        await settled(desk)
        database = desk.app[DATABASE]
        (lost,) = await database.read(stuck.listed)
        assert lost.status == "unknown"
        assert await database.write(stuck.send_again, lost.id, MONDAY_MORNING)
        await settled(desk)
        assert (await first_thread(desk))[0]
    assert len(channel.sent) == 2
