"""Somebody at the desk of the served product, without a page of their own."""

from dataclasses import replace
from typing import Self

from bot.speaker import DeskSpeaker
from config import Settings
from handoff.desk import Desk
from handoff.models import Agent
from handoff.voice import Voice
from knowledge.files import load
from knowledge.live import Knowledge, Live
from knowledge.matching import InThread
from storage.database import Connection
from tests.browser.served import Served
from tests.product import CACHE, matcher_once


class Helper:
    """Takes and answers the latest conversation."""

    def __init__(self, served: Served, name: str) -> None:
        settings = replace(Settings(), cache=CACHE)
        content = load(settings.content)
        live = Live(Knowledge(1, content, InThread(matcher_once(content, settings))))
        self.served = served
        self.agent = Agent(f"p-{name}", name, sees_all=True)
        self._desk = Desk(Voice(DeskSpeaker(live), lambda: live.knowledge.policy))
        self._said = 0

    async def takes(self) -> Self:
        await self._write(self._desk.claim, await self.handoff(), self.agent)
        return self

    async def says(self, text: str) -> None:
        self._said += 1
        await self._write(self._desk.say, await self.handoff(), self.agent, text, str(self._said))

    async def notes(self, text: str) -> None:
        await self._write(self._desk.note, await self.handoff(), self.agent, text, "note")

    async def passes_to(self, other: "Helper") -> None:
        await self._write(self._desk.assign, await self.handoff(), self.agent, other.agent)

    async def gives_back(self) -> None:
        await self._write(self._desk.give_back, await self.handoff(), self.agent, "")

    async def closes(self) -> None:
        await self._write(self._desk.resolve, await self.handoff(), self.agent, "answered")

    async def handoff(self) -> str:
        return await self.served.database.read(_open)

    async def ratings(self) -> list[tuple[int, str]]:
        return await self.served.database.read(_ratings)

    async def _write(self, act: object, *given: object) -> None:
        await self.served.database.write(act, *given, self.served.now())  # type: ignore


def _open(connection: Connection) -> str:
    rows = connection.execute(
        "SELECT id FROM handoffs WHERE status IN ('waiting', 'active') ORDER BY created_at"
    )
    return str(rows[-1]["id"])


def _ratings(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute("SELECT score, comment FROM help_ratings")
    return [(row["score"], row["comment"]) for row in rows]
