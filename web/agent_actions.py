"""What an agent does with a conversation: one address for each, one transaction each, and a refusal
in the agent's language."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from aiohttp import web
from pydantic import ValidationError

from accounts.models import Person
from accounts.permissions import Permission
from handoff import presence, proposals, undelivered
from handoff.desk import Desk
from handoff.escalations import Escalations
from handoff.lists import visible
from handoff.models import Agent, AlreadyClaimed, DeskError, Handoff, NotFound, NotOpen, NotYours
from knowledge.live import Live
from storage.database import Connection, Database
from web import agent_shapes
from web.agent_bodies import (
    Again,
    AtTheDesk,
    Back,
    Body,
    Ended,
    Followed,
    Labels,
    Message,
    Nothing,
    Passed,
    Priority,
    Proposed,
    To,
    Until,
)
from web.agent_people import AGENT_ROLES, agent_of, colleague
from web.bodies import read_json
from web.errors import Problem, Refused
from web.guard import Guard
from web.rendering import Rendering

B = TypeVar("B", bound=Body)
Act = Callable[[Connection, Agent, Handoff, Any, datetime], Any]
Done = tuple[Any, dict[str, Any] | None]


class AgentActions:
    """`stirred` is called when somebody's presence changed, for the pages of this process."""

    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        live: Live,
        desk: Desk,
        escalations: Escalations,
        stirred: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._guard = guard
        self._rendering = rendering
        self._live = live
        self._desk = desk
        self._escalations = escalations
        self._stirred = stirred
        self._now = now
        self.actions: Mapping[str, tuple[type[Body], Act]] = {
            "say": (Message, self._say),
            "note": (Message, self._note),
            "claim": (Nothing, self._claim),
            "assign": (To, self._assign),
            "queue": (Back, self._give_back),
            "bot": (Nothing, self._give_to_bot),
            "snooze": (Until, self._snooze),
            "priority": (Priority, self._prioritise),
            "labels": (Labels, self._label),
            "escalate": (Passed, self._escalate),
            "escalation": (Followed, self._follow),
            "resolve": (Ended, self._resolve),
            "propose": (Proposed, self._propose),
            "send-again": (Again, self._send_again),
        }

    def routes(self) -> list[web.RouteDef]:
        path = "/agent/handoffs/{handoff}/{action}"
        return [
            self._guard.post(path, Permission.ANSWER, self.act),
            self._guard.post("/agent/presence", Permission.ANSWER, self.be_present),
        ]

    async def act(self, request: web.Request, person: Person) -> web.Response:
        """What came of it, and how the conversation stands now, if the agent may still see it."""
        found = self.actions.get(request.match_info["action"])
        if found is None:
            raise Refused(Problem.NOT_FOUND)
        body = _parsed(found[0], await read_json(request))
        language = self._rendering.language(request, person)
        agent, handoff_id = agent_of(person), request.match_info["handoff"]
        try:
            done, detail = await self._database.write(
                self._do, found[1], agent, handoff_id, body, language, self._now()
            )
        except NotFound:
            raise Refused(Problem.NOT_FOUND) from None
        except DeskError as error:
            return self._refusal(error, language)
        return web.json_response({"done": done, "detail": detail})

    async def be_present(self, request: web.Request, person: Person) -> web.Response:
        body = _parsed(AtTheDesk, await read_json(request))
        await self._database.write(
            presence.set_availability,
            agent_of(person),
            body.availability,
            body.capacity,
            self._now(),
        )
        self._stirred()
        return web.json_response({})

    def _do(
        self,
        connection: Connection,
        act: Act,
        agent: Agent,
        handoff_id: str,
        body: Body,
        language: str,
        now: datetime,
    ) -> Done:
        done = act(connection, agent, visible(connection, agent, handoff_id), body, now)
        if isinstance(body, Message):
            return done, None
        try:
            after = visible(connection, agent, handoff_id)
        except NotFound:
            return None, None
        knowledge = self._live.knowledge
        return None, agent_shapes.detail(connection, agent, after, knowledge, language)

    def _refusal(self, error: DeskError, language: str) -> web.Response:
        """409: it is not as the page thought."""
        by = error.by if isinstance(error, (AlreadyClaimed, NotYours)) else ""
        key = _REFUSALS.get(type(error), "other")
        if key == "not_yours" and not by:
            key = "take_first"
        message = self._rendering.say(language)(f"agent.refused.{key}", name=by)
        code = "".join(word.capitalize() for word in key.split("_"))
        return web.json_response({"error": {"code": code, "message": message}}, status=409)

    def _say(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Message, now: datetime
    ) -> int:
        return self._desk.say(connection, handoff.id, agent, body.text, body.client, now)

    def _note(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Message, now: datetime
    ) -> None:
        self._desk.note(connection, handoff.id, agent, body.text, body.client, now)

    def _claim(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Body, now: datetime
    ) -> None:
        self._desk.claim(connection, handoff.id, agent, now)

    def _assign(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: To, now: datetime
    ) -> None:
        to = colleague(connection, body.person)
        self._desk.assign(connection, handoff.id, agent, to, now)

    def _give_back(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Back, now: datetime
    ) -> None:
        if body.role and body.role not in AGENT_ROLES:
            raise DeskError("There is no such role.")
        self._desk.give_back(connection, handoff.id, agent, body.role, now)

    def _give_to_bot(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Body, now: datetime
    ) -> None:
        self._desk.give_to_bot(connection, handoff.id, agent, now)

    def _snooze(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Until, now: datetime
    ) -> None:
        self._desk.snooze(connection, handoff.id, agent, body.until, now)

    def _prioritise(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Priority, now: datetime
    ) -> None:
        self._desk.prioritise(connection, handoff.id, agent, body.priority, now)

    def _label(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Labels, now: datetime
    ) -> None:
        self._desk.label(connection, handoff.id, agent, body.labels, now)

    def _escalate(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Passed, now: datetime
    ) -> None:
        self._escalations.begin(
            connection, handoff.id, agent, body.vehicle, body.reference, body.asked, now
        )

    def _follow(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Followed, now: datetime
    ) -> None:
        if not body.escalation.startswith(f"{handoff.id}|"):
            raise DeskError("There is no such escalation.")
        self._escalations.update(
            connection, body.escalation, agent, body.status, body.reference, now
        )

    def _resolve(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Ended, now: datetime
    ) -> None:
        self._desk.resolve(connection, handoff.id, agent, body.disposition, now)

    def _propose(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Proposed, now: datetime
    ) -> None:
        proposals.propose(
            connection,
            handoff.id,
            agent,
            body.question,
            body.answer,
            body.language,
            body.client,
            now,
        )

    def _send_again(
        self, connection: Connection, agent: Agent, handoff: Handoff, body: Again, now: datetime
    ) -> None:
        parcel = f"{handoff.conversation_id}|{body.number}"
        if not undelivered.send_again(connection, agent, parcel, now):
            raise DeskError("It is on its way already.")


_REFUSALS: Mapping[type[DeskError], str] = {
    AlreadyClaimed: "already_claimed",
    NotYours: "not_yours",
    NotOpen: "not_open",
}


def _parsed(model: type[B], raw: dict[str, Any]) -> B:
    """Raises Refused, for fields that are not known too."""
    try:
        return model.model_validate(raw)
    except ValidationError:
        raise Refused(Problem.BAD_REQUEST) from None
