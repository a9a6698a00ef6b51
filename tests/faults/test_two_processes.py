"""Two processes serve one database; each dies in turn, and the other one takes what it left."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse

from tests.bot.receiver import Receiver
from tests.faults.agreement import desk_agrees, webhook_heard_all
from tests.faults.office import Office, hooked, office
from tests.faults.people import ASK, AgentAtWork, Customer, Progress, WebCustomer
from tests.faults.serving import PATIENCE_S, Server, serving, until

DEATHS = 3
"""Of each."""
People = Sequence[Customer | AgentAtWork]
OWED = (
    "SELECT conversation_id || '|' || CAST(number AS TEXT) AS id FROM pending_turns"
    " UNION ALL SELECT id FROM outbox WHERE status IN ('queued', 'sending')"
)


class House:
    """A process and who talks to it; while it is dead, they talk to the other one."""

    def __init__(self, server: Server, people: People, helped: Progress) -> None:
        self.server = server
        self.people = people
        self.helped = helped
        self.live()

    def live(self) -> None:
        self.lives = asyncio.gather(*(each.lives() for each in self.people))

    async def is_left(self) -> None:
        self.lives.cancel()
        with suppress(asyncio.CancelledError):
            await self.lives

    async def moves_to(self, server: Server) -> None:
        """What they were not answered, they ask again there."""
        for each in self.people:
            each.url = server.url
            await each.finishes()


@pytest.mark.timeout(300)
async def test_what_one_leaves_the_other_takes_and_nothing_is_lost_or_doubled(
    postgresql_url: str,
) -> None:
    luck = random.Random(23)
    async with (
        Receiver() as receiver,
        office(postgresql_url, **hooked(receiver)) as desk,
        another(desk, **hooked(receiver)) as second,
    ):
        customers = [
            _customer(desk, server, n) for n, server in enumerate([desk.server, second] * 2)
        ]
        for customer in customers:
            await customer.begins()
        here, there = Progress(), Progress()
        agents = [*desk.agents(here)[:2], *desk.agents(there)[2:]]
        for agent in agents[2:]:
            agent.url = second.url
        houses = [
            House(desk.server, [*customers[::2], *agents[:2]], here),
            House(second, [*customers[1::2], *agents[2:]], there),
        ]
        for _ in range(DEATHS):
            for dying, other in (houses, houses[::-1]):
                await _dies(desk, dying, other.server, luck.randint(1, 6))
        for house in houses:
            await house.is_left()
        for house in houses:
            await house.moves_to(desk.server)
        await second.stop()
        await desk.settles(OWED)
        assert await webhook_heard_all(desk, receiver) > DEATHS
        await desk_agrees(desk, customers, agents)


@pytest.mark.timeout(200)
async def test_what_an_agent_says_in_one_process_is_heard_in_the_other(postgresql_url: str) -> None:
    async with office(postgresql_url) as desk, another(desk) as second:
        carla = _customer(desk, second, 1)
        agent = desk.agents()[0]
        async with carla.listens() as socket:
            await carla.says("carla-ask", ASK)
            await _claims(desk, agent)
            handoff = agent.taken[0]
            said = {"text": "How can I help you?", "client": "ada-000001"}
            assert (await agent.does(handoff, "say", said))[0] == 200
            await _hears(socket, "How can I help you?")
            said = {"text": "Are you there?", "client": "ada-000002"}
            assert (await agent.does(handoff, "say", said))[0] == 200
            desk.server.kill()
            await _hears(socket, "Are you there?")


async def _claims(desk: Office, agent: AgentAtWork) -> None:
    waiting = await until(lambda: desk.rows("SELECT id FROM handoffs WHERE status = 'waiting'"))
    assert (await agent.does(waiting[0]["id"], "claim", {}))[0] == 200
    agent.taken.append(waiting[0]["id"])


async def _hears(socket: ClientWebSocketResponse, text: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            frame = await socket.receive_str()
            if text in frame:
                return


def _customer(desk: Office, server: Server, number: int) -> WebCustomer:
    name, luck = f"customer{number}", random.Random(number)
    return WebCustomer(desk.session, server.url, name, luck, desk.progress, pause_s=0.1)


@asynccontextmanager
async def another(desk: Office, **settings: Any) -> AsyncIterator[Server]:
    async with serving(desk.database_url, desk.ahead_s, **settings) as server:
        await server.start()
        yield server


async def _dies(desk: Office, house: House, other: Server, after: int) -> None:
    """What it owed is done by the other one before it is started again."""
    async with asyncio.timeout(PATIENCE_S):
        await house.helped.of(after)
    house.server.kill()
    await house.lives
    owed = await _owed(desk)
    await house.moves_to(other)
    other.a_minute_passes()
    await until(lambda: _none_of(owed, desk))
    await house.server.start(after_minutes=1)
    await house.moves_to(house.server)
    house.live()


async def _owed(desk: Office) -> set[str]:
    return {row["id"] for row in await desk.rows(OWED)}


async def _none_of(owed: set[str], desk: Office) -> bool:
    return not owed & await _owed(desk)
