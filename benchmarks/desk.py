"""Agents and customers who talk, while others only have their chat open.

100 customers and 20 agents in 100 conversations say 200 messages a second for half a minute; 2,000
more sockets are idle. Measured from the POST to the other side's socket; the event loop's lateness
and the memory of a socket are the server's own.

    python -m benchmarks.desk [--json] [--seconds 30] [--per-second 200] [--idle 2000]
"""

import argparse
import asyncio
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from aiohttp import ClientSession, TCPConnector

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from benchmarks.desk_people import Customer, Desk, Ledger, Web
from benchmarks.turns import Server, free_port, serving
from storage.database import Connection, open_database

CUSTOMERS, AGENTS = 100, 20
AT_ONCE = 20
SETTLE_S = 3.0


async def in_turns(works: Sequence[Awaitable[None]]) -> None:
    """So many at once."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(work: Awaitable[None]) -> None:
        async with free:
            await work

    await asyncio.gather(*map(one, works))


async def hire(url: str) -> list[str]:
    """The session keys of so many agents."""
    keys = [sessions.new_key() for _ in range(AGENTS)]

    def sign_in(connection: Connection) -> None:
        now = datetime.now(UTC)
        for number, key in enumerate(keys):
            roles = frozenset({Role.GLOBAL_ADMIN})
            email = f"agent{number}@partner.example"
            person = Person(f"agent-{number}", f"Agent {number}", email, roles, "en")
            store.add(connection, person, "", now)
            sessions.begin(connection, key, person.id, Browser("benchmark"), now, Lifetimes())

    database = await open_database(url)
    await database.write(sign_in)
    await database.close()
    return keys


def _client() -> ClientSession:
    return ClientSession(connector=TCPConnector(limit=0))


def memory_kib(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


async def talk(
    customers: list[Customer], desks: list[Desk], ledger: Ledger, per_second: int, seconds: int
) -> None:
    """Both sides in turns, at a steady rate; POSTs are not waited for one by one."""
    began, running = perf_counter(), set[asyncio.Task[Any]]()
    for number in range(per_second * seconds):
        pair = number // 2 % len(customers)
        text = f"message {number} {secrets.token_hex(4)}"
        await asyncio.sleep(max(0.0, began + number / per_second - perf_counter()))
        ledger.say(text)
        said: Awaitable[Any] = (
            customers[pair].says(text)
            if number % 2
            else desks[pair].does("say", {"text": text, "client": secrets.token_hex(8)})
        )
        running.add(asyncio.ensure_future(said))
    await asyncio.gather(*running)


async def measure(per_second: int, seconds: int, idle: int, folder: Path) -> dict[str, float]:
    secret, port = secrets.token_urlsafe(32), free_port()
    database = f"sqlite:///{folder / 'billing.db'}"
    keys = await hire(database)
    lateness = folder / "lateness"
    environ = {
        "DATABASE_URL": database,
        "PORT": str(port),
        "DIRECT_LINE_SECRET": secret,
        "TRUSTED_PROXIES": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "benchmarks.desk_server", str(lateness)]
    ledger = Ledger()
    with serving(command, environ, port) as server:
        async with _client() as requests, _client() as sockets:
            web = Web(requests, sockets)
            numbers = iter(range(1, 1 << 24))

            def some(count: int) -> list[Customer]:
                made = islice(numbers, count)
                return [Customer(web, server.url, "", number) for number in made]

            customers = some(CUSTOMERS)
            await in_turns([each.arrives(secret) for each in customers])
            await in_turns([each.asks_for_a_person() for each in customers])
            desks = [
                Desk(web, server.url, keys[number % AGENTS], each.handoff)
                for number, each in enumerate(customers)
            ]
            await in_turns([desk.opens() for desk in desks])
            before, waiting = memory_kib(server), some(idle)
            await in_turns([each.arrives(secret) for each in waiting])
            await asyncio.sleep(SETTLE_S)
            kib = (memory_kib(server) - before) / idle
            listening = [asyncio.create_task(each.listens(ledger)) for each in customers]
            listening += [asyncio.create_task(desk.listens(ledger)) for desk in desks]
            os.kill(server.pid, signal.SIGUSR1)
            began = perf_counter()
            await talk(customers, desks, ledger, per_second, seconds)
            rate = len(ledger.sent) / (perf_counter() - began)
            await asyncio.sleep(SETTLE_S)
            for task in listening:
                task.cancel()
            await asyncio.gather(*listening, return_exceptions=True)
    late = [float(line) for line in lateness.read_text(encoding="utf-8").splitlines()]
    return {
        "messages_per_s": round(rate, 1),
        "delivery_p50_ms": round(median(ledger.waits) * 1000, 1),
        "delivery_p99_ms": round(quantiles(ledger.waits, n=100)[98] * 1000, 1),
        "lost": len(ledger.sent) - len(ledger.heard),
        "doubled": sum(count - 1 for count in ledger.heard.values()),
        "loop_lag_p99_ms": round(quantiles(late, n=100)[98], 1),
        "kib_per_socket": round(kib, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Agents and customers at their desks.")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--per-second", type=int, default=200)
    parser.add_argument("--idle", type=int, default=2000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        result = asyncio.run(
            measure(given.per_second, given.seconds, given.idle, Path(folder).absolute())
        )
    if given.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{name:16} {value:>10}" for name, value in result.items()))


if __name__ == "__main__":
    main()
