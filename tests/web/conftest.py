"""The channel as it is served, over a small engine, with a client that speaks to it."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from conversations.streams import Streams
from storage.database import Database
from tests.web.echo import EchoTurns
from web.access import Access
from web.direct_line import DirectLine
from web.direct_line_stream import StreamSockets
from web.errors import errors
from web.origins import Origins, cors
from web.proxies import Proxies
from web.tokens import Tokens
from web.widget_tokens import WidgetTokens

SECRET = "a-secret-of-the-tests-with-enough-characters"
SHOP = "https://shop.example"
BASE = "/v3/directline"

Json = dict[str, Any]


@dataclass
class Channel:
    """What a test needs of the running channel."""

    database: Database
    turns: EchoTurns
    streams: Streams
    tokens: Tokens
    sockets: StreamSockets
    client: TestClient[web.Request, web.Application]

    async def begin(self, **grant: str) -> "Customer":
        """A customer whose page has begun a conversation."""
        answer = await self.client.post(
            "/widget/token", json=grant, headers={"Origin": SHOP}, raise_for_status=True
        )
        customer = Customer(self, await answer.json())
        begun = await customer.call("POST", "/conversations", json={"locale": "en"})
        assert begun.status in (200, 201), await begun.text()
        customer.stream_url = (await begun.json())["streamUrl"]
        return customer


class Customer:
    def __init__(self, channel: Channel, answer: Json) -> None:
        self.channel = channel
        self.token: str = answer["token"]
        self.resume: str = answer["resume"]
        self.user_id: str = answer["userId"]
        self.conversation: str = answer["conversationId"]
        self.stream_url = ""

    @property
    def path(self) -> str:
        return f"/conversations/{self.conversation}"

    @property
    def ticket(self) -> str:
        return self.stream_url.rpartition("t=")[2]

    async def call(self, method: str, path: str, **options: Any) -> ClientResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return await self.channel.client.request(method, BASE + path, headers=headers, **options)

    async def say(self, text: str, client_id: str = "") -> str:
        activity: Json = {"type": "message", "text": text, "from": {"id": "me"}}
        if client_id:
            activity["channelData"] = {"clientActivityID": client_id}
        answer = await self.call("POST", f"{self.path}/activities", json=activity)
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["id"])

    async def read(self, watermark: str = "") -> Json:
        path = f"{self.path}/activities?watermark={watermark}"
        answer = await self.call("GET", path)
        assert answer.status == 200, await answer.text()
        page: Json = await answer.json()
        return page

    async def reconnect(self, watermark: str = "") -> str:
        answer = await self.call("GET", f"{self.path}?watermark={watermark}")
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["streamUrl"])

    async def stream(self, watermark: str = "") -> "Stream":
        return await self.open(await self.reconnect(watermark))

    async def open(self, stream_url: str, **options: Any) -> "Stream":
        url = URL(stream_url).with_scheme("http")
        return Stream(await self.channel.client.session.ws_connect(url, **options))


class Stream:
    """A client's end of a stream, and all that came through it."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.watermark = ""
        self.seen: list[Json] = []

    async def frame(self) -> Json:
        message = await self.socket.receive(timeout=10)
        assert message.type is WSMsgType.TEXT, message
        frame: Json = message.json()
        self.watermark = frame["watermark"]
        self.seen += frame["activities"]
        return frame

    async def until(self, text: str) -> list[str]:
        """Read until a text was said; gives all texts seen."""
        while text not in texts(self.seen):
            await self.frame()
        return texts(self.seen)


def texts(activities: list[Json]) -> list[str]:
    return [activity["text"] for activity in activities if activity["type"] == "message"]


Start = Callable[..., Awaitable[Channel]]


@pytest.fixture
async def start(database: Database) -> AsyncIterator[Start]:
    """Start the channel, with other settings than usual where a test needs them."""
    clients: list[TestClient[web.Request, web.Application]] = []

    async def begin(
        *,
        secrets: tuple[str, ...] = (SECRET,),
        origins: tuple[str, ...] = (SHOP,),
        public_url: str = "",
        trusted_proxies: tuple[str, ...] = (),
        tokens_per_minute: int = 1000,
        clock: Callable[[], float] = time.time,
        slow_after: float = 20,
    ) -> Channel:
        proxies = Proxies(trusted_proxies)
        known = Origins(origins, public_url, proxies)
        tokens, turns, streams = Tokens(secrets, clock), EchoTurns(database), Streams(database)
        line = DirectLine(database, streams, turns, tokens, known)
        sockets = StreamSockets(database, streams, Access(tokens, known), proxies, slow_after)
        widget = WidgetTokens(tokens, known, proxies, tokens_per_minute)
        app = web.Application(middlewares=[cors, errors])
        app.add_routes([*line.routes(), *sockets.routes(), *widget.routes()])
        app.on_shutdown.append(sockets.stop)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return Channel(database, turns, streams, tokens, sockets, client)

    yield begin
    for client in clients:
        await client.close()


@pytest.fixture
async def channel(start: Start) -> Channel:
    return await start()
