"""Ask anything, of what is published and of what would be: what is found, how sure, and why."""

import asyncio
from contextlib import suppress
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from knowledge.answers import AnswerError
from knowledge.entry import KnowledgeError
from knowledge.learning.suggestions import add_golden, add_out_of_scope, add_phrasings
from knowledge.live import Knowledge
from knowledge.matcher import Result
from knowledge.process import ProcessError
from knowledge.publishing import NotPublishable
from knowledge.text import language_of, normalise
from storage.database import Connection
from web.errors import Problem, Refused
from web.kb_editor import PATH, Editor, answer, refusal, who
from web.kb_forms import Form, Short, read_form, told
from web.kb_golden import Line
from web.kb_prepared import Stamp, all_of, left_out


class Asking(Form):
    question: str = Field(min_length=1, max_length=4000)
    of: Literal["live", "draft"]


class Should(Form):
    """`to`: an entry, or empty for what nothing should answer."""

    question: Line
    to: Short
    as_: Literal["phrasing", "golden"] = Field(alias="as")


class KbTry:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._made: tuple[Stamp, asyncio.Task[Knowledge]] | None = None

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        return [
            guard.get(PATH + "/try", edit, self.page),
            guard.post(PATH + "/try/ask", edit, self.ask),
            guard.post(PATH + "/try/should", edit, self.should),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        desk = await self._editor.desk()
        titles = self._editor.titles(desk, self._editor.language(request, person))
        return await self._editor.page(
            request,
            person,
            "try",
            question=request.query.get("q", "")[:300],
            entries=sorted(titles.items(), key=lambda each: each[1].lower()),
            drafts=len(desk.drafts) - len(await self._editor.left_out(desk)),
            version=desk.version,
        )

    async def ask(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Asking)
        language = self._editor.language(request, person)
        say = self._editor.rendering.say(language)
        knowledge, more = self._editor.live.knowledge, {}
        if asked.of == "draft":
            desk = await self._editor.desk()
            out = await self._editor.left_out(desk)
            more["left_out"] = left_out(desk, out, language, say)
            try:
                knowledge = await self._draft(Stamp(desk.version, all_of(desk, out)))
            except (NotPublishable, KnowledgeError) as error:
                problems = [told(each, say) for each in error.problems]
                said = "The drafts cannot be asked before this is mended."
                return refusal("NotPublishable", said, 422, problems=problems, **more)
            except ProcessError:
                raise Refused(Problem.UNAVAILABLE) from None
        [result] = await knowledge.match([asked.question])
        return answer(self._told(knowledge, asked.question, result, language) | more)

    async def should(self, request: web.Request, person: Person) -> web.Response:
        """ "This should have been ...": a phrasing to learn from, or a question to be held to."""
        asked = await read_form(request, Should)
        language = language_of(asked.question) or self._editor.language(request, person)
        desk = await self._editor.desk()
        if asked.to and asked.to not in self._editor.titles(desk, language):
            raise Refused(Problem.NOT_FOUND)
        author, now = who(person), self._editor.now()

        def add(connection: Connection) -> None:
            if asked.as_ == "golden":
                expected = [asked.to] if asked.to else []
                add_golden(connection, asked.question, language, expected, author, now)
            elif asked.to:
                lines = [(language, asked.question)]
                add_phrasings(connection, asked.to, lines, author, now)
            else:
                add_out_of_scope(connection, [(language, asked.question)], author, now)

        await self._editor.database.write(add)
        return answer({"done": asked.as_, "to": asked.to})

    async def _draft(self, stamp: Stamp) -> Knowledge:
        """What these drafts would make, made once for as long as nobody saves another."""
        if not stamp.chosen:
            return self._editor.live.knowledge
        if self._made is None or self._made[0] != stamp or _failed(self._made[1]):
            self._made = stamp, asyncio.create_task(self._make(stamp))
        return await asyncio.shield(self._made[1])

    async def _make(self, stamp: Stamp) -> Knowledge:
        publisher = self._editor.publisher
        return await publisher.knowledge(await publisher.prepare(stamp.chosen))

    def _told(
        self, knowledge: Knowledge, question: str, result: Result, language: str
    ) -> dict[str, Any]:
        spoken = language_of(question) or language
        best = result.matches[0] if result.matches else None
        text = ""
        if best and knowledge.has(best.entry_id):
            with suppress(AnswerError):  # a draft may not be right yet
                text = knowledge.answer(best.entry_id, spoken, self._editor.now())
        return {
            "band": str(result.band),
            "read": result.question,
            "repaired": _repaired(question, result.question),
            "answer": text,
            "language": spoken,
            "limits": {
                "answer": knowledge.matching.thresholds.answer,
                "ask": knowledge.matching.thresholds.ask,
            },
            "matches": [
                {
                    "id": match.entry_id,
                    "title": knowledge.title(match.entry_id, language),
                    "confidence": match.confidence,
                    "question": match.question,
                }
                for match in result.matches
            ],
        }


def _failed(task: asyncio.Task[Knowledge]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


def _repaired(question: str, read: str) -> list[list[str]]:
    """The words that were read as others: as written, as read."""
    written, now = normalise(question).split(), read.split()
    if len(written) != len(now):
        return []
    return [[old, new] for old, new in zip(written, now, strict=True) if old != new]
