"""Customers ask two processes while versions are published by both: each answer says what the
version says that it names, and none fails."""

import asyncio
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientTimeout

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from storage.database import Connection, open_database
from tests.faults.people import Progress, WebCustomer
from tests.faults.serving import Server, rows, serving, until
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.web.editors import GOLDEN, PERSON, body_of

CUSTOMERS, ROUNDS, HEARD = 6, 4, 10
QUESTION = "What does a late payment cost?"
PAULA = Person("p-paula", "Paula Novak", "p@x.example", frozenset({Role.CONTENT_PUBLISHER}), "en")

Json = dict[str, Any]


@dataclass
class Publisher:
    session: ClientSession
    key: str

    async def does(self, server: Server, path: str, **body: Any) -> Json:
        headers = {"Origin": server.url, "X-CSRF-Token": sessions.csrf_token(self.key)}
        cookies = {"Cookie": f"session={self.key}", "Accept": "application/json"}
        url = f"{server.url}/editor/{path}"
        async with self.session.post(url, json=body, headers={**headers, **cookies}) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())

    async def publishes(self, text: str, version: int, prepares: Server, publishes: Server) -> int:
        """On top of that version: one process is asked to prepare it, the other to publish it."""
        body = {"body": body_of(text), "based_on": version - 1, "version": version}
        saved = await self.does(prepares, "drafts/entry/late-fee", **body)
        chosen = [["entry/late-fee", saved["revision"]]]
        await self.does(prepares, "publish/prepare", chosen=chosen)
        done = await self.does(publishes, "publish", chosen=chosen, version=version)
        return int(done["version"])


@pytest.mark.timeout(300)
async def test_every_answer_is_of_the_version_it_names(postgresql_url: str, tmp_path: Path) -> None:
    content = shipped_copy(tmp_path / "content", TWO + PERSON)
    (content / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    given: Json = {
        "content": str(content),
        "cache": str(tmp_path / "cache"),
        "tokens_per_minute": 1000,
    }
    async with (
        serving(postgresql_url, **given) as one,
        serving(postgresql_url, **given) as two,
        ClientSession(timeout=ClientTimeout(total=60)) as session,
    ):
        for server in (one, two):
            await server.start()
        progress, stop = Progress(), asyncio.Event()
        customers = [
            WebCustomer(session, server.url, f"c{n}", random.Random(n), progress)
            for n, server in enumerate([one, two] * (CUSTOMERS // 2))
        ]
        asking = asyncio.gather(*(asks(customer, stop) for customer in customers))
        publisher = Publisher(session, await signed_in(postgresql_url))
        said = {1: "A late payment costs 1.5%."}
        for turn in range(ROUNDS):
            await progress.of(HEARD)
            servers = (one, two) if turn % 2 else (two, one)
            text = f"It costs {turn + 3} dollars."
            said[await publisher.publishes(text, turn + 1, *servers)] = text
        assert list(said) == [1, 2, 3, 4, 5]
        await progress.of(HEARD)
        stop.set()
        await asking
        await until(lambda: nothing_owed(postgresql_url))
        answers = await rows(
            postgresql_url,
            "SELECT version, body FROM activities WHERE author = 'bot' AND entry_id = 'late-fee'",
        )
        assert len(answers) == sum(len(customer.acknowledged) for customer in customers)
        for each in answers:
            assert json.loads(each["body"])["text"].startswith(said[each["version"]])
        assert {each["version"] for each in answers} >= {1, 5}


async def asks(customer: WebCustomer, stop: asyncio.Event) -> None:
    await customer.begins()
    while not stop.is_set():
        await customer.says(f"{customer.name}-{len(customer.acknowledged)}", QUESTION)


async def nothing_owed(url: str) -> bool:
    return not await rows(url, "SELECT number FROM pending_turns")


async def signed_in(url: str) -> str:
    """The key of Paula's session."""
    key, now = sessions.new_key(), datetime.now(UTC)

    def write(connection: Connection) -> None:
        store.add(connection, PAULA, "", now)
        sessions.begin(connection, key, PAULA.id, Browser("Tests"), now, Lifetimes())

    database = await open_database(url)
    await database.write(write)
    await database.close()
    return key
