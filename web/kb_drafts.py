"""Saving what editors write: as they write, against the revision they saw, and back again."""

import re
from dataclasses import replace
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from accounts.models import Person
from accounts.permissions import Permission
from knowledge import drafts
from knowledge.differences import differences
from knowledge.drafts import Draft, SavedOver
from knowledge.merging import merge
from knowledge.parts import Body, Kind, Part
from storage.database import Connection
from web.errors import Problem, Refused
from web.guard import Guard
from web.kb_checks_said import field_said
from web.kb_editor import PATH, Editor, answer, refusal
from web.kb_forms import Form, entry_body, part_of, read_form

Revision = Annotated[int, Field(ge=0, le=10**9)]


SHOWN = 30  # sittings of a page


class Saving(Form):
    body: Any
    based_on: Revision
    version: Revision
    archived: bool = False


class Discarding(Form):
    based_on: Revision


class KbDrafts:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        guard: Guard = self._editor.guard
        edit, found = Permission.EDIT_CONTENT, []
        for one in (PATH + "/drafts/{kind}", PATH + "/drafts/{kind}/{entry}"):
            found += [
                guard.get(one, edit, self.state),
                guard.post(one, edit, self.save),
                guard.get(one + "/-/history", edit, self.history),
                guard.post(one + "/-/discard", edit, self.discard),
            ]
        return found

    async def state(self, request: web.Request, person: Person) -> web.Response:
        """Which revision there is, and whose: a page asks this to hear of others."""
        part = _part(request)
        desk = await self._editor.desk()
        draft = desk.drafts.get(part)
        told = {"revision": 0, "version": desk.version, "status": desk.status(part)}
        if draft:
            told |= {"revision": draft.revision, **_by(draft)}
        return answer(told)

    async def save(self, request: web.Request, person: Person) -> web.Response:
        part, asked = _part(request), await read_form(request, Saving)
        body = _shaped(part, asked.body)
        try:
            draft = await self._editor.save(
                person, part, body, asked.based_on, asked.version, asked.archived
            )
        except SavedOver as over:
            return _conflict(over, body)
        desk = await self._editor.desk()
        return answer(
            {
                "revision": draft.revision,
                "version": desk.version,
                "status": desk.status(part),
                **_by(draft),
            }
        )

    async def discard(self, request: web.Request, person: Person) -> web.Response:
        """Back to what is published; saving what this gives back undoes it."""
        part, asked = _part(request), await read_form(request, Discarding)
        try:
            gone = await self._editor.database.write(drafts.discard, part, asked.based_on)
        except SavedOver as over:
            return _conflict(over, over.theirs.body)
        if gone is None:
            raise Refused(Problem.NOT_FOUND)
        return answer({"revision": gone.revision, "body": gone.body})

    async def history(self, request: web.Request, person: Person) -> web.Response:
        """Each sitting with what it changed, from the revision `before` on back; any can be saved
        again."""
        part, before = _part(request), _number(request.query.get("before", ""))
        found = await self._editor.database.read(_history, part, before)
        say = self._editor.rendering.say(self._editor.language(request, person))
        told = [
            {**each, "fields": [field_said(say, field) for field in each["fields"]]}
            for each in found[:SHOWN]
        ]
        return answer({"revisions": told, "more": len(found) > SHOWN})


def _part(request: web.Request) -> Part:
    return part_of(request.match_info["kind"], request.match_info.get("entry", ""))


def _shaped(part: Part, body: Any) -> Body:
    if part.kind is Kind.ENTRY:
        return entry_body(body, part.id)
    if part.kind in (Kind.POLICY, Kind.MESSAGES) and isinstance(body, dict):
        return body
    raise Refused(Problem.BAD_REQUEST)  # questions are added and taken away one by one


def _by(draft: Draft) -> dict[str, str]:
    return {"who": draft.who.id, "name": draft.who.name, "saved_at": draft.saved_at}


def _conflict(over: SavedOver, ours: Body) -> web.Response:
    """Who was faster, both changes together, and the fields in which they differ."""
    theirs = over.theirs
    merged = merge(over.before, ours, theirs.body)
    part = theirs.part
    changed = differences({part: over.before}, {part: theirs.body})
    return refusal(
        "SavedOver",
        "Somebody else saved this meanwhile.",
        theirs={"revision": theirs.revision, "version": theirs.base_version, **_by(theirs)}
        | {"body": theirs.body, "archived": theirs.archived},
        merged=merged.body,
        changed=[each.field for change in changed for each in change.fields],
        clashes=[
            {"path": clash.path, "before": clash.before, "ours": clash.ours, "theirs": clash.theirs}
            for clash in merged.clashes
        ],
    )


def _number(written: str) -> int | None:
    return int(written) if re.fullmatch("[0-9]{1,9}", written) else None


def _history(connection: Connection, part: Part, before: int | None) -> list[dict[str, Any]]:
    """One more than a page shows, if there is."""
    ends = drafts.sittings(connection, part)
    numbers = [number for number in ends if before is None or number < before][: SHOWN + 1]
    found = (drafts.revision(connection, part, number) for number in numbers)
    saves = [draft for draft in found if draft]
    shown = []
    for number, draft in enumerate(saves):
        earlier = saves[number + 1] if number + 1 < len(saves) else replace(draft, body=None)
        changed = differences({part: earlier.body}, {part: draft.body})
        fields = [each.field for change in changed for each in change.fields]
        first = earlier.body is None
        shown.append(
            {"revision": draft.revision, "body": draft.body, "archived": draft.archived}
            | {"fields": [] if first else fields, **_by(draft)}
        )
    return shown
