"""Agents at the console and a customer in the chat, through the product's own doors."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from aiohttp import ClientResponse, ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer

from accounts.models import Role
from app import create_app
from config import Settings
from handoff import store
from storage.database import Connection
from tests.cast import Carla, Client
from tests.product import CACHE, Clock, in_threads
from tests.staff import Staff, database_of, signed_in

Json = dict[str, Any]
PATIENCE_S = 10


@dataclass
class AgentPage:
    """What the console's page does for its agent."""

    staff: Staff

    async def listed(self, **query: str) -> Json:
        return await self._json(
            await self.staff.get("/agent/list", "application/json", params=query)
        )

    async def ids(self, view: str = "unassigned", **query: str) -> list[str]:
        return [row["id"] for row in (await self.listed(view=view, **query))["rows"]]

    async def opens(self, handoff: str, **query: str) -> Json:
        return await self._json(await self.asks_for(handoff, **query))

    async def asks_for(self, handoff: str, part: str = "", **query: str) -> ClientResponse:
        return await self.staff.get(path(handoff) + part, "application/json", params=query)

    async def does(self, handoff: str, action: str, **body: Any) -> Json:
        return await self._json(await self.tries(handoff, action, **body))

    async def tries(self, handoff: str, action: str, **body: Any) -> ClientResponse:
        url = f"{path(handoff)}/{action}"
        return await self.staff.post(url, accept="application/json", json=body)

    async def says(self, handoff: str, text: str, client: str = "") -> int:
        done = await self.does(handoff, "say", text=text, client=client or str(uuid.uuid4()))
        return int(done["done"])

    async def ticket(self) -> str:
        answer = await self.staff.post("/agent/ticket", accept="application/json", json={})
        return str((await self._json(answer))["ticket"])

    async def connects(self) -> "Line":
        return Line(await self.staff.connect(f"/agent/socket?ticket={await self.ticket()}"))

    async def _json(self, answer: ClientResponse) -> Json:
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


@dataclass
class Line:
    """An open socket of the page."""

    socket: ClientWebSocketResponse

    async def watches(self, handoff: str, after: int = 0) -> Self:
        await self.socket.send_json({"watch": handoff, "after": after})
        return self

    async def hears(self, kind: str) -> Json:
        """The next frame of a kind; those of other kinds are passed over."""
        while True:
            frame = await self.socket.receive(timeout=PATIENCE_S)
            assert frame.type is WSMsgType.TEXT, frame
            told: Json = frame.json()
            if told["type"] == kind:
                return told

    async def lines_until(self, number: int) -> list[Json]:
        lines: list[Json] = []
        while not lines or lines[-1]["n"] < number:
            lines += (await self.hears("lines"))["lines"]
        return lines


def path(handoff: str) -> str:
    return f"/agent/handoffs/{quote(handoff, safe='')}"


@dataclass
class House:
    client: Client
    mei: AgentPage
    raj: AgentPage
    ada: AgentPage
    carla: Carla

    async def asks(self, words: str = "I want to talk to a person about my payment") -> str:
        """Carla asks for a person; the handoff's id."""
        await self.carla.says(words)
        return await self.handoff()

    async def handoff(self) -> str:
        found = await database_of(self.client).read(store.latest_in, self.carla.conversation)
        assert found is not None
        return found.id

    async def rows(self, sql: str, **values: object) -> list[Json]:
        def read(connection: Connection) -> list[Json]:
            return connection.execute(sql, **values)

        return await database_of(self.client).read(read)


@asynccontextmanager
async def house(database_url: str, clock: Clock) -> AsyncIterator[House]:
    """Mei answers about billing, Raj at the helpdesk, Ada sees everything; Carla is greeted."""
    settings = Settings(database_url=database_url, cache=CACHE, dev=True, tokens_per_minute=1000)
    app = await create_app(settings, clock, in_threads(settings))
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(TestClient(TestServer(app)))
        database = database_of(client)

        async def agent(name: str, role: Role) -> AgentPage:
            return AgentPage(
                await stack.enter_async_context(signed_in(client, database, role, name=name))
            )

        carla = await stack.enter_async_context(Carla.arrives(client, "en"))
        await carla.hears()
        yield House(
            client,
            await agent("Mei Lin", Role.BILLING_ADMIN),
            await agent("Raj Patel", Role.HELPDESK_AGENT),
            await agent("Ada Okafor", Role.GLOBAL_ADMIN),
            carla,
        )
