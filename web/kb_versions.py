"""Published versions: who, why, what changed; any of them can be had back or read."""

from datetime import datetime

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import versions
from knowledge.answers import AnswerError, render_texts
from knowledge.differences import Change
from knowledge.entry import Entry, KnowledgeError
from knowledge.files import read_entry
from knowledge.parts import Kind, Part
from knowledge.policy import SupportPolicy
from knowledge.process import ProcessError
from knowledge.reading import Reading, languages_of, unplaced
from knowledge.versions import PublishedMeanwhile, Version
from storage.database import Connection
from storage.times import stored_time
from web.errors import Problem, Refused
from web.kb_editor import PATH, Editor, answer, may_publish, who
from web.kb_forms import Form, loosely_read, part_of, read_form

SHOWN, CHANGES_SHOWN = 50, 200
POLICY = Part(Kind.POLICY)


class GoingBack(Form):
    note: str = Field("", max_length=2000)


class KbVersions:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        one = PATH + "/versions/{version:[0-9]{1,9}}"
        return [
            guard.get(PATH + "/versions", edit, self.page),
            guard.get(one, edit, self.version),
            guard.post(one + "/restore", Permission.PUBLISH_CONTENT, self.restore),
            # Whoever reads a conversation may read what was answered in it.
            guard.get(one + "/entries/{entry}", Permission.ACCOUNT, self.entry),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        before = request.query.get("before", "")
        top = int(before) if before.isascii() and before.isdecimal() and len(before) < 10 else None
        found = await self._editor.database.read(versions.latest, SHOWN, top)
        desk = await self._editor.desk()
        return await self._editor.page(
            request,
            person,
            "versions",
            versions=found,
            newest=desk.version,
            may_publish=may_publish(person),
        )

    async def version(self, request: web.Request, person: Person) -> web.Response:
        found, changes, more = await self._editor.database.read(_with_changes, _number(request))
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        desk = await self._editor.desk()
        return await self._editor.page(
            request,
            person,
            "version",
            version=found,
            changes=changes,
            more=more,
            newest=desk.version,
            may_publish=may_publish(person),
        )

    async def restore(self, request: web.Request, person: Person) -> web.Response:
        """What it said becomes a new version."""
        asked, number = await read_form(request, GoingBack), _number(request)
        if await self._editor.database.read(versions.version, number) is None:
            raise Refused(Problem.NOT_FOUND)
        try:
            made = await self._editor.publisher.go_back(number, who(person), asked.note.strip())
        except (KnowledgeError, PublishedMeanwhile, ProcessError):
            raise Refused(Problem.UNAVAILABLE) from None
        return answer({"version": made})

    async def entry(self, request: web.Request, person: Person) -> web.Response:
        """The exact text that was live, and what it said with the policy of that version, at the
        moment that the address names or else now."""
        part, number = part_of(Kind.ENTRY, request.match_info["entry"]), _number(request)
        found, policy = await self._editor.database.read(_entry_and_policy, number, part)
        at = _moment(request.query.get("at", "")) or self._editor.now()
        version = await self._editor.database.read(versions.version, number)
        if found is None or version is None:
            raise Refused(Problem.NOT_FOUND)
        language = self._editor.language(request, person)
        return await self._editor.page(
            request,
            person,
            "entry_at",
            entry=found,
            version=version,
            title=found.title(language),
            shown={each: _rendered(found, each, policy, at) for each in found.answer},
            at=stored_time(at),
        )


def _number(request: web.Request) -> int:
    return int(request.match_info["version"])


def _with_changes(connection: Connection, number: int) -> tuple[Version | None, list[Change], int]:
    """And how many more changes there are."""
    found = versions.version(connection, number)
    parts = versions.changed(connection, number - 1, number) if found else []
    shown = versions.changes(connection, number - 1, number, parts[:CHANGES_SHOWN])
    return found, shown, max(len(parts) - CHANGES_SHOWN, 0)


def _moment(chosen: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(chosen[:40])
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _rendered(entry: Entry, language: str, policy: SupportPolicy | None, at: datetime) -> str:
    """Empty where the program of today cannot say it."""
    try:
        return render_texts(entry.answer, language, policy, at) if policy else ""
    except AnswerError:
        return ""


def _entry_and_policy(
    connection: Connection, number: int, part: Part
) -> tuple[Entry | None, SupportPolicy | None]:
    """What is no longer allowed: an entry as far as it can be read, of a policy None."""
    bodies = versions.bodies_of(connection, number, [part, POLICY])
    body = bodies.get(POLICY)
    policy = Reading(languages_of(body)).policy(unplaced(body)) if body else None
    if part not in bodies:
        return None, policy
    try:
        return read_entry(bodies[part]), policy
    except KnowledgeError:
        return loosely_read(bodies[part], part.id), policy
