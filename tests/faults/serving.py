"""The product in a process of its own, to be killed and started again."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from storage.database import Row, open_database
from tests.databases import free_port

T = TypeVar("T")

PATIENCE_S = 60.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Server:
    def __init__(self, nursery: asyncio.subprocess.Process, port: int) -> None:
        self._nursery = nursery
        self.url = f"http://127.0.0.1:{port}"
        self.pid = 0
        self._minutes = 0

    async def start(self, after_minutes: int = 0) -> None:
        assert self._nursery.stdin and self._nursery.stdout
        self._minutes += after_minutes
        self._nursery.stdin.write(f"{self._minutes}\n".encode())
        self.pid = int(await asyncio.wait_for(self._nursery.stdout.readline(), 90))

    def a_minute_passes(self) -> None:
        """While it runs."""
        self._minutes += 1
        os.kill(self.pid, signal.SIGUSR1)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """It finishes what it owes before it goes."""
        os.kill(self.pid, signal.SIGTERM)
        async with asyncio.timeout(30):
            with suppress(ProcessLookupError):
                while True:
                    os.kill(self.pid, 0)
                    await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(
    database_url: str, ahead_s: float = 0.0, **settings: Any
) -> AsyncIterator[Server]:
    """A server that is not started yet; see the nursery for what is given."""
    port = free_port()
    nursery = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.faults.nursery", database_url, str(port)),
        *(str(ahead_s), json.dumps(settings)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=None,
        env={**os.environ, **ONE_THREAD},
    )
    server = Server(nursery, port)
    try:
        yield server
    finally:
        if server.pid:
            with suppress(ProcessLookupError):
                server.kill()
        assert nursery.stdin
        nursery.stdin.close()
        await nursery.wait()


async def until(look: Callable[[], Awaitable[T]]) -> T:
    """Look again and again until there is something."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.1)


async def rows(database_url: str, sql: str, **values: object) -> list[Row]:
    database = await open_database(database_url)
    try:
        return await database.write(lambda connection: connection.execute(sql, **values))
    finally:
        await database.close()
