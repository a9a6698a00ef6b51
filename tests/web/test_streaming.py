"""Streams that break, stall, flood and stop; and what their clients still get."""

import asyncio
import os
import socket
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from aiohttp import WSMsgType
from yarl import URL

from conversations import log
from storage.database import Connection
from tests.web.conftest import Channel, Customer, Start, Stream, texts
from tests.web.echo import bot_says


async def test_a_client_that_comes_back_misses_nothing_and_sees_nothing_twice(
    channel: Channel,
) -> None:
    customer = await channel.begin()
    first = await customer.open(customer.stream_url)
    await customer.say("One")
    await first.until("You said: One")
    await first.socket.close()
    await customer.say("Two")
    second = await customer.stream(first.watermark)
    await customer.say("Three")
    await second.until("You said: Three")
    assert texts(first.seen + second.seen) == [
        "Welcome.", "One", "You said: One", "Two", "You said: Two", "Three", "You said: Three"
    ]  # fmt: skip


async def test_a_long_conversation_is_replayed_in_pages(channel: Channel) -> None:
    customer = await channel.begin()
    await channel.database.write(_fill, customer.conversation, 3 * log.PAGE, "x")
    stream = await customer.stream()
    await stream.until(f"{3 * log.PAGE} x")
    assert texts(stream.seen)[1:] == [f"{n} x" for n in range(1, 3 * log.PAGE + 1)]


async def test_two_tabs_see_the_same(channel: Channel) -> None:
    customer = await channel.begin()
    tabs = [await customer.stream(), await customer.stream()]
    await customer.say("From one tab")
    for tab in tabs:
        await tab.until("You said: From one tab")
    assert tabs[0].seen == tabs[1].seen


async def test_conversations_do_not_hear_of_each_other(channel: Channel) -> None:
    ada, bo = await channel.begin(), await channel.begin()
    stream = await ada.stream()
    await bo.say("Bo's secret")
    await ada.say("Mine")
    assert "Bo's secret" not in await stream.until("You said: Mine")


async def test_a_watermark_from_a_lost_future_begins_again(channel: Channel) -> None:
    customer = await channel.begin()
    await customer.say("One")
    stream = await customer.stream("999")
    await stream.until("You said: One")
    assert stream.watermark == "4"
    assert (await customer.read("999"))["activities"] == stream.seen


async def test_typing_reaches_those_who_are_there_and_nobody_else(channel: Channel) -> None:
    customer = await channel.begin()
    here = await customer.stream()
    await here.until("Welcome.")
    channel.streams.whisper(customer.conversation, {"type": "typing"})
    frame = await here.frame()
    assert [activity["type"] for activity in frame["activities"]] == ["typing"]
    assert frame["activities"][0]["from"]["role"] == "bot"
    later = await customer.stream()
    await customer.say("One")
    await later.until("You said: One")
    assert "typing" not in [activity["type"] for activity in later.seen]


async def test_a_customers_typing_does_not_come_back(channel: Channel) -> None:
    customer = await channel.begin()
    stream = await customer.stream()
    await customer.call("POST", f"{customer.path}/activities", json={"type": "typing"})
    await customer.say("One")
    await stream.until("You said: One")
    assert {activity["type"] for activity in stream.seen} == {"message"}


async def test_empty_frames_and_pings_keep_a_stream_alive(channel: Channel) -> None:
    customer = await channel.begin()
    stream = await customer.stream()
    for _ in range(3):
        await stream.socket.send_str("")
        await stream.socket.ping()
    await customer.say("Still there?")
    await stream.until("You said: Still there?")


@pytest.mark.parametrize(("frames", "size", "code"), [(40, 0, 1008), (1, 65 * 1024, 1009)])
async def test_a_flooding_client_is_closed(
    channel: Channel, frames: int, size: int, code: int
) -> None:
    stream = await (await channel.begin()).stream()
    for _ in range(frames):
        await stream.socket.send_str("x" * size)
    assert await _closed(stream) == code


async def test_a_restart_tells_every_client(channel: Channel) -> None:
    customers = [await channel.begin() for _ in range(3)]
    streams = [await customer.stream() for customer in customers]
    for stream in streams:
        await stream.until("Welcome.")
    stopping = asyncio.create_task(channel.sockets.stop())
    assert [await _closed(stream) for stream in streams] == [1012] * 3
    await stopping


async def test_a_reader_that_takes_nothing_is_let_go_and_comes_back(start: Start) -> None:
    channel = await start(slow_after=0.2)
    customer = await channel.begin()
    await channel.database.write(_fill, customer.conversation, 500, "x" * 30_000)
    reader = await _stalled(channel, customer)
    await _until_open(channel, 0)
    reader.close()
    stream = await customer.stream()
    await stream.until("500 " + "x" * 30_000)
    assert len(stream.seen) == 501


async def test_a_restart_does_not_wait_for_a_reader_that_takes_nothing(channel: Channel) -> None:
    customer = await channel.begin()
    await channel.database.write(_fill, customer.conversation, 500, "x" * 30_000)
    reader = await _stalled(channel, customer)
    await channel.sockets.stop()
    await _until_open(channel, 0)
    reader.close()


async def test_a_conversation_has_room_for_five_streams(channel: Channel) -> None:
    customer = await channel.begin()
    streams = [await customer.stream() for _ in range(5)]
    await _until_open(channel, len(streams))
    assert await _handshake(channel, await customer.reconnect()) == 429


async def test_an_address_has_room_for_twenty_streams(channel: Channel) -> None:
    streams = []
    for _ in range(4):
        customer = await channel.begin()
        streams += [await customer.stream() for _ in range(5)]
    other = await channel.begin()
    assert await _handshake(channel, other.stream_url) == 429
    await streams[0].socket.close()
    await _until_open(channel, 19)
    assert await _handshake(channel, other.stream_url) == 101


def _fill(connection: Connection, conversation_id: str, count: int, text: str) -> None:
    now = datetime.now(UTC)
    for number in range(1, count + 1):
        log.append(connection, conversation_id, bot_says(f"{number} {text}"), now)


async def _closed(stream: Stream) -> int | None:
    """The code with which the other side closed."""
    while True:
        message = await stream.socket.receive(timeout=10)
        if message.type is not WSMsgType.TEXT:
            return stream.socket.close_code


async def _until_open(channel: Channel, count: int) -> None:
    async with asyncio.timeout(10):
        while channel.sockets.count != count:  # noqa: ASYNC110  # nothing tells when one has ended
            await asyncio.sleep(0.01)


async def _handshake(channel: Channel, stream_url: str) -> int:
    """The status that the handshake is answered with."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": b64encode(os.urandom(16)).decode(),
    }
    url = URL(stream_url).with_scheme("http")
    async with channel.client.session.get(url, headers=headers) as answer:
        return answer.status


async def _stalled(channel: Channel, customer: Customer) -> socket.socket:
    """A client that asks for the stream and then reads nothing."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(reader, (channel.client.host, channel.client.port))
    handshake = (
        f"GET {URL(customer.stream_url).raw_path_qs} HTTP/1.1\r\nHost: test\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await loop.sock_sendall(reader, handshake.encode())
    await _until_open(channel, 1)
    return reader
