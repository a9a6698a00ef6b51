"""Customers who wait for a person and agents who answer them, each with a WebSocket open."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from accounts import sessions

ASK = "I want to talk to a person"
Json = dict[str, Any]


def is_from_the_desk(activity: Json) -> bool:
    return bool(activity.get("channelData", {}).get("author") == "system")


@dataclass
class Ledger:
    """When each message was sent, and how often and how late it was heard."""

    sent: dict[str, float] = field(default_factory=dict)
    heard: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.sent[text] = perf_counter()

    def hear(self, text: object) -> None:
        if isinstance(text, str) and text in self.sent:
            self.waits.append(perf_counter() - self.sent[text])
            self.heard[text] += 1


class Web(NamedTuple):
    """As browsers have it: a WebSocket takes over no connection that requests have used."""

    requests: ClientSession
    sockets: ClientSession


@dataclass
class Customer:
    web: Web
    url: str
    address: str
    number: int
    token: str = ""
    conversation: str = ""
    handoff: str = ""
    stream: ClientWebSocketResponse | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Each comes from an address of its own, as the proxy says."""
        number = self.number
        origin = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        return {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": origin}

    async def arrives(self, secret: str) -> None:
        base = f"{self.url}/v3/directline"
        granted = await self._post(f"{base}/tokens/generate", {}, secret)
        self.token = granted["token"]
        begun = await self._post(f"{base}/conversations", {})
        self.conversation = begun["conversationId"]
        self.address = f"{base}/conversations/{self.conversation}/activities"
        self.stream = await self.web.sockets.ws_connect(begun["streamUrl"], headers=self.headers)

    async def says(self, text: str) -> str:
        said = {"type": "message", "from": {"id": "dl_x"}, "text": text}
        return str((await self._post(self.address, said))["id"])

    async def asks_for_a_person(self) -> None:
        number = (await self.says(ASK)).rpartition("|")[2]
        self.handoff = f"{self.conversation}|{int(number)}"
        await self._until(is_from_the_desk)

    async def listens(self, ledger: Ledger) -> None:
        await self._until(lambda activity: ledger.hear(activity.get("text")))

    async def _until(self, done: Callable[[Json], object]) -> None:
        assert self.stream
        async for frame in self.stream:
            if frame.type is WSMsgType.TEXT and frame.data:
                for activity in frame.json()["activities"]:
                    if activity["from"].get("role") != "user" and done(activity):
                        return

    async def _post(self, url: str, body: Json, credential: str = "") -> Json:
        headers = dict(self.headers)
        if credential:
            headers["Authorization"] = f"Bearer {credential}"
        async with self.web.requests.post(url, json=body, headers=headers) as answer:
            answer.raise_for_status()
            got: Json = await answer.json()
            return got


@dataclass
class Desk:
    """An agent's page on one conversation."""

    web: Web
    url: str
    key: str
    handoff: str
    socket: ClientWebSocketResponse | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Origin": self.url,
            "Cookie": f"session={self.key}",
            "X-CSRF-Token": sessions.csrf_token(self.key),
            "Accept": "application/json",
        }

    async def opens(self) -> None:
        await self.does("claim", {})
        ticket = (await self._post("/agent/ticket", {}))["ticket"]
        address = f"{self.url}/agent/socket?ticket={ticket}"
        self.socket = await self.web.sockets.ws_connect(address, headers=self.headers)
        await self.socket.send_json({"watch": self.handoff, "after": 0})

    async def does(self, action: str, body: Json) -> Json:
        return await self._post(f"/agent/handoffs/{self.handoff}/{action}", body)

    async def listens(self, ledger: Ledger) -> None:
        assert self.socket
        async for frame in self.socket:
            if frame.type is WSMsgType.TEXT:
                for line in frame.json().get("lines", ()):
                    if line.get("author") == "customer":
                        ledger.hear(line.get("text"))

    async def _post(self, path: str, body: Json) -> Json:
        async with self.web.requests.post(
            self.url + path, json=body, headers=self.headers
        ) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{path}: {answer.status} {await answer.text()}")
            got: Json = await answer.json()
            return got
