"""What every page of the knowledge editor needs, and all of their routes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission, may
from knowledge import drafts, rebasing, releases, versions
from knowledge.archive import Archive
from knowledge.drafts import Draft
from knowledge.editing import Editing
from knowledge.live import Live
from knowledge.parts import Body, Part
from knowledge.policy import SupportPolicy
from knowledge.releases import Release
from knowledge.unfinished import Unfinished
from knowledge.versions import Who
from storage.database import Connection, Database
from storage.json_text import json_text
from web.guard import Guard
from web.kb_checks_said import field_said
from web.kb_titles import Titles
from web.rendering import Rendering

PATH = "/editor"


@dataclass(frozen=True, slots=True)
class Desk:
    """What is published, by part, and the drafts on top of it."""

    version: int
    published: Mapping[Part, Body]
    drafts: Mapping[Part, Draft]
    releases: tuple[Release, ...]

    def body(self, part: Part) -> Body | None:
        """As the editors have it now: the draft, or what is published."""
        draft = self.drafts.get(part)
        return draft.body if draft else self.published.get(part)

    def status(self, part: Part) -> str:
        """`archived`, `draft`, `in_review`, `scheduled`, or `published`."""
        draft = self.drafts.get(part)
        if draft is None:
            return "published" if part in self.published else "none"
        if draft.archived:
            return "archived"
        return releases.status_of([draft], self.releases)[part]


class Editor:
    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        live: Live,
        editing: Editing,
        review: bool,
        now: Callable[[], datetime],
    ) -> None:
        """review: a second person approves what is published."""
        self.database = database
        self.guard = guard
        self.rendering = rendering
        self.live = live
        self.publisher = editing.publisher
        self.review = review
        self.now = now
        self._titles = Titles()
        self._unfinished = Unfinished()
        self._archive = Archive()
        self._published: tuple[int, Mapping[Part, Body]] = (0, {})

    async def desk(self) -> Desk:
        number, bodies = self._published
        head, changed, open_drafts, waiting = await self.database.read(_read, number)
        if changed is not None:
            self._published = (head, changed)
            bodies = changed
        return Desk(head, bodies, {each.part: each for each in open_drafts}, tuple(waiting))

    def titles(self, desk: Desk, language: str) -> dict[str, str]:
        return self._titles.of(desk.version, desk.published, desk.drafts, language)

    async def archived(self, desk: Desk) -> dict[Part, Body]:
        """What was there and can be brought back, with its last text."""
        return await self.database.read(self._archive.of, {*desk.published, *desk.drafts})

    async def left_out(self, desk: Desk) -> dict[Part, str]:
        """The drafts that are left out where all are meant, and why: nobody waits for what another
        writes, nor until another has chosen between their text and what was published since."""
        open_drafts, spoken = list(desk.drafts.values()), self.policy().partner.languages
        unfinished = await asyncio.to_thread(self._unfinished.among, open_drafts, spoken)
        _, clashes = await self.database.read(rebasing.brought_up, open_drafts, desk.version)
        return dict.fromkeys(clashes, "clashes") | dict.fromkeys(unfinished, "unfinished")

    async def save(
        self, person: Person, part: Part, body: Body, based_on: int, version: int, archived: bool
    ) -> Draft:
        """Raises SavedOver."""
        author, now = who(person), self.now()
        return await self.database.write(
            drafts.save, part, body, based_on, version, author, now, archived
        )

    async def page(
        self, request: web.Request, person: Person, name: str, **values: Any
    ) -> web.Response:
        field = partial(field_said, self.rendering.say(self.language(request, person)))
        return await self.rendering.page(
            request, person, f"editor/{name}.html", field=field, **values
        )

    def language(self, request: web.Request, person: Person) -> str:
        return self.rendering.language(request, person)

    def policy(self) -> SupportPolicy:
        return self.live.knowledge.policy

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policy().support.hours.time_zone)

    def moment(self, chosen: str) -> datetime:
        """A local date and time of the partner's as a page sends it; now when there is none."""
        try:
            return datetime.fromisoformat(chosen[:16]).replace(tzinfo=self.zone())
        except ValueError:
            return self.now()


def who(person: Person) -> Who:
    return Who(person.id, person.name)


def may_publish(person: Person) -> bool:
    return may(person, Permission.PUBLISH_CONTENT)


def answer(value: Any, status: int = 200) -> web.Response:
    return web.json_response(
        value,
        status=status,
        dumps=json_text,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def refusal(code: str, message: str, status: int = 409, **more: Any) -> web.Response:
    """The one shape of errors; `more` is for the page."""
    return answer({"error": {"code": code, "message": message}, **more}, status)


def _read(
    connection: Connection, known: int
) -> tuple[int, Mapping[Part, Body] | None, list[Draft], list[Release]]:
    head = versions.head(connection).version
    changed = None if head == known else versions.bodies_of(connection, head)
    return head, changed, drafts.all_open(connection), releases.waiting(connection)
