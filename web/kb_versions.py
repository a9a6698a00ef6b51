"""Published versions: who, why, what changed; any of them can be had back or read."""

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import versions
from knowledge.answers import AnswerError, render_texts
from knowledge.differences import Change
from knowledge.entry import Entry, KnowledgeError
from knowledge.parts import Kind, Part
from knowledge.policy import SupportPolicy
from knowledge.process import ProcessError
from knowledge.reading import POLICY_FORM
from knowledge.versions import PublishedMeanwhile, Version
from storage.database import Connection
from web.errors import Problem, Refused
from web.kb_editor import PATH, Editor, answer, may_publish, who
from web.kb_forms import Form, part_of, read_form

SHOWN = 50


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
        return self._editor.page(
            request,
            person,
            "versions",
            versions=found,
            newest=desk.version,
            may_publish=may_publish(person),
        )

    async def version(self, request: web.Request, person: Person) -> web.Response:
        found, changes = await self._editor.database.read(_with_changes, _number(request))
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        desk = await self._editor.desk()
        return self._editor.page(
            request,
            person,
            "version",
            version=found,
            changes=changes,
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
        """The exact text that was live, and what it says with the policy of that version."""
        part, number = part_of(Kind.ENTRY, request.match_info["entry"]), _number(request)
        try:
            found, policy = await self._editor.database.read(_entry_and_policy, number, part.id)
        except KnowledgeError:
            raise Refused(Problem.NOT_FOUND) from None
        version = await self._editor.database.read(versions.version, number)
        if found is None or version is None:
            raise Refused(Problem.NOT_FOUND)
        language = self._editor.language(request, person)
        return self._editor.page(
            request,
            person,
            "entry_at",
            entry=found,
            version=version,
            title=found.title(language),
            shown={each: self._rendered(found, each, policy) for each in found.answer},
        )

    def _rendered(self, entry: Entry, language: str, policy: SupportPolicy) -> str:
        try:
            return render_texts(entry.answer, language, policy, self._editor.now())
        except AnswerError:
            return ""


def _number(request: web.Request) -> int:
    return int(request.match_info["version"])


def _with_changes(connection: Connection, number: int) -> tuple[Version | None, list[Change]]:
    found = versions.version(connection, number)
    return found, versions.changes(connection, number - 1, number) if found else []


def _entry_and_policy(
    connection: Connection, number: int, entry_id: str
) -> tuple[Entry | None, SupportPolicy]:
    """Raises KnowledgeError when no program of today can read it."""
    part = Part(Kind.POLICY)
    body = versions.bodies_of(connection, number, [part]).get(part)
    if body is None:
        raise KnowledgeError([])
    return versions.entry_at(connection, number, entry_id), POLICY_FORM.validate_python(body)
