"""The console's socket: who may open it, what it tells, and that nothing is lost or doubled."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from accounts import store
from tests.product import MONDAY_MORNING, Clock
from tests.staff import database_of
from tests.web.agents import House, Line, house
from web.agent_page_socket import QUEUED, PageSocket
from web.agent_tickets import LIFETIME_S, Tickets
from web.errors import Refused


@pytest.fixture
async def home(sqlite_url: str, clock: Clock) -> AsyncIterator[House]:
    async with house(sqlite_url, clock) as made:
        yield made


async def closed(socket: ClientWebSocketResponse) -> int:
    while (frame := await socket.receive(timeout=10)).type is WSMsgType.TEXT:
        pass
    assert frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSED), frame
    assert socket.close_code is not None
    return socket.close_code


async def test_it_opens_once_for_its_session_from_our_pages(home: House) -> None:
    mei, ada = home.mei, home.ada
    ticket = await mei.ticket()
    path = f"/agent/socket?ticket={ticket}"
    for staff, at, headers in (
        (mei.staff, path, {"Origin": "https://evil.example"}),
        (mei.staff, path, {"Cookie": ""}),
        (ada.staff, path, {}),
        (mei.staff, "/agent/socket", {}),
        (mei.staff, f"{path}x", {}),
        (mei.staff, "/agent/socket?ticket=a.1.b", {}),
    ):
        with pytest.raises(WSServerHandshakeError) as refused:
            await staff.connect(at, **headers)
        assert refused.value.status in (401, 403), (at, headers)
    socket = await mei.staff.connect(path)
    with pytest.raises(WSServerHandshakeError):
        await mei.staff.connect(path)
    await socket.close()


def test_a_ticket_lives_half_a_minute() -> None:
    at = [1000.0]
    tickets = Tickets("secret", lambda: at[0])
    early, late = tickets.give("session"), tickets.give("session")
    tickets.take(early, "session")
    at[0] += LIFETIME_S
    with pytest.raises(Refused):
        tickets.take(late, "session")
    with pytest.raises(Refused):
        tickets.take("é.1.é", "session")


async def test_it_tells_that_lists_changed_and_what_is_said(home: House) -> None:
    line = await home.mei.connects()
    handoff = await home.asks()
    await line.hears("queue")
    await line.watches(handoff)
    assert (await line.hears("detail"))["detail"]["status"] == "waiting"
    await home.mei.does(handoff, "claim")
    while (await line.hears("detail"))["detail"]["status"] != "active":
        pass
    await home.carla.sends("Here is the number: 4711")
    lines = (await line.hears("lines"))["lines"]
    while "4711" not in lines[-1]["text"]:
        lines = (await line.hears("lines"))["lines"]
    assert lines[-1]["author"] == "customer"
    await home.ada.does(handoff, "note", text="A note", client="note-0001")
    while not (told := await line.hears("detail"))["detail"]["notes"]:
        pass
    assert told["detail"]["notes"][0]["text"] == "A note"
    await line.socket.close()


async def test_a_line_that_broke_goes_on_where_it_was(home: House) -> None:
    handoff = await home.asks()
    await home.mei.does(handoff, "claim")
    first = await (await home.mei.connects()).watches(handoff)
    number = await home.mei.says(handoff, "0")
    lines = await first.lines_until(number)
    await first.socket.close()
    for text in range(1, 30):
        number = await home.mei.says(handoff, str(text))
    second = await (await home.mei.connects()).watches(handoff, lines[-1]["n"])
    later = asyncio.create_task(home.mei.says(handoff, "30"))
    lines += await second.lines_until(number + 1)
    await later
    own = [line["text"] for line in lines if line["author"] == "agent"]
    assert own == [str(text) for text in range(31)]
    assert len({line["n"] for line in lines}) == len(lines)
    await second.socket.close()


async def test_typing_is_seen_both_ways_while_the_agent_has_it(home: House) -> None:
    handoff = await home.asks()
    line = await (await home.mei.connects()).watches(handoff)
    await line.hears("detail")
    await home.mei.does(handoff, "claim")
    while (await line.hears("detail"))["detail"]["status"] != "active":
        pass
    await home.carla.sends(type="typing")
    assert (await line.hears("typing"))["who"] == "customer"
    await line.socket.send_json({"typing": True})
    while not [one for one in home.carla.heard if one["type"] == "typing"]:
        async with asyncio.timeout(10):
            home.carla.heard += (await home.carla._socket.receive()).json()["activities"]
    await line.socket.close()


async def test_two_who_look_at_the_same_see_each_other_until_they_leave(home: House) -> None:
    handoff = await home.asks()
    mei = await (await home.mei.connects()).watches(handoff)
    ada = await (await home.ada.connects()).watches(handoff)
    await _sees(mei, "Ada Okafor", "Mei Lin")
    await _sees(ada, "Ada Okafor", "Mei Lin")
    await ada.socket.close()
    await _sees(mei, "Mei Lin")
    await mei.socket.close()


async def _sees(line: Line, *names: str) -> None:
    while sorted(each["name"] for each in (await line.hears("viewers"))["people"]) != list(names):
        pass


async def test_what_an_agent_may_not_see_is_gone(home: House) -> None:
    handoff = await home.asks()
    raj = await (await home.raj.connects()).watches(handoff)
    assert (await raj.hears("gone"))["id"] == handoff
    mei = await (await home.mei.connects()).watches(handoff)
    await mei.hears("detail")
    await home.ada.does(handoff, "queue", role="helpdesk_agent")
    assert (await mei.hears("gone"))["id"] == handoff
    for line in (raj, mei):
        await line.socket.close()


async def test_who_is_disabled_is_cut_off_within_two_seconds(home: House) -> None:
    line = await home.mei.connects()
    begun = asyncio.get_running_loop().time()
    database = database_of(home.client)
    await database.write(store.set_disabled, home.mei.staff.person.id, True, MONDAY_MORNING)
    assert await closed(line.socket) == 4401
    assert asyncio.get_running_loop().time() - begun < 2
    assert (await home.mei.staff.get("/agent/list", "application/json")).status == 401


@pytest.mark.parametrize("frame", ["{", "[]", '{"watch": NaN}', '{"a":' * 40, "\x00"])
async def test_frames_nobody_understands_end_it(home: House, frame: str) -> None:
    line = await home.mei.connects()
    await line.socket.send_str(frame)
    assert await closed(line.socket) == 1003


async def test_strange_frames_are_left_alone_and_large_ones_end_it(home: House) -> None:
    line = await home.mei.connects()
    frames: list[dict[str, object]] = [{"explode": 1}, {"watch": 7}, {"watch": "no|1"}]
    for frame in [*frames, {"typing": {}}, {}]:
        await line.socket.send_json(frame)
    assert (await line.hears("gone"))["id"] == "no|1"
    await line.socket.send_str('{"watch": "' + "x" * 70_000 + '"}')
    assert await closed(line.socket) == 1009


async def test_too_many_frames_end_it(home: House) -> None:
    line = await home.mei.connects()
    for _ in range(100):
        await line.socket.send_json({})
    assert await closed(line.socket) == 1008


async def test_who_takes_nothing_is_let_go_and_can_come_back(
    home: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[PageSocket] = []
    begin = PageSocket.beat

    async def kept(page: PageSocket) -> None:
        pages.append(page)
        await begin(page)

    monkeypatch.setattr(PageSocket, "beat", kept)
    line = await home.mei.connects()
    await line.watches(await home.asks())
    await line.hears("detail")
    for number in range(QUEUED + 1):
        pages[0].put({"type": "typing", "id": str(number), "who": "customer", "name": ""})
    assert await closed(line.socket) == 1013


async def test_the_page_s_socket_keeps_its_agent_at_the_desk(home: House) -> None:
    line = await home.mei.connects()
    await home.mei.ticket()
    while not await home.rows("SELECT 1 FROM presence"):
        pass
    people = {each["name"]: each for each in (await home.ada.listed())["people"]}
    assert people["Mei Lin"]["connected"]
    await line.socket.close()
