"""The process is killed at random moments while agents and customers work: whatever was answered is
there once on both sides, and the record, its history and the conversation's owner agree."""

import asyncio
import random

import pytest

from tests.faults.agreement import desk_agrees
from tests.faults.office import office
from tests.faults.people import AgentAtWork, Progress, WebCustomer

KILLS = {"sqlite": 30, "postgresql": 10}
CUSTOMERS = 4


@pytest.mark.timeout(300)
async def test_what_the_desk_answered_is_there_once_and_everything_agrees(
    database_url: str,
) -> None:
    luck = random.Random(11)
    kills = KILLS["sqlite" if database_url.startswith("sqlite") else "postgresql"]
    async with office(database_url) as desk:
        customers = [
            WebCustomer(
                desk.session, desk.server.url, f"customer{n}", random.Random(n), desk.progress
            )
            for n in range(CUSTOMERS)
        ]
        agents = desk.agents(helped := Progress())
        everybody: list[WebCustomer | AgentAtWork] = [*customers, *agents]
        for customer in customers:
            await customer.begins()
        for _ in range(kills):
            await desk.works(everybody, lambda: _some_time(helped, luck))
        for each in everybody:
            await each.finishes()
        await desk.settles("SELECT 1 FROM pending_turns")
        await desk_agrees(desk, customers, agents)


async def _some_time(helped: Progress, luck: random.Random) -> None:
    """Some of what the agents did is answered, and some is not yet."""
    await helped.of(luck.randint(1, 8))
    await asyncio.sleep(luck.uniform(0, 0.02))
