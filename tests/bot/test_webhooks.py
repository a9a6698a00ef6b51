"""Other systems hear what happens, can tell that it was us, and can answer."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientTimeout

from bot.calls import call
from bot.delivery import DeliveryError
from bot.http import Http
from bot.public_addresses import PublicResolver, is_public, may_be_called
from bot.signing import is_genuine, signed
from bot.webhooks import CHANNEL, Webhooks
from storage.database import Database
from tests.bot.outbox_of import OutboxOffice
from tests.bot.receiver import Got, Receiver
from tests.cast import Carla
from tests.handoff.office import MEI, MONDAY
from tests.product import Client, Clock, Start

SECRET = "a secret that is at least 32 characters long"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def office(database: Database, receiver: Receiver) -> AsyncIterator[OutboxOffice]:
    hooks = Webhooks(database, [receiver.url], [SECRET], True, lambda: MONDAY)
    office = OutboxOffice(database, hooks, CHANNEL, hooks.deliver)
    yield office
    await office.deliver()
    office.deliveries.close()
    await hooks.close()


async def test_each_event_is_signed_and_a_handoffs_come_in_order(
    office: OutboxOffice, receiver: Receiver
) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    await office.database.write(office.desk.say, handoff_id, MEI, "hello", "1", MONDAY)
    await office.says("thanks")
    await office.deliver()
    told = [json.loads(each.body) for each in receiver.got]
    assert [each["event"] for each in told] == [
        "handoff.initiate",
        "handoff.claim",
        "message.agent",
        "message.customer",
    ]
    assert told[1]["handoff"]["agent"] == {"id": "p-mei", "name": "Mei"}
    assert (told[3]["message"]["type"], told[3]["message"]["text"]) == ("message", "thanks")
    for got, body in zip(receiver.got, told, strict=True):
        assert is_genuine([SECRET], got.headers, got.body, MONDAY)
        assert got.headers["X-Desk-Delivery"] == body["delivery"]


async def test_the_first_one_carries_the_whole_transcript(
    office: OutboxOffice, receiver: Receiver
) -> None:
    await office.asks()
    await office.deliver()
    event = json.loads(receiver.got[0].body)["activity"]
    (attachment,) = event["attachments"]
    assert event["name"] == "handoff.initiate" and event["value"]["question"] == "human please"
    assert attachment["contentType"] == "application/json"
    content = attachment["content"]
    assert content["count"] == len(content["activities"]) == 2
    assert len(content["sha256"]) == 64


@pytest.mark.parametrize("trouble", [500, 503, 429, "reset"])
async def test_what_fails_comes_again_with_the_same_delivery_id(
    office: OutboxOffice, receiver: Receiver, trouble: int | str
) -> None:
    receiver.answers.append(trouble)
    await office.asks()
    states = await office.deliver()
    assert set(states.values()) == {"queued"}
    states = await office.deliver(MONDAY + timedelta(minutes=1))
    assert set(states.values()) == {"sent"}
    first, second = receiver.got
    assert first.headers["X-Desk-Delivery"] == second.headers["X-Desk-Delivery"]
    assert first.body == second.body


@pytest.mark.parametrize("refusal", [301, 302, 307, 400, 404, 410])
async def test_a_refusal_and_a_redirect_are_final(
    office: OutboxOffice, receiver: Receiver, refusal: int
) -> None:
    receiver.answers.append(refusal)
    await office.asks()
    assert set((await office.deliver()).values()) == {"failed"}
    assert len(receiver.got) == 1


def test_a_signature_is_believed_for_five_minutes_and_for_this_body_only() -> None:
    now = datetime.fromtimestamp(1_700_000_000, UTC)
    headers = signed(SECRET, b"{}", "1", now)
    assert is_genuine([SECRET], headers, b"{}", now + timedelta(minutes=5))
    assert is_genuine(["the new one, also of 32 characters", SECRET], headers, b"{}", now)
    assert not is_genuine([SECRET], headers, b"{} ", now)
    assert not is_genuine([SECRET], headers, b"{}", now + timedelta(minutes=5, seconds=1))
    assert not is_genuine([SECRET], headers, b"{}", now - timedelta(minutes=6))
    assert not is_genuine(["another secret of 32 characters..."], headers, b"{}", now)
    assert not is_genuine([SECRET], {**headers, "X-Desk-Timestamp": "1700000001"}, b"{}", now)
    for wrong in ("", "1e9", "-1", "٣٣", "9" * 40):
        assert not is_genuine([SECRET], {**headers, "X-Desk-Timestamp": wrong}, b"{}", now)


PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "not an address",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::", "::ffff:8.8.8.8"])
def test_public_addresses_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://user:password@hooks.example/",
        "https://10.0.0.1:8443/hook",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https:///hook",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://[::1/",
    ],
)
def test_such_addresses_are_not_called(url: str) -> None:
    assert not may_be_called(url)


@pytest.mark.parametrize("host", ["localhost", "0x7f.0.0.1", "0x7f000001"])
async def test_a_name_that_leads_here_is_refused_before_anything_is_sent(
    host: str, receiver: Receiver
) -> None:
    http = Http(ClientTimeout(total=5), PublicResolver)
    port = receiver.url.rpartition(":")[2]
    with pytest.raises(DeliveryError, match="not allowed") as refused:
        await call(http, "POST", f"http://{host}:{port}", {}, b"{}")
    await http.close()
    assert refused.value.permanent
    assert receiver.got == []


async def test_what_is_private_is_refused_unless_the_settings_allow_it(
    database: Database, receiver: Receiver
) -> None:
    hooks = Webhooks(database, [receiver.url], [SECRET], False, lambda: MONDAY)
    office = OutboxOffice(database, hooks, CHANNEL, hooks.deliver)
    await office.asks()
    assert set((await office.deliver()).values()) == {"failed"}
    assert receiver.got == []
    office.deliveries.close()
    await hooks.close()


def _example() -> dict[str, Any]:
    """The code that docs/helpdesks.md gives."""
    page = Path("docs/helpdesks.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(code, "docs/helpdesks.md", "exec"), names)
    return names


EXAMPLE = _example()


class Helpdesk:
    """Somebody else's system, that works as the documentation's example does."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._number = 0

    def hears(self, got: Got) -> Any:
        return EXAMPLE["told"](SECRET, got.headers, got.body, self._clock().timestamp())

    async def does(self, handoff: str, action: str, **more: Any) -> tuple[int, Any]:
        self._number += 1
        delivery = more.pop("delivery", f"helpdesk-{self._number}")
        agent, now = {"id": "7", "name": "Hanna"}, self._clock().timestamp()
        headers, body = EXAMPLE["answer"](SECRET, delivery, handoff, action, agent, now=now, **more)
        return await self._post("/hooks/desk", headers, body)

    async def posts(self, path: str, told: object, **headers: str) -> tuple[int, Any]:
        body = json.dumps(told).encode()
        return await self._post(path, signed(SECRET, body, "1", self._clock()) | headers, body)

    async def _post(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        answer = await self._client.post(path, data=body, headers=headers)
        return answer.status, await answer.json()


@pytest.fixture
async def hooked(start: Start, receiver: Receiver) -> Client:
    return await start(
        webhook_urls=(receiver.url,), webhook_secret=(SECRET,), webhook_allow_private=True
    )


async def test_a_helpdesk_hears_answers_and_resolves(
    hooked: Client, receiver: Receiver, clock: Clock
) -> None:
    helpdesk = Helpdesk(hooked, clock)
    async with Carla.arrives(hooked) as carla:
        await carla.hears()
        await carla.says("human please")
        handoff = json.loads((await receiver.arrived(1))[0].body)["handoff"]["id"]
        refused = await helpdesk.does(handoff, "say", text="hello")
        assert refused[0] == 409 and refused[1]["error"]["code"] == "NotYours"
        status, claimed = await helpdesk.does(handoff, "claim")
        assert status == 200 and claimed["handoff"]["agent"]["name"] == "Hanna"
        assert "Hanna has joined" in (await carla.hears())["text"]
        assert (await helpdesk.does(handoff, "say", text="I look into it"))[0] == 200
        assert (await carla.hears())["text"] == "I look into it"
        await carla.sends("thank you")
        heard = [helpdesk.hears(each)["event"] for each in await receiver.arrived(4)]
        assert heard[-1] == "message.customer"
        assert (await helpdesk.does(handoff, "note", text="refund asked"))[0] == 200
        status, done = await helpdesk.does(handoff, "resolve", disposition="answered")
        assert (status, done["handoff"]["status"]) == (200, "resolved")
        assert "Hanna has closed" in (await carla.hears())["text"]


async def test_a_delivery_is_done_once_and_one_that_failed_can_come_again(
    hooked: Client, receiver: Receiver, clock: Clock
) -> None:
    helpdesk = Helpdesk(hooked, clock)
    async with Carla.arrives(hooked) as carla:
        await carla.hears()
        await carla.says("human please")
        handoff = json.loads((await receiver.arrived(1))[0].body)["handoff"]["id"]
        assert (await helpdesk.does(handoff, "say", text="a", delivery="same"))[0] == 409
        await helpdesk.does(handoff, "claim")
        answers = [await helpdesk.does(handoff, "say", text="a", delivery="same") for _ in "12"]
        assert [status for status, _ in answers] == [200, 409]
        assert answers[1][1]["error"]["code"] == "Repeated"


async def test_what_is_not_signed_or_not_understood_is_refused(
    hooked: Client, clock: Clock
) -> None:
    helpdesk = Helpdesk(hooked, clock)
    assert (await helpdesk.posts("/hooks/desk", {}, **{"X-Desk-Signature": "sha256=0"}))[0] == 401
    assert (await helpdesk.posts("/hooks/desk", {}, **{"X-Desk-Timestamp": "1"}))[0] == 401
    assert (await helpdesk.posts("/hooks/desk", {}))[0] == 400
    assert (await helpdesk.posts("/hooks/desk", []))[0] == 400
    assert (await helpdesk.does("nobody|1", "claim"))[0] == 404
    assert (await helpdesk.does("nobody|1", "delete"))[0] == 400
    assert (await helpdesk.posts("/hooks/handoff-status", {"id": "1"}))[0] == 400


async def test_a_status_of_the_protocol_moves_the_record(
    hooked: Client, receiver: Receiver, clock: Clock
) -> None:
    helpdesk = Helpdesk(hooked, clock)
    async with Carla.arrives(hooked) as carla:
        await carla.hears()
        await carla.says("human please")
        event = json.loads((await receiver.arrived(1))[0].body)["activity"]
        moved: list[str] = []
        for state in ("accepted", "accepted", "failed", "accepted", "completed", "completed"):
            told = {
                "type": "event",
                "name": "handoff.status",
                "id": f"{state}-{len(moved)}",
                "conversation": {"id": event["conversation"]["id"]},
                "from": {"name": "The hub"},
                "value": {"state": state, "message": "no one here"},
            }
            status, answer = await helpdesk.posts("/hooks/handoff-status", told)
            assert status == 200
            moved.append(answer["handoff"]["status"])
        assert moved == ["active", "active", "waiting", "active", "resolved", "resolved"]


async def test_without_a_secret_there_is_no_door(client: Client) -> None:
    assert (await client.post("/hooks/desk", json={})).status == 404
