"""A hub on Direct Line gets the handoff whole, and says what becomes of it."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from aiohttp import web

from bot.hub import CHANNEL, Hub
from conversations import log
from conversations.models import Author, NewActivity
from handoff.models import Status
from storage.database import Database
from tests.bot.outbox_of import OutboxOffice
from tests.handoff.office import MEI, MONDAY

SECRET = "the hub's secret"


class DirectLineHub:
    """The part of Direct Line 3.0 that a hub offers; `says` is what its bot or people do."""

    def __init__(self) -> None:
        self.conversations: dict[str, list[dict[str, Any]]] = {}
        self.trouble: list[int] = []
        self.asked_since: list[str] = []
        self._ids = count(1)
        app = web.Application()
        base = "/v3/directline/conversations"
        app.add_routes(
            [
                web.post(base, self._begin),
                web.post(f"{base}/{{id}}/activities", self._post),
                web.get(f"{base}/{{id}}/activities", self._since),
            ]
        )
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def __aenter__(self) -> "DirectLineHub":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v3/directline"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [each for said in self.conversations.values() for each in said if not each["ours"]]

    def says(self, conversation_id: str, **activity: Any) -> None:
        whole = {"id": f"h{next(self._ids)}", "from": {"id": "hub-bot", "name": "Hanna"}}
        self.conversations[conversation_id].append({**whole, **activity, "ours": True})

    def reports(self, conversation_id: str, state: str) -> None:
        value = {"state": state, "message": "nobody is free"}
        self.says(conversation_id, type="event", name="handoff.status", value=value)

    async def _begin(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bearer {SECRET}":
            return web.Response(status=403)
        conversation_id = f"hub-{next(self._ids)}"
        self.conversations[conversation_id] = []
        return web.json_response({"conversationId": conversation_id, "token": "t"}, status=201)

    async def _post(self, request: web.Request) -> web.Response:
        activity = await request.json()
        if self.trouble:
            return web.Response(status=self.trouble.pop(0))
        self.conversations[request.match_info["id"]].append({**activity, "ours": False})
        return web.json_response({"id": f"a{next(self._ids)}"})

    async def _since(self, request: web.Request) -> web.Response:
        said = self.conversations[request.match_info["id"]]
        watermark = request.query.get("watermark", "")
        self.asked_since.append(watermark)
        new = said[int(watermark or 0) :]
        return web.json_response({"activities": new, "watermark": str(len(said))})


@pytest.fixture
async def far() -> AsyncIterator[DirectLineHub]:
    async with DirectLineHub() as far:
        yield far


@pytest.fixture
async def hub(database: Database, far: DirectLineHub) -> AsyncIterator[Hub]:
    hub = Hub(database, far.url, SECRET, lambda: MONDAY)
    yield hub
    await hub.close()


@pytest.fixture
async def office(database: Database, hub: Hub) -> AsyncIterator[OutboxOffice]:
    office = OutboxOffice(database, hub, CHANNEL, hub.deliver)
    yield office
    office.deliveries.close()
    await office.deliveries.settled()


async def test_it_gets_the_event_with_context_and_a_transcript_that_can_be_checked(
    office: OutboxOffice, far: DirectLineHub
) -> None:
    await office.asks(topic="payments")
    await office.deliver()
    (event,) = far.heard
    assert (event["type"], event["name"]) == ("event", "handoff.initiate")
    assert event["conversation"] == {"id": "carla"}
    assert event["relatesTo"]["conversation"] == {"id": "carla"}
    assert event["value"]["Skill"] == "payments" and event["value"]["reason"] == "asked"
    (attachment,) = event["attachments"]
    assert (attachment["name"], attachment["contentType"]) == ("Transcript", "application/json")
    content = attachment["content"]
    assert content["count"] == content["of"] == len(content["activities"]) == 2
    assert content["sha256"] == checksum(content["activities"])


async def test_accepted_claims_and_its_people_talk_with_the_customer(
    office: OutboxOffice, hub: Hub, far: DirectLineHub
) -> None:
    handoff_id = await office.asks()
    await office.deliver()
    (where,) = far.conversations
    far.reports(where, "accepted")
    far.says(where, type="message", text="How can I help?")
    for _ in range(2):
        await hub.ask(office.desk)
    handoff = await office.handoff(handoff_id)
    assert (handoff.status, handoff.agent_name) == (Status.ACTIVE, "Hanna")
    assert (await office.log())[-2:] == ["<joined agent=Hanna>", "How can I help?"]
    await office.says("my invoice is wrong")
    await office.deliver()
    assert far.heard[-1]["text"] == "my invoice is wrong"
    await changes_it(office, "invoice 71 is wrong")
    await office.deliver()
    assert far.heard[-1]["text"] == "Customer changed an earlier message to: invoice 71 is wrong"
    far.reports(where, "completed")
    await hub.ask(office.desk)
    assert (await office.handoff(handoff_id)).status is Status.RESOLVED
    assert far.asked_since == ["", "3", "3"]


async def changes_it(office: OutboxOffice, text: str) -> None:
    """As a customer in Teams can."""
    body = {"type": "messageUpdate", "text": text}
    edit = NewActivity(Author.CUSTOMER, "messageUpdate", body)
    number, _ = await office.database.write(log.append, "carla", edit, MONDAY)
    await office.database.write(office.customers.wrote, "carla", number, MONDAY)


async def test_failed_goes_back_to_the_queue_with_a_note(
    office: OutboxOffice, hub: Hub, far: DirectLineHub
) -> None:
    handoff_id = await office.asks()
    await office.deliver()
    (where,) = far.conversations
    far.reports(where, "accepted")
    far.reports(where, "failed")
    far.reports(where, "typing")
    await hub.ask(office.desk)
    assert (await office.handoff(handoff_id)).status is Status.WAITING
    notes = await office.database.read(
        lambda connection: connection.execute("SELECT text FROM handoff_notes")
    )
    assert [note["text"] for note in notes] == ["Hanna: nobody is free"]


async def test_taken_by_our_own_agent_the_hub_is_told_and_cannot_take_it(
    office: OutboxOffice, hub: Hub, far: DirectLineHub
) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    await office.deliver()
    assert [each["type"] for each in far.heard] == ["event", "endOfConversation"]
    (where,) = far.conversations
    far.reports(where, "accepted")
    far.says(where, type="message", text="Hello?")
    await hub.ask(office.desk)
    assert (await office.handoff(handoff_id)).agent_name == "Mei"
    assert "Hello?" not in await office.log()


async def test_when_our_own_agent_is_gone_the_hub_is_asked_again(
    office: OutboxOffice, far: DirectLineHub
) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    gone = MONDAY + timedelta(minutes=2)
    await office.database.write(office.watch.look, gone)
    await office.deliver(gone)
    assert [each["type"] for each in far.heard] == ["event", "endOfConversation", "event"]
    assert far.heard[2]["name"] == "handoff.initiate"


@pytest.mark.parametrize(
    ("status", "became"), [(429, "queued"), (503, "queued"), (403, "failed"), (502, "unknown")]
)
async def test_what_the_hub_does_not_take(
    office: OutboxOffice, far: DirectLineHub, status: int, became: str
) -> None:
    far.trouble.append(status)
    await office.asks()
    assert set((await office.deliver()).values()) == {became}
    later = await office.deliver(MONDAY + timedelta(minutes=1))
    assert set(later.values()) == {"sent" if became == "queued" else became}


def checksum(activities: list[dict[str, Any]]) -> str:
    """As anybody can do it who has the transcript."""
    digest = hashlib.sha256()
    for each in activities:
        data = each["channelData"]
        row = [data["number"], data["author"], each["timestamp"], each["type"], each["text"]]
        line = json.dumps(
            [*row, data["entry"], data["version"]], ensure_ascii=False, separators=(",", ":")
        )
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
