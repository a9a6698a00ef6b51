"""Golden questions: what customers may ask, and what has to be found for it before a publish."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import versions
from knowledge.drafts import SavedOver
from knowledge.learning.suggestions import add_golden
from knowledge.parts import Kind, Part
from knowledge.text import language_of
from web.errors import Problem, Refused
from web.kb_chart import accuracy
from web.kb_editor import PATH, Desk, Editor, answer, refusal, who
from web.kb_forms import Form, Short, read_form

GOLDEN = Part(Kind.GOLDEN)
SHOWN = 200
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, pattern=r"^[^\r\n]*\S[^\r\n]*$", min_length=1, max_length=300
    ),
]


class Adding(Form):
    """`expected` is empty for what nothing should answer."""

    question: Line
    expected: Annotated[list[Short], Field(max_length=10)]


class Removing(Form):
    question: str


class KbGolden:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        return [
            guard.get(PATH + "/golden", edit, self.page),
            guard.post(PATH + "/golden/add", edit, self.add),
            guard.post(PATH + "/golden/remove", edit, self.remove),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        desk = await self._editor.desk()
        words, entry = request.query.get("q", "").strip()[:100], request.query.get("entry", "")[:80]
        titles = self._editor.titles(desk, self._editor.language(request, person))
        cases = desk.body(GOLDEN) or []
        terms = words.lower().split()
        found = [
            case
            for case in cases
            if all(term in str(case.get("question", "")).lower() for term in terms)
            and (not entry or entry in case.get("expected", ()))
        ]
        history = await self._editor.database.read(versions.latest, 60)
        measured = [each for each in reversed(history) if each.golden.get("cases")]
        say = self._editor.rendering.say(self._editor.language(request, person))
        return await self._editor.page(
            request,
            person,
            "golden",
            cases=found[:SHOWN],
            more=max(len(found) - SHOWN, 0),
            total=len(cases),
            searched=words,
            entry=entry,
            titles=titles,
            counts=_counts(desk),
            chart=accuracy(measured, say("editor.golden.over_time")) if measured else "",
            last=measured[-1].golden if measured else {},
        )

    async def add(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Adding)
        desk = await self._editor.desk()
        titles = self._editor.titles(desk, "en")
        if unknown := [each for each in asked.expected if each not in titles]:
            return refusal("UnknownEntry", f"There is no entry {unknown[0]}.", 422)
        language = language_of(asked.question) or "en"
        author, now = who(person), self._editor.now()
        added = await self._editor.database.write(
            add_golden, asked.question, language, asked.expected, author, now
        )
        return answer({"revision": added.revision if added else 0})

    async def remove(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Removing)
        desk = await self._editor.desk()
        cases = desk.body(GOLDEN) or []
        kept = [case for case in cases if case["question"] != asked.question]
        if len(kept) == len(cases):
            raise Refused(Problem.NOT_FOUND)
        draft = desk.drafts.get(GOLDEN)
        try:
            saved = await self._editor.save(
                person, GOLDEN, kept, draft.revision if draft else 0, desk.version, archived=False
            )
        except SavedOver:
            return refusal("SavedOver", "Somebody else changed the questions; try again.")
        return answer({"revision": saved.revision})


def _counts(desk: Desk) -> dict[str, int]:
    found: dict[str, int] = {}
    for case in desk.body(GOLDEN) or []:
        for entry_id in case.get("expected", ()):
            found[entry_id] = found.get(entry_id, 0) + 1
    return found
