"""The list of entries, and beginning a new one."""

import asyncio
import re
from datetime import timedelta
from urllib.parse import urlencode

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from knowledge.drafts import SavedOver
from knowledge.parts import Kind, Part
from web.guard import form
from web.kb_editor import PATH, Desk, Editor
from web.kb_forms import ID, LONGEST_ID
from web.kb_rows import FILTERS, SORTS, EntryRow, counts, listed, rows, uses
from web.sign_in import see_other

SHOWN = 100  # rows of a page
A_YEAR = timedelta(days=365)
MAX_WORDS = 100


class KbList:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        return [
            guard.get(PATH, edit, self.page),
            guard.post(PATH + "/entries", edit, self.begin),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        return await self._page(request, person)

    async def begin(self, request: web.Request, person: Person) -> web.Response:
        """A new entry with nothing but its first question; it is a draft from the start."""
        fields = await form(request)
        language = "zh" if fields.get("language") == "zh" else "en"
        title = " ".join(fields.get("title", "").split())[:300]
        topic = fields.get("topic", "").strip()[:LONGEST_ID]
        desk = await self._editor.desk()
        gone = await self._editor.archived(desk)
        taken = {part.id for part in (*desk.published, *desk.drafts, *gone)}
        entry_id = fields.get("id", "").strip() or _free_id(title, topic, taken)
        given = {"title": title, "topic": topic, "id": fields.get("id", ""), "language": language}
        problem = _problem(title, topic, entry_id, taken)
        if not problem:
            body = self._first_body(entry_id, topic, language, title)
            part = Part(Kind.ENTRY, entry_id)
            try:
                await self._editor.save(person, part, body, 0, desk.version, archived=False)
            except SavedOver:  # somebody was faster with the same id
                problem = "taken"
        if problem:
            return await self._page(request, person, status=422, problem=problem, given=given)
        return see_other(f"{PATH}/entries/{entry_id}")

    def _first_body(
        self, entry_id: str, topic: str, language: str, title: str
    ) -> dict[str, object]:
        policy = self._editor.policy()
        review = (self._editor.now() + A_YEAR).astimezone(self._editor.zone()).date()
        return {
            "id": entry_id,
            "topic": topic,
            "questions": {language: [title]},
            "answer": {},
            "follow_ups": [],
            "needs_account": False,
            "owner": policy.owner_for(topic),
            "review_by": review.isoformat(),
            "valid_from": None,
            "valid_until": None,
            "labels": [],
            "route": None,
        }

    async def _page(
        self,
        request: web.Request,
        person: Person,
        status: int = 200,
        problem: str = "",
        given: dict[str, str] | None = None,
    ) -> web.Response:
        query = request.query
        words = query.get("q", "").strip()[:MAX_WORDS]
        only = query.get("only", "") if query.get("only") in FILTERS else ""
        sort = query.get("sort", "") if query.get("sort") in SORTS else "topic"
        down, topic = query.get("down") == "1", query.get("topic", "")[:LONGEST_ID]
        desk = await self._editor.desk()
        found = await self._rows(desk, self._editor.language(request, person))
        shown, tally, topics = await asyncio.to_thread(
            lambda: (
                listed(found, words, topic, only, sort, down),
                counts(found),
                sorted({row.topic for row in found if row.topic}),
            )
        )
        asked = {
            "q": words,
            "only": only,
            "sort": sort,
            "topic": topic,
            "down": "1" if down else "",
        }
        most = int(query["most"]) if re.fullmatch(r"[0-9]{1,6}", query.get("most", "")) else SHOWN

        def link(**changes: str) -> str:
            chosen = {name: value for name, value in (asked | changes).items() if value}
            return f"{PATH}?{urlencode(chosen)}" if chosen else PATH

        return await self._editor.page(
            request,
            person,
            "list",
            status=status,
            rows=shown[:most],
            more=max(len(shown) - most, 0),
            counts=tally,
            topics=topics,
            filters=FILTERS,
            sorts=SORTS,
            asked=asked,
            link=link,
            problem=problem,
            given=given or {"title": "", "topic": topic, "id": "", "language": ""},
            languages=self._editor.policy().partner.languages,
        )

    async def _rows(self, desk: Desk, language: str) -> list[EntryRow]:
        gone = await self._editor.archived(desk)
        used = await self._editor.database.read(uses)
        today = self._editor.now().astimezone(self._editor.zone()).date().isoformat()
        spoken = self._editor.policy().partner.languages
        return await asyncio.to_thread(rows, desk, gone, spoken, language, today, used)


def _free_id(title: str, topic: str, taken: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())[:6]
    name = "-".join(words) or "-".join(re.findall(r"[a-z0-9]+", topic.lower())) or "entry"
    name = name[:60].strip("-")
    return next(
        each for n in range(len(taken) + 2) if (each := f"{name}-{n}" if n else name) not in taken
    )


def _problem(title: str, topic: str, entry_id: str, taken: set[str]) -> str:
    if not title:
        return "no_title"
    if not ID.fullmatch(topic):
        return "topic"
    if len(entry_id) > LONGEST_ID or not ID.fullmatch(entry_id):
        return "id"
    return "taken" if entry_id in taken else ""
