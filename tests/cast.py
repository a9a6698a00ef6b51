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
        self.headers = {"Authorization": f"Bearer {token['token']}"}
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
            headers=self.headers,
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


AGENTS_CHANNEL = "19:desk@thread.tacv2"


class Teammate:
    """Somebody in the agents' channel in Teams."""

    def __init__(self, client: Client, channel: Channel, name: str, object_id: str) -> None:
        self._client = client
        self._channel = channel
        self.name = name
        self.object_id = object_id

    async def writes(self, text: str, thread: str = "", **changes: Any) -> Json:
        """Into a thread, or as one of its own; the activity that was sent."""
        activity = self._channel.activity(text, **{**self._where(thread), **changes})
        assert await self._post(activity) == (202, None)
        return activity

    async def edits(self, message: Json, text: str, at: str = "2026-11-22T08:01:00Z") -> None:
        changed = {**message, "type": "messageUpdate", "text": text, "timestamp": at}
        assert await self._post(changed) == (202, None)

    async def deletes(self, message: Json) -> None:
        deleted = {**message, "type": "messageDelete", "text": None}
        assert await self._post({k: v for k, v in deleted.items() if v}) == (202, None)

    async def presses(self, verb: str, handoff: str, thread: str, **data: str) -> Json:
        """A button of a handoff's card; what the channel is answered."""
        action = {"type": "Action.Execute", "verb": verb, "data": {"handoff": handoff, **data}}
        return await self.invokes({"action": action, "trigger": "manual"}, thread)

    async def invokes(self, value: Any, thread: str = "") -> Json:
        activity = self._channel.activity(
            type="invoke", name="adaptiveCard/action", value=value, **self._where(thread)
        )
        status, answer = await self._post(activity)
        assert status == 200 and isinstance(answer, dict)
        return answer

    def _where(self, thread: str) -> Json:
        return {
            "from": {"id": f"29:{self.name}", "name": self.name, "aadObjectId": self.object_id},
            "conversation": {
                "id": thread or AGENTS_CHANNEL,
                "conversationType": "channel",
                "isGroup": True,
                "tenantId": "tenant-1",
            },
            "channelData": {
                "channel": {"id": AGENTS_CHANNEL},
                "team": {"id": "19:team@thread.tacv2"},
                "tenant": {"id": "tenant-1"},
            },
        }

    async def _post(self, activity: Json) -> tuple[int, Any]:
        answer = await self._client.post(
            "/api/messages",
            json=activity,
            headers={"Authorization": f"Bearer {self._channel.token()}"},
        )
        text = await answer.text()
        return answer.status, await answer.json() if text else None
