"""The agents' page, and what it reads: the list, a conversation, knowledge to reply with, and the
transcript as a file."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from accounts.models import Person
from accounts.permissions import Permission
from conversations import outbox
from handoff import escalations, lists, said, undelivered
from handoff.desk import DISPOSITIONS
from handoff.lists import Asked, View
from handoff.models import Agent, Handoff, NotFound, Reason
from handoff.sorting import PRIORITIES
from handoff.transcript import Transcript, transcript
from knowledge.live import Knowledge, Live
from storage.database import Connection, Database
from storage.json_text import json_text
from web import agent_people, agent_replies, agent_shapes
from web.agent_people import agent_of
from web.errors import Problem, Refused
from web.guard import Guard
from web.rendering import Rendering

PATH = "/agent"
MAX_WORDS = 100
MOST_LISTED = 500
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_FILE_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class AgentConsole:
    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        live: Live,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._guard = guard
        self._rendering = rendering
        self._live = live
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        one = PATH + "/handoffs/{handoff}"
        get, answer = self._guard.get, Permission.ANSWER
        return [
            get(PATH, answer, self.page),
            get(f"{PATH}/list", answer, self.list),
            get(one, answer, self.conversation),
            get(f"{one}/replies", answer, self.replies),
            get(f"{one}/case", answer, self.case),
            get(f"{one}/transcript", answer, self.whole),
            get(one + "/transcript.{kind:txt|json}", answer, self.transcript),
        ]

    async def page(self, request: web.Request, person: Person) -> web.Response:
        """With the list and the conversation that its address names, so that nothing jumps."""
        language = self._rendering.language(request, person)
        chosen = request.query.get("id", "")
        start = await self._database.read(
            _start, person, _asked(request), chosen, self._live.knowledge, language, self._now()
        )
        known = {
            "me": {"id": person.id, "name": person.name},
            "views": list(View),
            "reasons": list(Reason),
            "dispositions": DISPOSITIONS,
            "priorities": PRIORITIES,
            "roles": agent_people.AGENT_ROLES,
            "languages": self._live.knowledge.policy.partner.languages,
        }
        return await self._rendering.page(
            request, person, "agent/console.html", start=known | start
        )

    async def list(self, request: web.Request, person: Person) -> web.Response:
        asked = _asked(request)
        return _json(await self._database.read(_list, person, asked, self._now()))

    async def conversation(self, request: web.Request, person: Person) -> web.Response:
        """All that is known and the last that was said; with `before`, what was said earlier."""
        language = self._rendering.language(request, person)
        before = request.query.get("before", "")
        if before and not _NUMBER.fullmatch(before):
            raise Refused(Problem.BAD_REQUEST)
        handoff_id = request.match_info["handoff"]
        knowledge = self._live.knowledge
        read = _lines if before else _conversation
        try:
            return _json(
                await self._database.read(
                    read, agent_of(person), handoff_id, knowledge, language, int(before or 0)
                )
            )
        except NotFound:
            raise Refused(Problem.NOT_FOUND) from None

    async def replies(self, request: web.Request, person: Person) -> web.Response:
        """Entries to reply with, in the customer's language: those that fit `q`, or what the
        customer said last."""
        agent, handoff_id = agent_of(person), request.match_info["handoff"]
        try:
            handoff, last = await self._database.read(_last_asked, agent, handoff_id)
        except NotFound:
            raise Refused(Problem.NOT_FOUND) from None
        words = request.query.get("q", "").strip()[:MAX_WORDS] or last
        language = request.query.get("language", "") or handoff.language
        found = await agent_replies.find(self._live.knowledge, words, language, self._now())
        return _json({"replies": found, "for": words[:MAX_WORDS]})

    async def case(self, request: web.Request, person: Person) -> web.Response:
        """What a case with Microsoft needs: the ways there are, and the facts to paste."""
        agent, handoff_id = agent_of(person), request.match_info["handoff"]
        language = self._rendering.language(request, person)
        try:
            facts = await self._database.read(_facts, agent, handoff_id, self._live.knowledge)
        except NotFound:
            raise Refused(Problem.NOT_FOUND) from None
        vehicles = escalations.vehicles(self._live.knowledge.policy, language)
        ways = [{"id": v.id, "name": v.name, "ours": v.ours} for v in vehicles]
        return _json({"vehicles": ways, "facts": facts})

    async def whole(self, request: web.Request, person: Person) -> web.Response:
        """What the transcript's files hold: how many of how many, and the checksum."""
        return _json((await self._transcript(request, person)).summary())

    async def transcript(self, request: web.Request, person: Person) -> web.Response:
        """Every activity, counted and with its checksum; notes are not part of it."""
        whole = await self._transcript(request, person)
        kind = request.match_info["kind"]
        body = json.dumps(whole.as_json(), ensure_ascii=False, indent=1)
        text = whole.as_text() if kind == "txt" else body
        name = _FILE_NAME.sub("-", whole.conversation_id)[:60].strip("-") or "conversation"
        return web.Response(
            text=text,
            content_type="text/plain" if kind == "txt" else "application/json",
            charset="utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="transcript-{name}.{kind}"',
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
            },
        )

    async def _transcript(self, request: web.Request, person: Person) -> Transcript:
        agent, handoff_id = agent_of(person), request.match_info["handoff"]
        try:
            return await self._database.read(_transcript, agent, handoff_id)
        except NotFound:
            raise Refused(Problem.NOT_FOUND) from None


def _json(value: Any) -> web.Response:
    return web.json_response(
        value,
        dumps=json_text,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _asked(request: web.Request) -> Asked:
    """What the address asks for; what it says wrongly is left out, as after a renaming."""
    query = request.query
    view = query.get("view", "")
    limit = query.get("limit", "")
    return Asked(
        View(view) if view in list(View) else View.UNASSIGNED,
        query.get("q", "").strip()[:MAX_WORDS],
        query.get("role", "")[:MAX_WORDS],
        query.get("channel", "")[:MAX_WORDS],
        query.get("language", "")[:MAX_WORDS],
        min(int(limit), MOST_LISTED) if _NUMBER.fullmatch(limit) else lists.PAGE,
    )


def _start(
    connection: Connection,
    person: Person,
    asked: Asked,
    chosen: str,
    knowledge: Knowledge,
    language: str,
    now: datetime,
) -> dict[str, Any]:
    conversation = None
    if chosen:
        try:
            conversation = _conversation(connection, agent_of(person), chosen, knowledge, language)
        except NotFound:
            conversation = {"gone": chosen}
    return {"list": _list(connection, person, asked, now), "conversation": conversation}


def _list(connection: Connection, person: Person, asked: Asked, now: datetime) -> dict[str, Any]:
    agent = agent_of(person)
    found = lists.listed(connection, agent, asked)
    return {
        "view": asked.view,
        "words": asked.words,
        "rows": [agent_shapes.row(one) for one in found],
        "more": len(found) >= asked.limit,
        "counts": lists.counts(connection, agent),
        "people": agent_people.everybody(connection, now),
        "undelivered": len(undelivered.listed(connection, agent)),
    }


def _conversation(
    connection: Connection,
    agent: Agent,
    handoff_id: str,
    knowledge: Knowledge,
    language: str,
    before: int = 0,
) -> dict[str, Any]:
    handoff = lists.visible(connection, agent, handoff_id)
    found = _lines(connection, agent, handoff_id, knowledge, language)
    return found | {"detail": agent_shapes.detail(connection, agent, handoff, knowledge, language)}


def _lines(
    connection: Connection,
    agent: Agent,
    handoff_id: str,
    knowledge: Knowledge,
    language: str,
    before: int = 0,
) -> dict[str, Any]:
    """`last` is the number up to which this is complete, `earlier` whether there is more."""
    handoff = lists.visible(connection, agent, handoff_id)
    found = said.before(connection, agent, handoff.conversation_id, before)
    deliveries = outbox.states(connection, handoff.conversation_id)
    return {
        "lines": agent_shapes.lines(found, deliveries, knowledge, language),
        "first": found[0].activity.number if found else 0,
        "last": found[-1].activity.number if found else 0,
        "earlier": bool(found) and found[0].activity.number > 1,
    }


def _last_asked(connection: Connection, agent: Agent, handoff_id: str) -> tuple[Handoff, str]:
    handoff = lists.visible(connection, agent, handoff_id)
    for one in reversed(said.before(connection, agent, handoff.conversation_id)):
        text = one.activity.body.get("text")
        if one.activity.author == "customer" and isinstance(text, str) and text.strip():
            return handoff, text.strip()[:1000]
    return handoff, str(handoff.request.get("question", ""))


def _transcript(connection: Connection, agent: Agent, handoff_id: str) -> Transcript:
    handoff = lists.visible(connection, agent, handoff_id)
    return transcript(connection, handoff.conversation_id)


def _facts(connection: Connection, agent: Agent, handoff_id: str, knowledge: Knowledge) -> str:
    """For Microsoft, so in English: who is asked for, what was tried, and how to know that the
    attached transcript is whole."""
    handoff = lists.visible(connection, agent, handoff_id)
    whole = transcript(connection, handoff.conversation_id)
    tried = [str(one.get("question", "")) for one in handoff.request.get("tried", ())]
    facts = [
        ("Partner", knowledge.partner("en")),
        ("Conversation", handoff.conversation_id),
        ("Opened", handoff.created_at),
        ("Topic", handoff.topic or "-"),
        ("Customer asked", str(handoff.request.get("question", ""))),
        ("Tried before", "; ".join(tried) or "-"),
        (
            "Transcript",
            f"{whole.count} of {whole.of} activities, SHA-256 {whole.sha256} (attached)",
        ),
    ]
    return "\n".join(f"{name}: {value}" for name, value in facts)
