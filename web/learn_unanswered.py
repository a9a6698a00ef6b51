"""What customers could not get answered, and what an editor does about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from knowledge.learning import answering, unanswered
from knowledge.learning.answering import NewEntry, Question
from knowledge.learning.missed import masked
from knowledge.learning.unanswered import Cluster, State, Tally
from knowledge.text import language_of
from storage.database import Connection
from web.errors import Problem, Refused
from web.guard import form
from web.learn_charts import last_weeks, sparkline
from web.learn_pages import MAX_WORDS, PATH, Learn, nearest, who
from web.sign_in import see_other

UNANSWERED = f"{PATH}/unanswered"
LISTED = 200
ASKED = 20  # questions of a group that can be ticked
REPLIES = 5
LONGEST_ID = 300
DONE = ("written", "added", "not_ours", "undone", "kept", "asked", "closed")
UNDOABLE = ("written", "added", "not_ours")


@dataclass(frozen=True, slots=True)
class Row:
    """A group as it is listed."""

    cluster: Cluster
    weeks: Sequence[int]
    trend: object  # a picture


class Unanswered:
    def __init__(self, learn: Learn) -> None:
        self._learn = learn

    def routes(self) -> list[web.RouteDef]:
        guard, edit = self._learn.guard, Permission.EDIT_CONTENT
        posts = {
            "write": self.write,
            "add": self.add,
            "not-ours": self.not_ours,
            "undo": self.undo,
            "ask-again": self.ask_again,
        }
        return [
            guard.get(UNANSWERED, edit, self.page),
            *(guard.post(f"{UNANSWERED}/{name}", edit, each) for name, each in posts.items()),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        """The groups in one state, and the one that the address names, or the biggest."""
        learn, query = self._learn, request.query
        state = State(query["state"]) if query.get("state") in list(State) else State.OPEN
        found, tally = await learn.database.read(_listed, state)
        wanted = query.get("id", "")
        chosen = next((each for each in found if each.id == wanted), None)
        shown = chosen or (found[0] if found and not wanted else None)
        return await learn.rendering.page(
            request,
            person,
            "learn/unanswered.html",
            rows=[self._row(each, request, person) for each in found[:LISTED]],
            more=max(0, len(found) - LISTED),
            state=state,
            states=list(State),
            counts=tally.counts,
            shown=self._row(shown, request, person) if shown else None,
            is_chosen=chosen is not None,
            median_days=median(tally.days_to_answer) if tally.days_to_answer else None,
            about=await self._about(request, person, shown) if shown else {},
            **self._done(request, person),
        )

    async def write(self, request: web.Request, person: Person) -> web.Response:
        """A draft with the questions that were ticked, and one of the agents' replies."""
        learn, fields = self._learn, await form(request)
        cluster_id, questions = await self._questions(fields)
        replies = await learn.database.read(unanswered.replies_of_agents, cluster_id)
        reply = dict(enumerate(replies)).get(_number(fields.get("reply", "")), "")
        topic = fields.get("topic", "")
        if not questions or topic not in learn.topics():
            raise Refused(Problem.BAD_REQUEST)
        owner = learn.knowledge.policy.owner_for(topic)
        language = language_of(reply) or questions[0][0]
        new = NewEntry(topic, owner, questions, reply, language)
        draft = await learn.database.write(
            answering.write_for, cluster_id, new, who(person), learn.now()
        )
        return _done("written", cluster_id, draft.part.id)

    async def add(self, request: web.Request, person: Person) -> web.Response:
        learn, fields = self._learn, await form(request)
        cluster_id, questions = await self._questions(fields)
        entry_id = fields.get("entry", "")
        if not questions or not learn.knowledge.has(entry_id):
            raise Refused(Problem.BAD_REQUEST)
        draft = await learn.database.write(
            answering.add_to, cluster_id, entry_id, questions, who(person), learn.now()
        )
        if draft is None:
            raise Refused(Problem.NOT_FOUND)
        return _done("added", cluster_id, entry_id)

    async def not_ours(self, request: web.Request, person: Person) -> web.Response:
        cluster_id = _cluster_id(await form(request))
        await self._learn.database.write(
            answering.is_not_ours, cluster_id, who(person), self._learn.now()
        )
        return _done("not_ours", cluster_id)

    async def undo(self, request: web.Request, person: Person) -> web.Response:
        cluster_id = _cluster_id(await form(request))
        whole = await self._learn.database.write(
            answering.take_back, cluster_id, who(person), self._learn.now()
        )
        return _done("undone" if whole else "kept", cluster_id)

    async def ask_again(self, request: web.Request, person: Person) -> web.Response:
        """Now, what is done by itself each minute."""
        await self._learn.editing.learning.gather()
        closed = await self._learn.editing.learning.ask_again()
        return _done("closed" if closed else "asked")

    async def _questions(self, fields: dict[str, str]) -> tuple[str, list[Question]]:
        """The group's questions that are ticked, by their place."""
        cluster_id = _cluster_id(fields)
        there = await self._learn.database.read(answering.questions_of, cluster_id)
        ticked = [each for n, each in enumerate(there) if f"question.{n}" in fields]
        return cluster_id, ticked

    async def _about(
        self, request: web.Request, person: Person, cluster: Cluster
    ) -> dict[str, Any]:
        learn, words = self._learn, request.query.get("q", "").strip()[:MAX_WORDS]
        questions, replies = await learn.database.read(_of_cluster, cluster.id)
        language = learn.language(request, person)
        asked = [text for _, text in questions[:5]]
        near = await nearest(learn, asked, language, words)
        thought = [each for each in cluster.candidates if learn.knowledge.has(each)]
        topic = learn.knowledge.topic(thought[0]) if thought else ""
        shown = [masked(each) for each in replies[:REPLIES]]
        return {
            "questions": questions[:ASKED],
            "more": max(0, len(questions) - ASKED),
            "replies": shown,
            "longest": max(range(len(shown)), key=lambda n: len(shown[n]), default=0),
            "near": near,
            "words": words,
            "topics": learn.topics(),
            "topic": topic,
            "entry_title": learn.title(cluster.entry_id, language) if cluster.entry_id else "",
        }

    def _row(self, cluster: Cluster, request: web.Request, person: Person) -> Row:
        weeks = last_weeks(cluster.weeks, self._learn.now().date())
        say = self._learn.rendering.say(self._learn.language(request, person))
        title = say("learn.trend", counts=", ".join(map(str, weeks)))
        return Row(cluster, weeks, sparkline(weeks, title))

    def _done(self, request: web.Request, person: Person) -> dict[str, Any]:
        query = request.query
        done = query.get("done", "")
        entry_id = query.get("entry", "")[:LONGEST_ID]
        return {
            "done": done if done in DONE else "",
            "undo": query.get("cluster", "")[:LONGEST_ID] if done in UNDOABLE else "",
            "done_entry": entry_id,
            "done_title": self._learn.title(entry_id, self._learn.language(request, person)),
        }


def _listed(connection: Connection, state: State) -> tuple[list[Cluster], Tally]:
    return unanswered.clusters(connection, [state]), unanswered.tally(connection)


def _of_cluster(connection: Connection, cluster_id: str) -> tuple[list[Question], list[str]]:
    return (
        answering.questions_of(connection, cluster_id),
        unanswered.replies_of_agents(connection, cluster_id),
    )


def _cluster_id(fields: dict[str, str]) -> str:
    found = fields.get("cluster", "")
    if not found or len(found) > LONGEST_ID:
        raise Refused(Problem.BAD_REQUEST)
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def _done(what: str, cluster_id: str = "", entry_id: str = "") -> web.Response:
    told = {"done": what, "cluster": cluster_id, "entry": entry_id}
    return see_other(f"{UNANSWERED}?{urlencode({k: v for k, v in told.items() if v})}")
