"""Publishing: what changed, what it would do, and who says yes. Preparing runs in a process of its
own; the page asks how far it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import releases
from knowledge.differences import differences
from knowledge.entry import KnowledgeError
from knowledge.parts import Kind, Part
from knowledge.preparing import GoldenRun, Moved
from knowledge.process import ProcessError
from knowledge.publishing import NeedsSecondPerson, NotPublishable, Prepared
from knowledge.releases import Release, ReleaseChanged, Status
from knowledge.versions import PublishedMeanwhile
from web.errors import Problem, Refused
from web.kb_checks_said import Say
from web.kb_editor import PATH, Desk, Editor, answer, may_publish, refusal, who
from web.kb_forms import Form, Short, part_of, read_form, told
from web.kb_rows import title_of

KEPT = 12  # preparations that are remembered
LONGEST = 2000
Note = Annotated[str, Field(max_length=LONGEST)]
Chosen = tuple[tuple[Part, int], ...] | None
FINISHED = (Status.PUBLISHED, Status.REFUSED, Status.WITHDRAWN, Status.FAILED)


class Preparing(Form):
    """Drafts at the revisions that were looked at; all of them when none are named."""

    chosen: list[Annotated[tuple[Short, int], Field(strict=False)]] | None = None


class Publishing(Form):
    """`at` is a local date and time of the partner's, empty for at once."""

    id: Short
    note: Note = ""
    reason: Note = ""
    at: Short = ""


class Deciding(Form):
    answer: Note = ""


@dataclass(frozen=True, slots=True)
class Job:
    stamp: tuple[Any, ...]
    task: asyncio.Task[Prepared]


class KbPublish:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._jobs: dict[str, Job] = {}

    def routes(self) -> list[web.RouteDef]:
        guard, path = self._editor.guard, PATH + "/publish"
        edit, publish = Permission.EDIT_CONTENT, Permission.PUBLISH_CONTENT
        return [
            guard.get(path, edit, self.page),
            guard.post(path, publish, self.publish),
            guard.post(path + "/hand-in", edit, self.hand_in),
            guard.post(path + "/prepare", edit, self.prepare),
            guard.get(path + "/prepared/{job}", edit, self.prepared),
            guard.post(path + "/{release}/approve", publish, self.approve),
            guard.post(path + "/{release}/refuse", publish, self.refuse),
            guard.post(path + "/{release}/withdraw", edit, self.withdraw),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        desk = await self._editor.desk()
        language = self._editor.language(request, person)
        recent = await self._editor.database.read(releases.recent, 10)
        return self._editor.page(
            request,
            person,
            "publish",
            drafts=[_draft(desk, part, language) for part in desk.drafts],
            waiting=[_release(desk, each, language) for each in desk.releases],
            recent=[each for each in recent if each.status in FINISHED],
            review=self._editor.review,
            may_publish=may_publish(person),
            zone=str(self._editor.zone()),
            version=desk.version,
        )

    async def prepare(self, request: web.Request, person: Person) -> web.Response:
        """Begin, or take up what is under way for the same drafts."""
        asked = await read_form(request, Preparing)
        chosen: Chosen = None
        if asked.chosen is not None:
            chosen = tuple((_part(name), revision) for name, revision in asked.chosen)
        desk = await self._editor.desk()
        open_drafts = sorted((part, draft.revision) for part, draft in desk.drafts.items())
        stamp = (desk.version, chosen, tuple(open_drafts))
        known = (name for name, job in self._jobs.items() if job.stamp == stamp and _is_good(job))
        name = next(known, "") or self._begin(stamp, chosen)
        return answer(_state(name, self._jobs[name], self._say(request, person)))

    async def prepared(self, request: web.Request, person: Person) -> web.Response:
        name = request.match_info["job"]
        return answer(_state(name, self._job(name), self._say(request, person)))

    async def publish(self, request: web.Request, person: Person) -> web.Response:
        return await self._publish(request, person)

    async def hand_in(self, request: web.Request, person: Person) -> web.Response:
        """For those who may write but not publish, where a second person approves."""
        if not self._editor.review:
            raise Refused(Problem.NOT_FOUND)
        return await self._publish(request, person)

    async def approve(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Deciding)
        try:
            done = await self._editor.publisher.approve(
                request.match_info["release"], who(person), asked.answer
            )
        except NeedsSecondPerson:
            return self._says(request, person, "second_person")
        except NotPublishable as error:
            return self._not_publishable(request, person, error)
        except (ReleaseChanged, PublishedMeanwhile):
            return self._says(request, person, "changed")
        return answer(_done(done))

    async def refuse(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Deciding)
        try:
            done = await self._editor.publisher.refuse(
                request.match_info["release"], who(person), asked.answer
            )
        except ReleaseChanged:
            return self._says(request, person, "changed")
        return answer(_done(done))

    async def withdraw(self, request: web.Request, person: Person) -> web.Response:
        await read_form(request, Deciding)
        name = request.match_info["release"]
        release = await self._editor.database.read(releases.get, name)
        if release is None:
            raise Refused(Problem.NOT_FOUND)
        if release.who.id != person.id and not may_publish(person):
            return self._says(request, person, "not_yours", 403)
        try:
            return answer(_done(await self._editor.publisher.withdraw(name)))
        except ReleaseChanged:
            return self._says(request, person, "changed")

    async def _publish(self, request: web.Request, person: Person) -> web.Response:
        asked = await read_form(request, Publishing)
        at = self._editor.moment(asked.at) if asked.at else None
        if at is not None and at <= self._editor.now():
            return self._says(request, person, "past", 422)
        try:
            prepared = await asyncio.shield(self._job(asked.id).task)
            reason = asked.reason if may_publish(person) else ""
            done = await self._editor.publisher.publish(
                prepared, who(person), asked.note.strip(), reason.strip(), at
            )
        except NotPublishable as error:
            return self._not_publishable(request, person, error)
        except PublishedMeanwhile:
            return self._says(request, person, "changed")
        except (ProcessError, KnowledgeError):
            raise Refused(Problem.UNAVAILABLE) from None
        return answer(_done(done))

    def _begin(self, stamp: tuple[Any, ...], chosen: Chosen) -> str:
        while len(self._jobs) >= KEPT:
            del self._jobs[next(iter(self._jobs))]
        name = uuid4().hex
        self._jobs[name] = Job(stamp, asyncio.create_task(self._editor.publisher.prepare(chosen)))
        return name

    def _job(self, name: str) -> Job:
        """Another process may have it: then the page begins anew."""
        if name not in self._jobs:
            raise Refused(Problem.NOT_FOUND)
        return self._jobs[name]

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
            worse=[_moved(each) for each in error.worse],
        )

    def _says(
        self, request: web.Request, person: Person, key: str, status: int = 409, **more: Any
    ) -> web.Response:
        say = self._say(request, person)
        code = "".join(word.capitalize() for word in key.split("_"))
        return refusal(code, say(f"editor.refused.{key}"), status, **more)

    def _say(self, request: web.Request, person: Person) -> Say:
        return self._editor.rendering.say(self._editor.language(request, person))


def _part(name: str) -> Part:
    kind, _, entry_id = name.partition("/")
    return part_of(kind, entry_id)


def _is_good(job: Job) -> bool:
    return not job.task.done() or (not job.task.cancelled() and job.task.exception() is None)


def _state(name: str, job: Job, say: Say) -> dict[str, Any]:
    if not job.task.done():
        return {"id": name, "state": "working"}
    error = job.task.exception()
    if isinstance(error, NotPublishable):
        problems = [told(each, say) for each in error.problems]
        return {"id": name, "state": "done", "problems": problems, "golden": None}
    if error is not None:
        return {"id": name, "state": "failed"}
    prepared = job.task.result()
    report = prepared.report
    changed = {part.id for part in prepared.bodies if part.kind is Kind.ENTRY}
    problems = [
        told(each, say)
        for each in report.problems
        if each.severity == "error" or not each.entry or each.entry in changed
    ]
    return {
        "id": name,
        "state": "done",
        "problems": problems,
        "golden": _golden(report.golden),
        "seconds": round(report.check_s + report.build_s + report.golden_s, 1),
        "changes": len(prepared.changes),
    }


def _golden(run: GoldenRun) -> dict[str, Any]:
    return {
        "cases": run.cases,
        "passed": run.passed,
        "passed_before": run.passed_before,
        "answered": run.answered,
        "asked_back": run.asked_back,
        "answered_wrong": run.answered_wrong,
        "better": [_moved(each) for each in run.better],
        "worse": [_moved(each) for each in run.worse],
    }


def _moved(moved: Moved) -> dict[str, Any]:
    sides = {
        name: {"entry_id": each.entry_id, "confidence": each.confidence, "band": each.band}
        for name, each in (("before", moved.before), ("after", moved.after))
    }
    return {"question": moved.question, "expected": list(moved.expected), **sides}


def _done(release: Release) -> dict[str, Any]:
    return {"id": release.id, "status": str(release.status), "version": release.version}


def _draft(desk: Desk, part: Part, language: str) -> dict[str, Any]:
    draft = desk.drafts[part]
    after = None if draft.archived else draft.body
    changed = differences({part: desk.published.get(part)}, {part: after})
    return {
        "part": str(part),
        "kind": str(part.kind),
        "id": part.id,
        "title": title_of(draft.body, language) or part.id if part.id else "",
        "revision": draft.revision,
        "status": releases.status_of([draft], desk.releases)[part],
        "archived": draft.archived,
        "who": draft.who.name,
        "saved_at": draft.saved_at,
        "changes": changed,
    }


def _release(desk: Desk, release: Release, language: str) -> dict[str, Any]:
    parts: Sequence[Part] = [part for part, _ in release.drafts]
    names = [title_of(desk.body(p) or {}, language) or p.id if p.id else str(p) for p in parts]
    return {"release": release, "names": names}
