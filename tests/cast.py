"""Who appears in the stories: Carla asks on the web, Tom asks in Teams."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from aiohttp import ClientResponse, ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient
from yarl import URL

from tests.bot.channel import Channel

DIRECT_LINE = "/v3/directline"
PATIENCE_S = 20

Client = TestClient[web.Request, web.Application]
Json = dict[str, Any]


class Carla:
    """A customer on a web page, with nothing but what Direct Line gives her."""

    def __init__(self, client: Client, token: Json, socket: ClientWebSocketResponse) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token['token']}"}
        self._socket = socket
        self.conversation: str = token["conversationId"]
        self.heard: list[Json] = []
        self._unread: list[Json] = []

    @classmethod
    @asynccontextmanager
    async def arrives(cls, client: Client, locale: str = "") -> AsyncIterator[Self]:
        origin = str(client.make_url("/")).rstrip("/")
        answer = await client.post("/widget/token", json={}, headers={"Origin": origin})
        token = await answer.json()
        begun = await client.post(
            f"{DIRECT_LINE}/conversations",
            json={"locale": locale},
            headers={"Authorization": f"Bearer {token['token']}"},
        )
        url = URL((await begun.json())["streamUrl"]).with_scheme("http")
        async with client.session.ws_connect(url) as socket:
            yield cls(client, token, socket)

    async def says(self, text: str = "", **more: Any) -> Json:
        """Send a message and wait for the bot's next one."""
        await self.sends(text, **more)
        return await self.hears()

    async def tries_to_send(self, text: str = "", **more: Any) -> ClientResponse:
        activity = {"type": "message", **({"text": text} if text else {}), **more}
        return await self._client.post(
            f"{DIRECT_LINE}/conversations/{self.conversation}/activities",
            json=activity,
            headers=self._headers,
        )

    async def sends(self, text: str = "", **more: Any) -> str:
        answer = await self.tries_to_send(text, **more)
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["id"])

    async def hears(self) -> Json:
        """The bot's next message."""
        while True:
            while self._unread:
                activity = self._unread.pop(0)
                if activity["type"] == "message" and activity["from"]["role"] == "bot":
                    return activity
            frame = await self._socket.receive(timeout=PATIENCE_S)
            assert frame.type is WSMsgType.TEXT, frame
            self._unread += frame.json()["activities"]
            self.heard += frame.json()["activities"]

    async def rates(self, answer: Json, rating: str) -> Json:
        value = {"action": "rate", "rating": rating, "activity": answer["id"]}
        return await self.says(value=value, channelData={"postBack": True})


class Tom:
    """A customer in Teams; the channel signs for him and keeps what the bot sends."""

    def __init__(self, client: Client, channel: Channel) -> None:
        self._client = client
        self._channel = channel

    async def says(self, text: str, **changes: Any) -> list[Json]:
        """Send a message and wait for everything the bot has ever sent, one more than before."""
        before = len(self._channel.sent)
        await self.sends(text, **changes)
        return [sent.body for sent in await self._channel.arrived(before + 1)][before:]

    async def sends(self, text: str = "", **changes: Any) -> int:
        activity = self._channel.activity(text, **changes)
        answer = await self._client.post(
            "/api/messages",
            json=activity,
            headers={"Authorization": f"Bearer {self._channel.token()}"},
        )
        return answer.status


def titles(message: Json) -> list[str]:
    """What the buttons of a message say, on the web or in Teams."""
    actions = message.get("suggestedActions", {}).get("actions", [])
    for card in message.get("attachments", []):
        actions = actions + card["content"]["buttons"]
    return [action["title"] for action in actions]
