"""Publishing: what changed, what it would do, and who says yes. Preparing runs in a process of its
own; the page asks how far it is."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from functools import partial
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import drafts, releases
from knowledge.differences import differences
from knowledge.drafts import Draft
from knowledge.entry import KnowledgeError
from knowledge.entry import Problem as Told
from knowledge.parts import Part
from knowledge.process import ProcessError
from knowledge.publishing import NeedsSecondPerson, NotPublishable
from knowledge.releases import Release, ReleaseChanged, Status
from knowledge.versions import PublishedMeanwhile
from storage.database import Connection
from web.errors import Problem, Refused
from web.kb_checks_said import Say, problem_said
from web.kb_drafts import Revision
from web.kb_editor import PATH, Desk, Editor, answer, may_publish, refusal, who
from web.kb_forms import Form, Short, part_of, read_form, told
from web.kb_prepared import (
    Chosen,
    Preparations,
    Stamp,
    all_of,
    golden_told,
    left_out,
    moved_told,
    state_of,
)
from web.kb_titles import title_of

LONGEST = 2000
Note = Annotated[str, Field(max_length=LONGEST)]
Named = list[Annotated[tuple[Short, int], Field(strict=False)]]
FINISHED = (Status.PUBLISHED, Status.REFUSED, Status.WITHDRAWN, Status.FAILED)


class Preparing(Form):
    """Drafts at the revisions that were looked at; all that are finished when none are named."""

    chosen: Named | None = None


class Publishing(Form):
    """What was prepared, as the answer to that named it. `at` is a local date and time of the
    partner's, empty for at once."""

    chosen: Annotated[Named, Field(min_length=1)]
    version: Revision
    note: Note = ""
    reason: Note = ""
    at: Short = ""


class Deciding(Form):
    """`reason`: why to publish although golden questions fail."""

    answer: Note = ""
    reason: Note = ""


class KbPublish:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._publisher = editor.publisher
        self._preparations = Preparations(editor.publisher)

    def routes(self) -> list[web.RouteDef]:
        guard, path = self._editor.guard, PATH + "/publish"
        edit, publish = Permission.EDIT_CONTENT, Permission.PUBLISH_CONTENT
        return [
            guard.get(path, edit, self.page),
            guard.post(path, publish, self.publish),
            guard.post(path + "/hand-in", edit, self.hand_in),
            guard.post(path + "/prepare", edit, self.prepare),
            guard.post(path + "/{release}/approve", publish, self.approve),
            guard.post(path + "/{release}/refuse", publish, self.refuse),
            guard.post(path + "/{release}/withdraw", edit, self.withdraw),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        desk = await self._editor.desk()
        out = await self._editor.left_out(desk)
        language = self._editor.language(request, person)
        recent, handed_in = await self._editor.database.read(_read, desk.releases)
        return await self._editor.page(
            request,
            person,
            "publish",
            drafts=[_draft(desk, part, out.get(part, ""), language) for part in desk.drafts],
            left_out=left_out(desk, out, language, self._say(request, person)),
            waiting=[_release(desk, each, handed_in[each.id], language) for each in desk.releases],
            recent=[each for each in recent if each.status in FINISHED],
            said=partial(_said, self._say(request, person)),
            review=self._editor.review,
            may_publish=may_publish(person),
            zone=str(self._editor.zone()),
            version=desk.version,
        )

    async def prepare(self, request: web.Request, person: Person) -> web.Response:
        """Begin, or say how far it is; whichever process is asked."""
        asked = await read_form(request, Preparing)
        desk = await self._editor.desk()
        out = await self._editor.left_out(desk) if asked.chosen is None else {}
        chosen = all_of(desk, out) if asked.chosen is None else _chosen(asked.chosen)
        stamp, say = Stamp(desk.version, chosen), self._say(request, person)
        told = state_of(stamp, self._preparations.of(stamp), say)
        language = self._editor.language(request, person)
        return answer({**told, "left_out": left_out(desk, out, language, say)})

    async def publish(self, request: web.Request, person: Person) -> web.Response:
        return await self._publish(request, person)

    async def hand_in(self, request: web.Request, person: Person) -> web.Response:
        """For those who may write but not publish, where a second person approves."""
        if not self._editor.review:
            raise Refused(Problem.NOT_FOUND)
        return await self._publish(request, person)

    async def approve(self, request: web.Request, person: Person) -> web.Response:
        asked, release = await read_form(request, Deciding), request.match_info["release"]
        given = asked.answer.strip(), asked.reason.strip()
        doing = self._publisher.approve(release, who(person), *given)
        return await self._decided(request, person, doing)

    async def refuse(self, request: web.Request, person: Person) -> web.Response:
        asked, release = await read_form(request, Deciding), request.match_info["release"]
        doing = self._publisher.refuse(release, who(person), asked.answer.strip())
        return await self._decided(request, person, doing)

    async def withdraw(self, request: web.Request, person: Person) -> web.Response:
        await read_form(request, Deciding)
        name = request.match_info["release"]
        release = await self._editor.database.read(releases.get, name)
        if release is None:
            raise Refused(Problem.NOT_FOUND)
        if release.who.id != person.id and not may_publish(person):
            return self._says(request, person, "not_yours", 403)
        return await self._decided(request, person, self._publisher.withdraw(name))

    async def _publish(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Publishing)
        at = self._editor.moment(asked.at) if asked.at else None
        if at is not None and at <= self._editor.now():
            return self._says(request, person, "past", 422)
        desk = await self._editor.desk()
        stamp = Stamp(asked.version, _chosen(asked.chosen))
        if stamp.version != desk.version or any(
            part not in desk.drafts for part, _ in stamp.chosen
        ):
            return self._says(request, person, "changed")
        reason = asked.reason.strip() if may_publish(person) else ""

        async def published() -> Release:
            prepared = await asyncio.shield(self._preparations.of(stamp))
            note = asked.note.strip()
            return await self._publisher.publish(prepared, who(person), note, reason, at)

        return await self._decided(request, person, published())

    async def _decided(
        self, request: web.Request, person: Person, doing: Awaitable[Release]
    ) -> web.Response:
        try:
            done = await doing
        except NeedsSecondPerson:
            return self._says(request, person, "second_person")
        except NotPublishable as error:
            return self._not_publishable(request, person, error)
        except (ReleaseChanged, PublishedMeanwhile):
            return self._says(request, person, "changed")
        except (ProcessError, KnowledgeError):
            raise Refused(Problem.UNAVAILABLE) from None
        return answer({"id": done.id, "status": str(done.status), "version": done.version})

    def _not_publishable(
        self, request: web.Request, person: Person, error: NotPublishable
    ) -> web.Response:
        key = "problems" if error.problems else "worse"
        return self._says(
            request,
            person,
            key,
            422,
            problems=[told(each, self._say(request, person)) for each in error.problems],
            worse=moved_told(error.worse),
        )

    def _says(
        self, request: web.Request, person: Person, key: str, status: int = 409, **more: Any
    ) -> web.Response:
        say = self._say(request, person)
        code = "".join(word.capitalize() for word in key.split("_"))
        return refusal(code, say(f"editor.refused.{key}"), status, **more)

    def _say(self, request: web.Request, person: Person) -> Say:
        return self._editor.rendering.say(self._editor.language(request, person))


def _chosen(named: Named) -> Chosen:
    """Raises Refused."""
    parts = ((part_of(*name.split("/", 1)), revision) for name, revision in named)
    return tuple(sorted(parts))


def _read(
    connection: Connection, waiting: Iterable[Release]
) -> tuple[list[Release], dict[str, list[Draft]]]:
    """What was decided lately, and the drafts of each that waits, as they were handed in."""
    handed_in = {
        release.id: [
            draft
            for part, revision in release.drafts
            if (draft := drafts.revision(connection, part, revision))
        ]
        for release in waiting
    }
    return releases.recent(connection, 10), handed_in


def _draft(desk: Desk, part: Part, why_out: str, language: str) -> dict[str, Any]:
    draft = desk.drafts[part]
    return {
        **_changed(desk, draft, language),
        "revision": draft.revision,
        "why_out": why_out,
        "status": releases.status_of([draft], desk.releases)[part],
        "who": draft.who.name,
        "saved_at": draft.saved_at,
    }


def _release(
    desk: Desk, release: Release, handed_in: Iterable[Draft], language: str
) -> Mapping[str, Any]:
    return {
        "release": release,
        "changed": [_changed(desk, draft, language) for draft in handed_in],
        "golden": golden_told(release.golden) if release.golden else None,
    }


def _changed(desk: Desk, draft: Draft, language: str) -> dict[str, Any]:
    part, after = draft.part, None if draft.archived else draft.body
    return {
        "part": str(part),
        "kind": str(part.kind),
        "id": part.id,
        "title": title_of(draft.body, language) or part.id if part.id else "",
        "archived": draft.archived,
        "changes": differences({part: desk.published.get(part)}, {part: after}),
    }


def _said(say: Say, problem: Told) -> str:
    said = problem_said(problem, problem.message, say)
    return f"{problem.entry} · {said}" if problem.entry else said
