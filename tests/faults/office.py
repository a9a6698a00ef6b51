"""The product with its agents signed in; its database is looked at while it is stopped."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, ClientTimeout

from storage.database import Row, open_database
from tests.bot.receiver import Receiver
from tests.faults.people import AgentAtWork, Customer, Progress, hire
from tests.faults.serving import Server, rows, serving
from tests.product import MONDAY_MORNING

AGENTS = ["ada", "bo", "cy"]
TRIES = 20
OWED = (
    "SELECT conversation_id FROM pending_turns"
    " UNION ALL SELECT id FROM outbox WHERE status IN ('queued', 'sending')"
)


def hooked(receiver: Receiver) -> dict[str, Any]:
    """The settings with which the receiver is told of everything."""
    return {
        "webhook_urls": [receiver.url],
        "webhook_secret": ["a secret that is at least 32 characters long"],
        "webhook_allow_private": True,
    }


@dataclass
class Office:
    database_url: str
    ahead_s: float
    server: Server
    session: ClientSession
    keys: dict[str, str]
    progress: Progress = field(default_factory=Progress)

    def agents(self, progress: Progress | None = None) -> list[AgentAtWork]:
        return [
            AgentAtWork(
                self.session,
                self.server.url,
                name,
                key,
                random.Random(name),
                progress or self.progress,
                [each for each in AGENTS if each != name],
            )
            for name, key in self.keys.items()
        ]

    async def rows(self, sql: str, **values: object) -> list[Row]:
        return await rows(self.database_url, sql, **values)

    async def works(
        self,
        everybody: Iterable[Customer | AgentAtWork],
        dies: Callable[[], Awaitable[Any]],
        after_minutes: int = 0,
    ) -> None:
        """Until the product is killed when `dies` is over; then it is started again."""
        lives = asyncio.gather(*(each.lives() for each in everybody))
        async with asyncio.timeout(60):
            await dies()
        self.server.kill()
        await lives
        await self.server.start(after_minutes)

    async def settles(self, owed: str) -> None:
        """Stop when nothing is owed any more; what is, is taken up at the next start."""
        await self.server.stop()
        for _ in range(TRIES):
            if not await self.rows(owed):
                return
            await self.server.start(after_minutes=1)
            await self.server.stop()
        raise AssertionError(await self.rows(owed))


@asynccontextmanager
async def office(url: str, **settings: Any) -> AsyncIterator[Office]:
    """On Monday morning, whenever that is."""
    ahead = MONDAY_MORNING - datetime.now(UTC)
    database = await open_database(url)
    keys = await database.write(hire, AGENTS, ahead)
    await database.close()
    async with (
        serving(url, ahead.total_seconds(), **settings) as server,
        ClientSession(timeout=ClientTimeout(total=20)) as session,
    ):
        await server.start()
        yield Office(url, ahead.total_seconds(), server, session, keys)
