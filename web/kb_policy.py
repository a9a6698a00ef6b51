"""The partner's policy as forms, and what a change would do to the answers."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from knowledge.answers import AnswerError, render_texts
from knowledge.check import telling_moments
from knowledge.differences import differences
from knowledge.entry import Entry
from knowledge.parts import Body, Kind, Part
from knowledge.policy import SupportPolicy
from knowledge.reading import Reading, languages_of, unplaced
from web.errors import Problem, Refused
from web.kb_checks_said import Say, fault_said
from web.kb_editor import PATH, Editor, answer
from web.kb_forms import Form, read_form, told
from web.kb_policy_shapes import SECTIONS, shape_at

POLICY = Part(Kind.POLICY)
MOST_SHOWN = 60  # answers that change
TIMELY = ("open_now", "next_opening", "today")


class Looking(Form):
    body: dict[str, Any]


class KbPolicy:
    def __init__(self, editor: Editor) -> None:
        self._editor = editor

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._editor.guard, Permission.EDIT_CONTENT
        return [
            guard.get(PATH + "/policy", edit, self.page),
            guard.get(PATH + "/policy/{section}", edit, self.page),
            guard.post(PATH + "/policy/look", edit, self.look),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        section = request.match_info.get("section", next(iter(SECTIONS)))
        if section not in SECTIONS:
            raise Refused(Problem.NOT_FOUND)
        desk = await self._editor.desk()
        draft = desk.drafts.get(POLICY)
        start = {
            "part": str(POLICY),
            "me": person.id,
            "body": desk.body(POLICY),
            "revision": draft.revision if draft else 0,
            "version": desk.version,
            "status": desk.status(POLICY),
            "saved_at": draft.saved_at if draft else "",
            "name": draft.who.name if draft else "",
            "languages": self._editor.policy().partner.languages,
            "shapes": [{"path": path, **shape_at(path)} for path in SECTIONS[section]],
        }
        return await self._editor.page(
            request, person, "policy", start=start, sections=list(SECTIONS), chosen=section
        )

    async def look(self, request: web.Request, person: Person) -> web.Response:
        """Nothing is kept: what is wrong, and which answers would say something else."""
        asked = await read_form(request, Looking)
        language = self._editor.language(request, person)
        say = self._editor.rendering.say(language)
        problems, policy = await asyncio.to_thread(read_policy, asked.body, say)
        changed: list[dict[str, Any]] = []
        if policy is not None:
            entries = self._editor.live.knowledge.content.entries
            before, now = self._editor.policy(), self._editor.now()
            changed = await asyncio.to_thread(
                lambda: list(_changed(entries, before, policy, now, language, say))
            )
        return answer(
            {"problems": problems, "changed": changed[:MOST_SHOWN], "count": len(changed)}
        )


def read_policy(body: Body, say: Say) -> tuple[list[dict[str, Any]], SupportPolicy | None]:
    reading = Reading(languages_of(body))
    policy = reading.policy(unplaced(body))
    return [told(each, say) for each in reading.problems], policy


def _changed(
    entries: Sequence[Entry],
    before: SupportPolicy,
    after: SupportPolicy,
    now: datetime,
    language: str,
    say: Say,
) -> Iterator[dict[str, Any]]:
    """Each answer that would say something else, now or at another telling moment."""
    names = _changed_names(before, after)
    moments = telling_moments(after, now)
    for entry in entries:
        for spoken, source in entry.answer.items():
            if not any(name in source for name in names):
                continue
            for moment in moments:
                old, new = (_said(entry, spoken, each, moment, say) for each in (before, after))
                if old != new:
                    lines = _lines(old, new)
                    yield {
                        "id": entry.id,
                        "title": entry.title(language),
                        "language": spoken,
                        "lines": lines,
                    }
                    break


def _changed_names(before: SupportPolicy, after: SupportPolicy) -> list[str]:
    changed = [
        name for name in SupportPolicy.model_fields if getattr(before, name) != getattr(after, name)
    ]
    if before.partner != after.partner:  # how everything is written
        return [*SupportPolicy.model_fields, *TIMELY]
    return [*changed, *TIMELY] if "support" in changed else changed


def _said(entry: Entry, language: str, policy: SupportPolicy, moment: datetime, say: Say) -> str:
    try:
        return render_texts(entry.answer, language, policy, moment)
    except AnswerError as error:
        return f"⚠ {fault_said(error.fault, say)}"


def _lines(old: str, new: str) -> list[dict[str, str]]:
    [change] = differences({POLICY: {"text": old}}, {POLICY: {"text": new}})
    return [{"mark": line.mark, "text": line.text} for line in change.fields[0].lines]
