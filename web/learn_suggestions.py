"""What customers and colleagues suggest: phrasings for entries, and whole answers from the desk."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from handoff import proposals
from knowledge.learning import answering
from knowledge.learning import suggestions as phrasings
from knowledge.learning.answering import NewEntry
from knowledge.learning.suggestions import Suggestion
from knowledge.parts import Kind, Part
from knowledge.versions import Who
from storage.database import Connection
from web.errors import Problem, Refused
from web.guard import form
from web.learn_pages import PATH, Learn, who

SUGGESTIONS = f"{PATH}/suggestions"
MOST_AT_ONCE = 300
TAKEN, DECLINED = "taken", "declined"

Picked = tuple[list[Suggestion], list[str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list; `pick` says which one it is, when it comes back from the page."""

    pick: str
    kind: str  # phrasing or proposal
    question: str
    language: str
    entry_id: str = ""
    title: str = ""
    count: int = 0
    taken: bool = False  # from "did you mean"
    answer: str = ""
    by: str = ""
    at: str = ""


class Suggestions:
    def __init__(self, learn: Learn) -> None:
        self._learn = learn

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._learn.guard, Permission.EDIT_CONTENT
        return [
            guard.get(SUGGESTIONS, edit, self.page),
            guard.post(f"{SUGGESTIONS}/accept", edit, self.accept),
            guard.post(f"{SUGGESTIONS}/dismiss", edit, self.dismiss),
            guard.post(f"{SUGGESTIONS}/undo", edit, self.undo),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        return await self._page(request, person)

    async def accept(self, request: web.Request, person: Person) -> web.Response:
        """Phrasings into the drafts of their entries, proposals as drafts of their own."""
        picked, topic = _picked(await form(request)), self._topic
        owner = self._learn.knowledge.policy.owner_for(topic)
        done = await self._learn.database.write(
            _accept, picked, topic, owner, who(person), self._learn.now()
        )
        return await self._page(request, person, "accepted", done, left=_less(picked, done))

    async def dismiss(self, request: web.Request, person: Person) -> web.Response:
        picked = _picked(await form(request))
        await self._learn.database.write(_dismiss, picked, who(person), self._learn.now())
        return await self._page(request, person, "dismissed", picked)

    async def undo(self, request: web.Request, person: Person) -> web.Response:
        picked = _picked(await form(request))
        await self._learn.database.write(_undo, picked, who(person), self._learn.now())
        return await self._page(request, person, "undone")

    @property
    def _topic(self) -> str:
        return next(iter(self._learn.topics()), "imported")

    async def _page(
        self,
        request: web.Request,
        person: Person,
        done: str = "",
        picked: Picked = ([], []),
        left: Sequence[str] = (),
    ) -> web.Response:
        """After something was done, too, so that the same form can undo it."""
        learn = self._learn
        language = learn.language(request, person)
        found, proposed = await learn.database.read(_read)
        listed = [_phrasing(each, learn.title(each.entry_id, language)) for each in found]
        listed += [_proposal(row) for row in proposed]
        entries = [(each.id, each.title(language)) for each in learn.knowledge.content.entries]
        undo = [*map(_pick_of, picked[0]), *map(_pick_of_proposal, picked[1])]
        return await learn.rendering.page(
            request,
            person,
            "learn/suggestions.html",
            listed=listed,
            entries=sorted(entries, key=lambda each: each[1].casefold()),
            done=done,
            undo=undo if done != "undone" else [],
            left=left,
        )


def _read(connection: Connection) -> tuple[list[Suggestion], list[dict[str, Any]]]:
    return phrasings.suggestions(connection), proposals.all_open(connection)


def _accept(
    connection: Connection, picked: Picked, topic: str, owner: str, who: Who, now: datetime
) -> Picked:
    """What was taken."""
    taken: list[str] = []
    for row in _rows(connection, picked[1]):
        if row["status"] != "open":
            continue
        proposals.settle(connection, row["id"], TAKEN)
        question = (row["language"], row["question"])
        about = row["topic"] or topic
        new = NewEntry(about, owner, [question], row["answer"], row["language"])
        answering.write(connection, new, who, now)
        taken.append(row["id"])
    return phrasings.decide(connection, picked[0], True, who, now), taken


def _less(picked: Picked, taken: Picked) -> list[str]:
    """The questions for which there was no entry any more."""
    return [each.question for each in picked[0] if each not in taken[0]]


def _dismiss(connection: Connection, picked: Picked, who: Who, now: datetime) -> None:
    phrasings.decide(connection, picked[0], False, who, now)
    for proposal_id in picked[1]:
        proposals.settle(connection, proposal_id, DECLINED)


def _undo(connection: Connection, picked: Picked, who: Who, now: datetime) -> None:
    for each in picked[0]:
        phrasings.undecide(connection, each)
        part = Part(Kind.ENTRY, each.entry_id)
        answering.without(connection, part, [(each.language, each.question)], who, now)
    for row in _rows(connection, picked[1]):
        if row["status"] == TAKEN:
            answering.discard_written(connection, (row["language"], row["question"]), who)
        proposals.reopen(connection, row["id"])


def _rows(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    return [
        row
        for proposal_id in ids
        for row in connection.execute(
            "SELECT p.*, h.topic FROM proposals p JOIN handoffs h ON h.id = p.handoff_id"
            " WHERE p.id = %(id)s",
            id=proposal_id,
        )
    ]


def _phrasing(each: Suggestion, title: str) -> Listed:
    return Listed(
        _pick_of(each),
        "phrasing",
        each.question,
        each.language,
        each.entry_id,
        title,
        each.count,
        each.taken,
    )


def _proposal(row: Mapping[str, Any]) -> Listed:
    return Listed(
        _pick_of_proposal(row["id"]),
        "proposal",
        row["question"],
        row["language"],
        answer=row["answer"],
        by=row["person_name"],
        at=row["created_at"],
    )


def _pick_of(each: Suggestion) -> str:
    return json.dumps([each.entry_id, each.language, each.question], ensure_ascii=False)


def _pick_of_proposal(proposal_id: str) -> str:
    return json.dumps([proposal_id])


def _picked(fields: Mapping[str, str]) -> Picked:
    """The fields `pick.N` that came along. Raises Refused."""
    found: Picked = ([], [])
    picks = [value for name, value in fields.items() if name.startswith("pick.")]
    for pick in picks[:MOST_AT_ONCE]:
        try:
            parts = json.loads(pick)
        except ValueError:
            raise Refused(Problem.BAD_REQUEST) from None
        match parts:
            case [str(entry_id), str(language), str(question)]:
                found[0].append(Suggestion(entry_id, language, question, 0))
            case [str(proposal_id)]:
                found[1].append(proposal_id)
            case _:
                raise Refused(Problem.BAD_REQUEST)
    return found
