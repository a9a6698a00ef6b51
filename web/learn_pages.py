"""What the pages share on which editors learn from what happened."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from accounts import audit
from accounts.models import Person
from knowledge import drafts, importing
from knowledge.editing import Editing
from knowledge.importing import Base
from knowledge.live import Knowledge, Live
from knowledge.text import normalise
from knowledge.versions import Who
from storage.database import Database
from web.guard import Guard
from web.rendering import Rendering

PATH = "/editor"
LEAST_CONFIDENCE = 0.02
MOST_FOUND = 6
MAX_WORDS = 300


@dataclass(frozen=True, slots=True)
class Learn:
    database: Database
    guard: Guard
    rendering: Rendering
    live: Live
    editing: Editing
    now: Callable[[], datetime]

    @property
    def knowledge(self) -> Knowledge:
        return self.live.knowledge

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.knowledge.policy.support.hours.time_zone)

    async def base(self) -> Base:
        """The entries as editors have them now."""
        version, content = await self.editing.newest()
        open_drafts = await self.database.read(drafts.all_open)
        return importing.base_of(version, content, open_drafts)

    def language(self, request: web.Request, person: Person) -> str:
        return self.rendering.language(request, person)

    def title(self, entry_id: str, language: str) -> str:
        """What the entry is called, or its id where it is not published."""
        known = self.knowledge
        return known.title(entry_id, language) if known.has(entry_id) else entry_id

    def topics(self) -> list[str]:
        return sorted({entry.topic for entry in self.knowledge.content.entries})

    async def exported(self, person: Person, what: str, details: Mapping[str, object]) -> None:
        """An export is on record before anything of it leaves."""
        await self.database.write(
            audit.record, person.id, "content.exported", what, details, self.now()
        )


@dataclass(frozen=True, slots=True)
class Near:
    """An entry that may be meant; no confidence where only its words were found."""

    entry_id: str
    title: str
    confidence: float | None


async def nearest(learn: Learn, texts: Sequence[str], language: str, words: str = "") -> list[Near]:
    """Best first: what the matcher finds, then entries that hold the words somewhere."""
    asked = [words] if words else list(texts)
    sure: dict[str, float] = {}
    for result in await learn.knowledge.match(asked):
        for match in result.matches:
            if match.confidence >= LEAST_CONFIDENCE:
                best = max(match.confidence, sure.get(match.entry_id, 0.0))
                sure[match.entry_id] = best
    ordered = sorted(sure, key=lambda each: -sure[each])
    holding = [each for each in _holding(learn.knowledge, words) if each not in sure]
    return [
        Near(each, learn.title(each, language), sure.get(each))
        for each in [*ordered, *holding][:MOST_FOUND]
    ]


def _holding(knowledge: Knowledge, words: str) -> Iterator[str]:
    wanted = normalise(words)
    if not wanted:
        return
    for entry in knowledge.content.entries:
        texts = (text for questions in entry.questions.values() for text in questions)
        if wanted in entry.id or any(wanted in normalise(text) for text in texts):
            yield entry.id


def who(person: Person) -> Who:
    return Who(person.id, person.name)


def download(name: str, body: bytes, content_type: str) -> web.Response:
    return web.Response(
        body=body,
        content_type=content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
