"""Customers who ask, wait for the answer and ask again, so many at once, over Teams or Direct Line.

A conversation is left after a few questions, because the channels' limits (7 messages a second to
one thread, 20 at once over Direct Line) would be measured otherwise.
"""

import asyncio
import csv
from collections.abc import Awaitable, Callable, Iterator
from itertools import count, islice, product
from pathlib import Path
from time import perf_counter
from typing import Any

from aiohttp import ClientSession, WSMsgType

from dialogs.person import TALK_TO_HUMAN
from knowledge.files import load
from tests.bot.channel import Channel, Sent

CUSTOMERS = 16
TEAMS_QUESTIONS, DIRECT_LINE_QUESTIONS = 5, 10
PATIENCE_S = 60.0
OPENINGS = (
    "",
    "hello, ",
    "quick question: ",
    "my boss wants to know: ",
    "sorry to ask again, ",
    "for our records, ",
    "before the end of the month, ",
    "good morning team, ",
)

Ask = Callable[[Iterator[str]], Awaitable[int]]
"""One customer: takes questions until there are none; how many were answered."""


def distinct_questions(content: Path) -> list[str]:
    """Every phrasing the knowledge base and its golden questions have, said in several ways; but
    who asks for a person again and again is told once, and would be waited for here."""
    with (content / "golden.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if TALK_TO_HUMAN not in row["expected"]]
    texts = [row["question"] for row in rows]
    for entry in load(content).entries:
        if entry.id != TALK_TO_HUMAN:
            texts += [text for phrasings in entry.questions.values() for text in phrasings]
    varied = (opening + text for opening, text in product(OPENINGS, dict.fromkeys(texts)))
    return list(dict.fromkeys(varied))


async def rate(ask: Ask, questions: list[str]) -> float:
    """Turns a second with CUSTOMERS at once."""
    waiting = iter(questions)
    began = perf_counter()
    async with asyncio.timeout(PATIENCE_S + len(questions)):
        answered = await asyncio.gather(*(ask(waiting) for _ in range(CUSTOMERS)))
    if sum(answered) != len(questions):
        raise RuntimeError(f"{sum(answered)} of {len(questions)} questions were answered")
    return len(questions) / (perf_counter() - began)


class ListeningChannel(Channel):
    """A Teams channel that tells who waits for an answer that it has come."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._numbers = count(1)

    async def take(self, sent: Sent) -> None:
        waiting = self._waiting.pop(sent.body["conversation"]["id"], None)
        if waiting:
            waiting.set_result(None)

    async def ask(self, session: ClientSession, url: str, questions: Iterator[str]) -> int:
        headers = {"Authorization": f"Bearer {self.token()}"}
        answered = 0
        while some := list(islice(questions, TEAMS_QUESTIONS)):
            conversation = {"id": f"a:{next(self._numbers)}", "tenantId": "tenant-1"}
            for question in some:
                answer = asyncio.get_running_loop().create_future()
                self._waiting[conversation["id"]] = answer
                activity = self.activity(question, conversation=conversation)
                async with session.post(f"{url}/api/messages", json=activity, headers=headers) as r:
                    r.raise_for_status()
                await answer
                answered += 1
        return answered


async def ask_over_direct_line(
    session: ClientSession, url: str, secret: str, questions: Iterator[str]
) -> int:
    """As Web Chat does it: a token, a conversation, its stream, and questions by POST."""
    answered = 0
    base = f"{url}/v3/directline"
    while some := list(islice(questions, DIRECT_LINE_QUESTIONS)):
        granted = await _post(session, f"{base}/tokens/generate", secret, {})
        token = granted["token"]
        begun = await _post(session, f"{base}/conversations", token, {})
        address = f"{base}/conversations/{begun['conversationId']}/activities"
        async with session.ws_connect(begun["streamUrl"]) as stream:
            await _answer(stream)
            for question in some:
                said = {"type": "message", "from": {"id": "dl_customer"}, "text": question}
                await _post(session, address, token, said)
                await _answer(stream)
                answered += 1
    return answered


async def _post(session: ClientSession, url: str, token: str, body: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    async with session.post(url, json=body, headers=headers) as response:
        response.raise_for_status()
        return await response.json()


async def _answer(stream: Any) -> None:
    """Wait for a message of the bot."""
    async for frame in stream:
        if frame.type is not WSMsgType.TEXT or not frame.data:
            continue
        activities = frame.json()["activities"]
        if any(a["type"] == "message" and a["from"].get("role") == "bot" for a in activities):
            return
    raise RuntimeError("the stream ended")
