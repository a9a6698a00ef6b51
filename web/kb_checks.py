"""What stands beside an editor's fields, with the version in force to compare with."""

import asyncio
from collections.abc import Sequence

from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.learning.grouping import Meanings
from knowledge.live import Live
from knowledge.neighbours import Finding, Neighbourhood, findings, others_win
from web.kb_editor import Editor

MOST_ASKED = 12  # new questions that are asked of the version in force at once


class Checks:
    """Where the entries lie among each other is worked out once a version, and its vectors once."""

    def __init__(self, editor: Editor, encoder: Encoder | None) -> None:
        self._editor = editor
        self._live: Live = editor.live
        self._encoder = encoder
        self._meanings: Meanings | None = None
        self._around: tuple[int, Neighbourhood] | None = None
        self._making: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        return self._around is not None and self._around[0] == self._live.knowledge.version

    async def findings(self, entry: Entry, beside: bool) -> list[Finding]:
        """beside: with the other entries too, which is slow; what is not ready yet is left out."""
        policy, now = self._editor.policy(), self._editor.now()
        if not beside:
            return await asyncio.to_thread(findings, entry, policy, now)
        if not self.is_ready and (self._making is None or self._making.done()):
            self._making = asyncio.create_task(self._make())
        around = self._around[1] if self._around and entry.questions else None
        found = await asyncio.to_thread(findings, entry, policy, now, around)
        return [*found, *await self._asked(entry)]

    async def ready(self) -> None:
        """When what is being worked out is done."""
        if self._making:
            await self._making

    async def _make(self) -> None:
        knowledge = self._live.knowledge
        self._around = (
            knowledge.version,
            await asyncio.to_thread(self._made, knowledge.content.entries),
        )

    def _made(self, entries: Sequence[Entry]) -> Neighbourhood:
        if self._meanings is None:
            titles = [entry.title(language) for entry in entries for language in entry.questions]
            self._meanings = Meanings(self._encoder, titles)
        return Neighbourhood(entries, self._meanings)

    async def _asked(self, entry: Entry) -> list[Finding]:
        """The new questions as customers would ask them of the version in force; its own it
        knows."""
        knowledge = self._live.knowledge
        known = {
            text
            for each in knowledge.content.entries
            if each.id == entry.id
            for texts in each.questions.values()
            for text in texts
        }
        fresh = [
            (f"questions.{language}.{number}", text)
            for language, texts in entry.questions.items()
            for number, text in enumerate(texts)
            if text not in known
        ][-MOST_ASKED:]
        results = await knowledge.match([text for _, text in fresh])
        return list(others_win(entry.id, fresh, results))
