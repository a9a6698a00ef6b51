"""Other systems tell what their people did: POST /hooks/desk and /hooks/handoff-status, signed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bot.handoff_events import apply_status, find
from bot.json_body import parse_json, read_body
from bot.signing import TOLERANCE, is_genuine
from bot.webhooks import shape
from conversations.masking import mask_cards
from handoff import store
from handoff.desk import Desk
from handoff.models import (
    Agent,
    AlreadyClaimed,
    DeskError,
    Handoff,
    NotFound,
    NotOpen,
    NotYours,
)
from storage.database import Connection, Database
from storage.times import stored_time
from web.bodies import MAX_BYTES, MAX_SECONDS
from web.errors import Problem, Refused

WEBHOOK = "webhook"
HELPDESK = "helpdesk:"
_CODES: Mapping[type[DeskError], tuple[int, str]] = {
    NotFound: (404, "NotFound"),
    AlreadyClaimed: (409, "AlreadyClaimed"),
    NotYours: (409, "NotYours"),
    NotOpen: (409, "NotOpen"),
}

Text = Annotated[str, StringConstraints(max_length=4000)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(Body):
    id: Short
    name: Short


class Told(Body):
    """What a helpdesk's person did; `text` and `disposition` where the action needs them."""

    delivery: Short
    handoff: Short
    action: Literal["claim", "say", "note", "resolve", "give_back"]
    agent: Person
    text: Text = ""
    disposition: Annotated[str, StringConstraints(max_length=40)] = "other"


class Repeated(Exception):
    """The delivery was done before."""


class Hooks:
    def __init__(
        self,
        database: Database,
        desk: Desk,
        secrets: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._desk = desk
        self._secrets = secrets
        self._now = now

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/hooks/desk", self.told),
            web.post("/hooks/handoff-status", self.status),
        ]

    async def told(self, request: web.Request) -> web.Response:
        try:
            told = Told.model_validate(await self._body(request))
        except ValidationError:
            raise Refused(Problem.BAD_REQUEST) from None
        return await self._answer(self._do, told)

    async def status(self, request: web.Request) -> web.Response:
        """`handoff.status` as the protocol has it; `id` is the delivery's."""
        return await self._answer(self._apply, await self._body(request))

    async def _body(self, request: web.Request) -> dict[str, Any]:
        """Signed, and lately: nothing is made of a body before that is sure."""
        async with asyncio.timeout(MAX_SECONDS):
            raw = await read_body(request, MAX_BYTES)
        if not is_genuine(self._secrets, request.headers, raw, self._now()):
            raise Refused(Problem.SIGNATURE)
        return parse_json(raw)

    async def _answer(
        self, work: Callable[[Connection, Any, datetime], Handoff], told: object
    ) -> web.Response:
        try:
            handoff = await self._database.write(work, told, self._now())
        except Repeated:
            raise Refused(Problem.REPEATED) from None
        except DeskError as error:
            status, code = _CODES.get(type(error), (422, "NotPossible"))
            return web.json_response(
                {"error": {"code": code, "message": str(error)}}, status=status
            )
        return web.json_response({"handoff": shape(handoff)})

    def _do(self, connection: Connection, told: Told, now: datetime) -> Handoff:
        _only_once(connection, told.delivery, now)
        who = Agent(f"{HELPDESK}{told.agent.id}", told.agent.name)
        desk, text = self._desk, mask_cards(told.text)[0]
        match told.action:
            case "claim":
                desk.claim(connection, told.handoff, who, now, WEBHOOK)
            case "say":
                desk.say(connection, told.handoff, who, text, f"{WEBHOOK}:{told.delivery}", now)
            case "note":
                desk.note(connection, told.handoff, who, text, f"{WEBHOOK}:{told.delivery}", now)
            case "resolve":
                _check_owner(connection, told.handoff, who)
                desk.resolve(connection, told.handoff, who, told.disposition, now)
            case "give_back":
                _check_owner(connection, told.handoff, who)
                desk.give_back(connection, told.handoff, who, "", now)
        return store.get(connection, told.handoff)

    def _apply(self, connection: Connection, body: Mapping[str, Any], now: datetime) -> Handoff:
        conversation, value, delivery = (
            body.get("conversation"),
            body.get("value"),
            body.get("id"),
        )
        if not isinstance(conversation, Mapping) or not isinstance(value, Mapping):
            raise Refused(Problem.BAD_REQUEST)
        if not isinstance(delivery, str) or not 0 < len(delivery) <= 200:
            raise Refused(Problem.BAD_REQUEST)
        _only_once(connection, delivery, now)
        handoff = find(connection, str(conversation.get("id") or ""))
        if handoff is None:
            raise NotFound
        sender = body.get("from")
        name = sender.get("name") if isinstance(sender, Mapping) else None
        who = Agent("hub", str(name or "Helpdesk")[:100])
        apply_status(connection, self._desk, handoff.id, value, who, now)
        return store.get(connection, handoff.id)


def _only_once(connection: Connection, delivery: str, now: datetime) -> None:
    """Raises Repeated. Kept only as long as its signature would be believed."""
    old = stored_time(now - 2 * TOLERANCE - timedelta(minutes=1))
    connection.execute("DELETE FROM hook_deliveries WHERE received_at < %(old)s", old=old)
    rows = connection.execute(
        "INSERT INTO hook_deliveries (id, received_at) VALUES (%(id)s, %(at)s)"
        " ON CONFLICT (id) DO NOTHING RETURNING id",
        id=delivery,
        at=stored_time(now),
    )
    if not rows:
        raise Repeated


def _check_owner(connection: Connection, handoff_id: str, who: Agent) -> None:
    """Raises DeskError."""
    handoff = store.get(connection, handoff_id)
    if not handoff.status.is_open:
        raise NotOpen
    if handoff.agent_id != who.id:
        raise NotYours(handoff.agent_name)
