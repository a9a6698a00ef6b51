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
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, NamedTuple

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from benchmarks.turns import Server, free_port, serving
from storage.database import Connection, open_database

CUSTOMERS, AGENTS = 100, 20
AT_ONCE = 20
SETTLE_S = 3.0
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
