"""One entry: written in every language side by side, looked at as customers will see it."""

from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from bot.previews import preview
from knowledge.answers import AnswerError, answer_context, render_texts
from knowledge.drafts import SavedOver
from knowledge.entry import LONGEST_QUESTION, Entry
from knowledge.learning.suggestions import add_phrasings
from knowledge.parts import Body, Kind, Part
from web.errors import Problem, Refused
from web.kb_checks import Checks
from web.kb_checks_said import as_told
from web.kb_editor import PATH, Desk, Editor, answer, who
from web.kb_forms import (
    Form,
    Short,
    entry_body,
    entry_problems,
    loosely_read,
    part_of,
    read_form,
    told,
)
from web.kb_titles import title_of

ONE = PATH + "/entries/{entry}"


class Looking(Form):
    """`at` is a local date and time of the partner's, empty for now; `beside`: compare too."""

    body: Any
    at: Short = ""
    beside: bool = False


class Moving(Form):
    question: str = Field(min_length=1, max_length=LONGEST_QUESTION)
    language: str = Field(pattern="^(en|zh)$")
    to: Short


class KbEntries:
    def __init__(self, editor: Editor, checks: Checks) -> None:
        self._editor = editor
        self._checks = checks

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        return [
            guard.get(ONE, edit, self.page),
            guard.post(ONE + "/look", edit, self.look),
            guard.post(ONE + "/move", edit, self.move),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        part = part_of(Kind.ENTRY, request.match_info["entry"])
        desk = await self._editor.desk()
        draft, body = desk.drafts.get(part), desk.body(part)
        if body is None:
            body = (await self._editor.archived(desk)).get(part)
        if body is None:
            raise Refused(Problem.NOT_FOUND)
        language = self._editor.language(request, person)
        status = desk.status(part)
        start = {
            "part": str(part),
            "id": part.id,
            "me": person.id,
            "body": entry_body(body, part.id),
            "revision": draft.revision if draft else 0,
            "version": desk.version,
            "archived": status in ("archived", "none"),
            "status": "archived" if status == "none" else status,
            "published": part in desk.published,
            "name": draft.who.name if draft else "",
            "saved_at": draft.saved_at if draft else "",
            "languages": self._editor.policy().partner.languages,
            "entries": [
                {"id": each, "title": title}
                for each, title in self._editor.titles(desk, language).items()
                if each != part.id
            ],
            "values": values(self._editor, language),
            "zone": str(self._editor.zone()),
            "partner": dict(self._editor.policy().partner.name),
        }
        policy = self._editor.policy()
        return await self._editor.page(
            request,
            person,
            "entry",
            start=start,
            title=title_of(body, language) or part.id,
            topics=sorted({str(each.get("topic", "")) for each in _entries(desk)}),
            roles=[(role.id, role.name.get(language, role.id)) for role in policy.roles],
            golden=_golden(desk, part.id),
        )

    async def look(self, request: web.Request, person: Person) -> web.Response:
        """Nothing is kept: what the entry would say at a time, and what is to be said about it."""
        part = part_of(Kind.ENTRY, request.match_info["entry"])
        asked = await read_form(request, Looking)
        entry = loosely_read(asked.body, part.id)
        desk = await self._editor.desk()
        at = self._editor.moment(asked.at)
        policy = self._editor.policy()
        language = self._editor.language(request, person)
        say, titles = self._editor.rendering.say(language), self._editor.titles(desk, language)
        cleaned = _cleaned(asked.body, entry)
        comparing = asked.beside and not self._checks.is_ready  # before: it gets ready meanwhile
        found = await self._checks.findings(entry, desk, asked.beside)
        return answer(
            {
                "problems": [
                    told(each, say) for each in entry_problems(cleaned, policy.partner.languages)
                ],
                "findings": as_told(found, titles, say),
                "comparing": comparing,
                "previews": {
                    each: self._preview(entry, each, at, titles)
                    for each in policy.partner.languages
                },
                "open": policy.is_open(at),
                "at": at.isoformat(),
            }
        )

    async def move(self, request: web.Request, person: Person) -> web.Response:
        """The question becomes one of the other entry's; the page takes it out of its own."""
        asked = await read_form(request, Moving)
        target = part_of(Kind.ENTRY, asked.to)
        moved = [(asked.language, asked.question)]
        try:
            draft = await self._editor.database.write(
                add_phrasings, target.id, moved, who(person), self._editor.now()
            )
        except SavedOver:
            draft = None
        if draft is None:
            raise Refused(Problem.NOT_FOUND)
        return answer({"moved": asked.to})

    def _preview(
        self, entry: Entry, language: str, at: Any, titles: Mapping[str, str]
    ) -> dict[str, Any]:
        policy, live = self._editor.policy(), self._editor.live.knowledge
        if language not in entry.answer:
            return {"error": None, "web": None, "teams": None}
        try:
            text = render_texts(entry.answer, language, policy, at)
        except AnswerError as error:
            return {
                "error": {"line": error.line, "message": error.message},
                "web": None,
                "teams": None,
            }
        words = {name: live.say(name, language, at) for name in ("helpful", "not_helpful")}
        name = live.partner(language)

        def shown(channel: str) -> dict[str, Any]:
            return preview(entry, text, titles, channel, language, name, words)

        return {"error": None, "web": shown("web"), "teams": shown("msteams")}


def values(editor: Editor, language: str) -> list[dict[str, str]]:
    """Everything of the policy that a template can name, with what it is now."""
    context = answer_context(editor.policy(), language)
    found = [
        {"path": path, "value": str(value)[:80]}
        for name, value in context.items()
        if not name.startswith("_")
        for path, value in _paths(name, value)
    ]
    return [
        *found,
        {"path": "next_opening | datetime", "value": ""},
        {"path": "today | date", "value": ""},
    ]


def _paths(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        if value.keys() == {"amount", "currency"}:
            yield f"{path} | money", f"{value['amount']} {value['currency']}"
            return
        if "weekly" in value:
            yield f"{path} | weekly_hours", ""
        for key, each in value.items():
            yield from _paths(f"{path}.{key}", each)
    elif isinstance(value, bool) or value is None or isinstance(value, tuple):
        return
    elif "percent" in path.rpartition(".")[2]:
        yield f"{path} | percent", value
    elif hasattr(value, "isoformat"):
        yield f"{path} | date", value
    else:
        yield path, value


def _entries(desk: Desk) -> Iterator[Body]:
    for part in sorted({**desk.published, **desk.drafts}):
        if part.kind is Kind.ENTRY and desk.status(part) != "archived":
            yield {**(desk.body(part) or {}), "id": part.id}


def _golden(desk: Desk, entry_id: str) -> list[Body]:
    cases = desk.body(Part(Kind.GOLDEN)) or []
    return [case for case in cases if entry_id in case.get("expected", ())]


def _cleaned(body: Any, entry: Entry) -> Body:
    """What would be published: without the lines that are still empty."""
    return {
        **entry_body(body, entry.id),
        "questions": {language: list(texts) for language, texts in entry.questions.items()},
        "answer": dict(entry.answer),
    }
