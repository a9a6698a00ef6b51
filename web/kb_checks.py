"""What stands beside an editor's fields, with the version in force to compare with."""

import asyncio
from collections.abc import Iterator, Sequence

from knowledge.encoder import Encoder
from knowledge.entry import Entry
from knowledge.learning.grouping import Meanings
from knowledge.live import Live
from knowledge.neighbours import (
    Code,
    Finding,
    Neighbourhood,
    findings,
    others_win,
    placed,
)
from knowledge.parts import Kind
from web.errors import Refused
from web.kb_editor import Desk, Editor
from web.kb_forms import loosely_read

MOST_ASKED = 12  # new questions of a language that are asked of the version in force at once


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

    async def findings(self, entry: Entry, desk: Desk, beside: bool) -> list[Finding]:
        """beside: with the other entries and drafts too, which is slow; what is not ready yet is
        left out."""
        policy, now = self._editor.policy(), self._editor.now()
        if not beside:
            return await asyncio.to_thread(findings, entry, policy, now)
        if not self.is_ready and (self._making is None or self._making.done()):
            self._making = asyncio.create_task(self._make())
        around = self._around[1] if self._around and entry.questions else None

        def look() -> list[Finding]:
            drafts = dict(_drafts(desk, entry.id)) if around else {}
            return findings(entry, policy, now, around, drafts)

        found = await asyncio.to_thread(look)
        told = {(each.code, each.place) for each in found}
        asked = await self._asked(entry)
        return [*found, *(each for each in asked if (each.code, each.place) not in told)]

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
        fresh = [each for each in placed(entry) if each[1] not in known]
        asked: list[tuple[str, str]] = []
        left: list[Finding] = []
        for language in entry.questions:
            of_it = [each for each in fresh if each[0].startswith(f"questions.{language}.")]
            asked += of_it[-MOST_ASKED:]
            if (more := len(of_it) - MOST_ASKED) > 0:
                told = {"count": more, "language": language}
                left.append(Finding(Code.NOT_ASKED, f"questions.{language}", told))
        results = await knowledge.match([text for _, text in asked])
        return [*others_win(entry.id, asked, results), *left]


def _drafts(desk: Desk, entry_id: str) -> Iterator[tuple[str, Entry | None]]:
    """Of the other entries, as far as they are written."""
    for part, draft in desk.drafts.items():
        if part.kind is not Kind.ENTRY or part.id == entry_id:
            continue
        try:
            yield part.id, None if draft.archived else loosely_read(draft.body, part.id)
        except Refused:  # a draft of another shape is for its own page to tell
            continue
