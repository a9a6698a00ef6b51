"""Customers and agents who do not mind that the product dies: what was not answered is asked again,
with the same id, as their pages do."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse
from yarl import URL

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from storage.database import Connection
from tests.bot.channel import Channel

Json = dict[str, Any]
DEATH = (ClientError, TimeoutError, OSError)
ASK = "I want to talk to a person"
QUESTION = "When is my invoice due?"


class Progress:
    """How many requests were answered."""

    def __init__(self) -> None:
        self._answered = 0
        self._more = asyncio.Condition()

    async def one_more(self) -> None:
        async with self._more:
            self._answered += 1
            self._more.notify_all()

    async def of(self, number: int) -> None:
        """So many more."""
        until = self._answered + number
        async with self._more:
            await self._more.wait_for(lambda: self._answered >= until)


@dataclass
class Customer:
    """Writes one message after the other; `acknowledged` are the ids of those that were taken."""

    session: ClientSession
    url: str
    name: str
    luck: random.Random
    progress: Progress
    conversation: str = ""
    pause_s: float = 0.02
    acknowledged: list[str] = field(default_factory=list)
    _sent: int = 0
    _open: tuple[str, str] | None = None

    async def lives(self) -> None:
        """Until the product dies."""
        try:
            while True:
                await self.finishes()
                await asyncio.sleep(self.luck.uniform(0, self.pause_s))
                self._sent += 1
                client = f"{self.name}-{self._sent}"
                text = self.luck.choice([ASK, QUESTION, f"My words are {client}", f"And {client}"])
                self._open = client, text
        except DEATH:
            pass

    async def says(self, client: str, text: str) -> None:
        self._open = client, text
        await self.finishes()

    async def finishes(self) -> None:
        if self._open:
            await self._post(*self._open)
            self.acknowledged.append(self._open[0])
            self._open = None
            await self.progress.one_more()

    async def _post(self, client: str, text: str) -> None:
        raise NotImplementedError


@dataclass
class WebCustomer(Customer):
    _token: str = ""

    async def begins(self) -> None:
        origin = {"Origin": self.url}
        async with self.session.post(f"{self.url}/widget/token", json={}, headers=origin) as got:
            answer = await got.json()
        self._token, self.conversation = answer["token"], answer["conversationId"]
        await self._call("POST", "", {"locale": "en"})

    @asynccontextmanager
    async def listens(self) -> AsyncIterator[ClientWebSocketResponse]:
        await self.begins()
        begun = await self._call("POST", "", {})
        stream = URL(begun["streamUrl"]).with_scheme("http")
        async with self.session.ws_connect(stream) as socket:
            yield socket

    async def reads(self) -> list[Json]:
        """All that the conversation is to its customer."""
        heard: list[Json] = []
        watermark = ""
        while True:
            path = f"/{self.conversation}/activities?watermark={watermark}"
            page = await self._call("GET", path)
            if not page["activities"]:
                return heard
            heard, watermark = heard + page["activities"], page["watermark"]

    async def _post(self, client: str, text: str) -> None:
        said = {"type": "message", "text": text, "channelData": {"clientActivityID": client}}
        await self._call("POST", f"/{self.conversation}/activities", said)

    async def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Who writes too fast waits as long as is asked, and tries again."""
        while True:
            async with self.session.request(
                method,
                f"{self.url}/v3/directline/conversations{path}",
                json=body,
                headers={"Authorization": f"Bearer {self._token}"},
            ) as answer:
                if answer.status != 429:
                    assert answer.status in (200, 201), await answer.text()
                    return dict(await answer.json())
                wait_s = float(answer.headers["Retry-After"])
            await asyncio.sleep(wait_s)


@dataclass
class TeamsCustomer(Customer):
    channel: Channel = field(kw_only=True)

    async def _post(self, client: str, text: str) -> None:
        activity = self.channel.activity(text, id=client)
        activity["conversation"] |= {"id": self.conversation}
        activity["from"] = {"id": f"29:{self.name}", "name": self.name, "aadObjectId": self.name}
        signed = {"Authorization": f"Bearer {self.channel.token()}"}
        async with self.session.post(
            f"{self.url}/api/messages", json=activity, headers=signed
        ) as answer:
            assert answer.status == 202, await answer.text()


WEIGHTS: Mapping[str, int] = {
    "say": 10,
    "note": 3,
    "priority": 2,
    "assign": 2,
    "queue": 2,
    "resolve": 3,
    "bot": 2,
}


@dataclass
class AgentAtWork:
    """Takes what waits and works on it; `done` are the ids of what was said and noted."""

    session: ClientSession
    url: str
    id: str
    key: str
    luck: random.Random
    progress: Progress
    colleagues: list[str]
    weights: Mapping[str, int] = field(default_factory=lambda: WEIGHTS)
    pause_s: float = 0.02
    done: dict[str, list[str]] = field(default_factory=lambda: {"say": [], "note": []})
    taken: list[str] = field(default_factory=list)
    refused: int = 0
    _sent: int = 0
    _open: tuple[str, str, Json] | None = None

    async def lives(self) -> None:
        """Until the product dies."""
        try:
            while True:
                await self.finishes()
                await asyncio.sleep(self.luck.uniform(0, self.pause_s))
                self._open = await self._next()
        except DEATH:
            pass

    async def finishes(self) -> None:
        if self._open is None:
            return
        handoff, action, body = self._open
        status, answer = await self.does(handoff, action, body)
        assert status in (200, 409), answer
        self._open = None
        await self.progress.one_more()
        if status == 409:
            self.refused += 1
        elif action in self.done:
            self.done[action].append(body["client"])
        elif action == "claim":
            self.taken.append(handoff)

    async def does(self, handoff: str, action: str, body: Json) -> tuple[int, Json]:
        path = f"/agent/handoffs/{quote(handoff, safe='')}/{action}"
        return await self._call("POST", path, body)

    async def transcript(self, handoff: str) -> Json:
        path = f"/agent/handoffs/{quote(handoff, safe='')}/transcript.json"
        return (await self._call("GET", path))[1]

    async def _next(self) -> tuple[str, str, Json] | None:
        waiting, mine = await self._listed("unassigned"), await self._listed("mine")
        if waiting and (not mine or self.luck.random() < 0.3):
            return waiting[0], "claim", {}
        if not mine:
            return None
        untried = [each for each in self.done if each in self.weights and not self.done[each]]
        chance = self.luck.choices(list(self.weights), list(self.weights.values()))
        action = (untried or chance)[0]  # a run without a note would show nothing of notes
        return self.luck.choice(mine), action, self._body(action)

    def _body(self, action: str) -> Json:
        self._sent += 1
        client = f"{self.id}-{self._sent:06}"
        given: Mapping[str, Json] = {
            "say": {"text": f"Said {client}.", "client": client},
            "note": {"text": f"Noted {client}.", "client": client},
            "priority": {"priority": self.luck.randint(-1, 2)},
            "assign": {"person": self.luck.choice(self.colleagues)},
            "resolve": {"disposition": "answered"},
        }
        return given.get(action, {})

    async def _listed(self, view: str) -> list[str]:
        rows = (await self._call("GET", f"/agent/list?view={view}"))[1]["rows"]
        return [row["id"] for row in rows]

    async def _call(self, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        async with self.session.request(
            method, self.url + path, json=body, headers=self._headers()
        ) as answer:
            return answer.status, dict(await answer.json())

    async def sends_again(self, parcel: str) -> str:
        """On the page of what is stuck; what that page says of it before."""
        async with self.session.get(
            f"{self.url}/agent/undelivered", headers=self._headers()
        ) as page:
            assert page.status == 200, await page.text()
            row = next(each for each in (await page.text()).split("<tr>") if parcel in each)
        async with self.session.post(
            f"{self.url}/agent/undelivered/send-again", data={"id": parcel}, headers=self._headers()
        ) as answer:
            assert answer.status == 200, await answer.text()
        return row

    def _headers(self) -> dict[str, str]:
        return {
            "Origin": self.url,
            "Cookie": f"session={self.key}",
            "X-CSRF-Token": sessions.csrf_token(self.key),
            "Accept": "application/json",
        }


def hire(connection: Connection, names: list[str], ahead: timedelta) -> dict[str, str]:
    """Their accounts, and the keys of their sessions."""
    now = datetime.now(UTC) + ahead
    keys = {}
    for name in names:
        keys[name] = sessions.new_key()
        email, roles = f"{name}@partner.example", frozenset({Role.GLOBAL_ADMIN})
        store.add(connection, Person(name, name.title(), email, roles, "en"), "", now)
        sessions.begin(connection, keys[name], name, Browser("test"), now, Lifetimes())
    return keys
