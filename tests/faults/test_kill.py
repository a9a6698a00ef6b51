"""The process is killed at random moments under load: nothing acknowledged is lost or doubled."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout

from conversations.models import Author
from storage.database import Row
from tests.faults.people import Progress
from tests.faults.serving import Server, rows, serving

KILLS = {"sqlite": 100, "postgresql": 20}
CUSTOMERS = 4
QUESTIONS = {
    "When is my invoice due?": "payment-due",
    "What happens if I pay late?": "late-payment",
    "How can I pay my invoice?": "payment-methods",
}


@dataclass
class Asker:
    """Sends one question after the other; what was not acknowledged is sent again, same id."""

    session: ClientSession
    url: str
    progress: Progress
    token: str = ""
    conversation: str = ""
    sent: int = 0
    acknowledged: list[str] = field(default_factory=list)
    open_question: dict[str, Any] | None = None

    async def begin(self) -> None:
        origin = {"Origin": self.url}
        async with self.session.post(f"{self.url}/widget/token", json={}, headers=origin) as got:
            answer = await got.json()
        self.token, self.conversation = answer["token"], answer["conversationId"]
        await self._post("", {})

    async def ask_until_it_dies(self, luck: random.Random) -> None:
        while True:
            if self.open_question is None:
                self.sent += 1
                self.open_question = {
                    "type": "message",
                    "text": luck.choice(list(QUESTIONS)),
                    "channelData": {"clientActivityID": f"{self.conversation}-{self.sent}"},
                }
            try:
                await self._post(f"/{self.conversation}/activities", self.open_question)
            except (ClientError, TimeoutError, OSError):
                return
            self.acknowledged.append(self.open_question["channelData"]["clientActivityID"])
            self.open_question = None
            await self.progress.one_more()

    async def is_answered(self) -> None:
        """Wait until the bot has said as much as it owes: the greeting and an answer each."""
        heard: list[str] = []
        watermark = ""
        while heard.count("user") + 1 > heard.count("bot"):
            async with self.session.get(
                f"{self.url}/v3/directline/conversations/{self.conversation}/activities",
                params={"watermark": watermark},
                headers={"Authorization": f"Bearer {self.token}"},
            ) as answer:
                page = await answer.json()
            heard += [activity["from"]["role"] for activity in page["activities"]]
            watermark = page["watermark"]
            if not page["activities"]:
                await asyncio.sleep(0.3)

    async def _post(self, path: str, body: dict[str, Any]) -> None:
        async with self.session.post(
            f"{self.url}/v3/directline/conversations{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
        ) as answer:
            if answer.status == 429:
                await answer.read()
                raise TimeoutError
            assert answer.status in (200, 201), await answer.text()


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Server]:
    async with serving(database_url) as server:
        yield server


@pytest.mark.timeout(300)
async def test_every_acknowledged_message_is_there_once_and_answered_once(
    server: Server, database_url: str
) -> None:
    luck = random.Random(7)
    kills = KILLS["sqlite" if database_url.startswith("sqlite") else "postgresql"]
    async with ClientSession(timeout=ClientTimeout(total=20)) as session:
        answered = Progress()
        askers = [Asker(session, server.url, answered) for _ in range(CUSTOMERS)]
        await server.start()
        for asker in askers:
            await asker.begin()
        for _ in range(kills):
            rounds = asyncio.gather(*(asker.ask_until_it_dies(luck) for asker in askers))
            async with asyncio.timeout(60):
                await answered.of(luck.randint(0, 9))
            await asyncio.sleep(luck.uniform(0, 0.02))  # and some are not answered yet
            server.kill()
            await rounds
            await server.start()
        async with asyncio.timeout(60):
            for asker in askers:
                await asker.is_answered()
    await server.stop()
    log = await rows(database_url, "SELECT * FROM activities ORDER BY conversation_id, number")
    for asker in askers:
        _check(asker, [row for row in log if row["conversation_id"] == asker.conversation])
    assert sum(len(asker.acknowledged) for asker in askers) > kills


def _check(asker: Asker, log: list[Row]) -> None:
    assert [row["number"] for row in log] == list(range(1, len(log) + 1))
    stored = [row["external_id"] for row in log if row["external_id"]]
    assert len(stored) == len(set(stored))
    assert {f"client:{one}" for one in asker.acknowledged} <= set(stored)
    asked = [_entry(row) for row in log if row["author"] == Author.CUSTOMER and _entry(row)]
    answered = [row["entry_id"] for row in log if row["author"] == Author.BOT and row["entry_id"]]
    assert answered == asked
    greetings = [row for row in log if row["author"] == Author.BOT and not row["entry_id"]]
    assert len(greetings) == 1


def _entry(row: Row) -> str | None:
    return next((entry for text, entry in QUESTIONS.items() if text in row["body"]), None)
