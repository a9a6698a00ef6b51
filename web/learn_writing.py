"""Help with writing an entry: suggestions to tick, and proposals of a model where there is one."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import drafts, versions
from knowledge.entry import Entry
from knowledge.interchange.markup import literal
from knowledge.learning.suggestions import with_phrasings
from knowledge.parts import Body, Kind, Part
from knowledge.suggestions import (
    ModelError,
    Proposed,
    Question,
    Source,
    Suggested,
    WritingModel,
    missing_language,
    phrasings,
)
from knowledge.versions import Who
from storage.database import Connection
from web.errors import Problem, Refused
from web.guard import form
from web.learn_pages import PATH, Learn, who

WRITING = f"{PATH}/writing"
ASKED = 300  # questions of customers that are looked through
LONGEST_ANSWER = 8000


class Writing:
    def __init__(self, learn: Learn, model: WritingModel | None) -> None:
        self._learn = learn
        self._model = model

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._learn.guard, Permission.EDIT_CONTENT
        return [
            guard.get(WRITING, edit, self.page),
            guard.post(f"{WRITING}/propose", edit, self.propose),
            guard.post(f"{WRITING}/take", edit, self.take),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        entry = await self._entry(request.query.get("entry", ""))
        return await self._page(request, person, entry)

    async def propose(self, request: web.Request, person: Person) -> web.Response:
        """What the model says is shown; a failure is, too, with all else as it was."""
        fields = await form(request)
        entry, language = await self._entry(fields.get("entry", "")), fields.get("language", "")
        if self._model is None or language not in self._languages:
            raise Refused(Problem.BAD_REQUEST)
        try:
            proposed = await self._model.propose(entry, language)
        except ModelError:
            return await self._page(request, person, entry, failed=True)
        return await self._page(request, person, entry, proposed=proposed, language=language)

    async def take(self, request: web.Request, person: Person) -> web.Response:
        """What was ticked goes into the entry's draft."""
        fields = await form(request)
        entry = await self._entry(fields.get("entry", ""))
        questions = [_question(text) for name, text in fields.items() if name.startswith("pick.")]
        language, answer = fields.get("language", ""), fields.get("answer", "")[:LONGEST_ANSWER]
        if "take_answer" not in fields or language not in self._languages:
            answer = ""
        if questions or answer:
            by, now = who(person), self._learn.now()
            await self._learn.database.write(_take, entry, questions, language, answer, by, now)
        entry = await self._entry(entry.id)
        return await self._page(request, person, entry, taken=len(questions) + bool(answer))

    @property
    def _languages(self) -> tuple[str, ...]:
        return tuple(self._learn.knowledge.policy.partner.languages)

    async def _entry(self, entry_id: str) -> Entry:
        """As editors have it now."""
        for entry in await self._entries():
            if entry.id == entry_id:
                return entry
        raise Refused(Problem.NOT_FOUND)

    async def _entries(self) -> tuple[Entry, ...]:
        return (await self._learn.base()).content.entries

    async def _page(
        self,
        request: web.Request,
        person: Person,
        entry: Entry,
        proposed: Proposed | None = None,
        language: str = "",
        **told: Any,
    ) -> web.Response:
        asked = await self._learn.database.read(_asked)
        found = await phrasings(entry, asked, self._learn.knowledge.match)
        found += await asyncio.to_thread(self._missing, entry, asked, await self._entries())
        if proposed:
            model = [Suggested(language, each, Source.MODEL) for each in proposed.questions]
            found = [*model, *found]
        return await self._learn.rendering.page(
            request,
            person,
            "learn/writing.html",
            entry=entry,
            title=entry.title(self._learn.language(request, person)),
            groups=_by_language(found, self._languages),
            missing=[each for each in self._languages if each not in entry.questions],
            languages=self._languages,
            has_model=self._model is not None,
            answer=proposed.answer if proposed else "",
            answer_language=language,
            **{"failed": False, "taken": 0, **told},
        )

    def _missing(
        self, entry: Entry, asked: list[Question], entries: tuple[Entry, ...]
    ) -> list[Suggested]:
        found: list[Suggested] = []
        for language in self._languages:
            if language not in entry.questions:
                meanings = self._learn.editing.learning.meanings()
                found += missing_language(entry, language, asked, entries, meanings)
        return found


def _by_language(
    found: list[Suggested], languages: tuple[str, ...]
) -> dict[str, list[tuple[str, Suggested]]]:
    """Each with what the page sends back for it."""
    groups: dict[str, list[tuple[str, Suggested]]] = {each: [] for each in languages}
    for each in found:
        pick = json.dumps([each.language, each.text], ensure_ascii=False)
        groups.setdefault(each.language, []).append((pick, each))
    return groups


def _question(pick: str) -> Question:
    """Raises Refused."""
    try:
        language, text = json.loads(pick)
    except (ValueError, TypeError):
        raise Refused(Problem.BAD_REQUEST) from None
    if not isinstance(language, str) or not isinstance(text, str):
        raise Refused(Problem.BAD_REQUEST)
    return language, text


def _asked(connection: Connection) -> list[Question]:
    """What was missed, each question once, the newest first; already masked."""
    rows = connection.execute(
        "SELECT question, MAX(language) AS language, MAX(missed_at) AS at FROM missed_questions"
        " WHERE times > 0 GROUP BY question ORDER BY MAX(missed_at) DESC LIMIT %(most)s",
        most=ASKED,
    )
    return [(row["language"], row["question"]) for row in rows]


def _take(
    connection: Connection,
    entry: Entry,
    questions: list[Question],
    language: str,
    answer: str,
    who: Who,
    now: datetime,
) -> None:
    part = Part(Kind.ENTRY, entry.id)
    draft = drafts.get(connection, part)
    body: Mapping[str, Any] = draft.body if draft else entry.model_dump(mode="json")
    body = with_phrasings(body, questions)
    if answer:
        body = {**body, "answer": {**body["answer"], language: f"{literal(answer)}\n"}}
    changed: Body = body
    version = versions.head(connection).version
    archived = bool(draft and draft.archived)
    based_on = draft.revision if draft else 0
    drafts.save(connection, part, changed, based_on, version, who, now, archived)
