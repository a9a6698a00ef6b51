"""Direct Line 3.0, as its documentation and its real clients have it."""

import re
import uuid
from collections.abc import Mapping
from typing import Any, Protocol

from aiohttp import web

from bot.direct_line import beginning, customer_activity
from bot.inbound import Inbound
from conversations import log
from conversations.models import WEB
from conversations.streams import Streams
from storage.database import Database
from web.access import Access
from web.bodies import read_json
from web.errors import Problem, Refused
from web.limits import Rate
from web.origins import Origins, origin_of
from web.tokens import EXPIRES_IN, Grant, Purpose, Tokens, new_grant
from web.watermarks import page, watermark_of

BASE = "/v3/directline"
MESSAGES_PER_MINUTE, MESSAGES_AT_ONCE = 60, 20
CALLS_PER_MINUTE, CALLS_AT_ONCE = 300, 60
MAX_TRUSTED_ORIGINS = 20

_CLIENT_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_USER_ID = re.compile(r"dl_[\w.@:-]{1,61}", re.ASCII)


class Turns(Protocol):
    async def receive(self, inbound: Inbound) -> str: ...


class DirectLine:
    """The REST part; `routes()` are for an application with the error and CORS middlewares."""

    def __init__(
        self, database: Database, streams: Streams, turns: Turns, tokens: Tokens, origins: Origins
    ) -> None:
        self._database = database
        self._streams = streams
        self._turns = turns
        self._tokens = tokens
        self._origins = origins
        self._access = Access(tokens, origins)
        self._messages = Rate(MESSAGES_PER_MINUTE, MESSAGES_AT_ONCE)
        self._calls = Rate(CALLS_PER_MINUTE, CALLS_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        conversation = BASE + "/conversations/{conversation}"
        return [
            web.post(f"{BASE}/tokens/generate", self.generate),
            web.post(f"{BASE}/tokens/refresh", self.refresh),
            web.post(f"{BASE}/conversations", self.begin),
            web.get(conversation, self.reconnect, allow_head=False),
            web.post(f"{conversation}/activities", self.send),
            web.get(f"{conversation}/activities", self.read, allow_head=False),
            web.post(f"{conversation}/upload", self.upload),
        ]

    async def generate(self, request: web.Request) -> web.Response:
        """A server's call: a token for a conversation that nobody has begun."""
        self._access.require_server(request)
        return web.json_response(self._token(_asked_for(await read_json(request, optional=True))))

    async def refresh(self, request: web.Request) -> web.Response:
        """The token that was given stays good until its own end."""
        return web.json_response(self._token(self._customer(request)))

    async def begin(self, request: web.Request) -> web.Response:
        """Repeated by every page that is loaded again: 201 once, then 200; greeted once."""
        by_server = self._access.is_server(request)
        grant = None if by_server else self._customer(request)
        body = await read_json(request, optional=True)
        grant = grant or _asked_for(body)
        known = await self._database.read(log.get, grant.conversation_id)
        activity = beginning(grant.user_id, grant.user_name, body.get("locale"))
        await self._turns.receive(Inbound(WEB, grant.conversation_id, "begin", activity))
        return web.json_response(self._conversation(request, grant), status=200 if known else 201)

    async def reconnect(self, request: web.Request) -> web.Response:
        grant = self._customer(request)
        return web.json_response(self._conversation(request, grant, watermark_of(request)))

    async def send(self, request: web.Request) -> web.Response:
        grant = self._customer(request)
        self._messages.check(grant.conversation_id)
        body = await read_json(request)
        activity = customer_activity(body, grant.user_id, grant.user_name)
        if activity["type"] == "typing":
            self._streams.whisper(grant.conversation_id, activity)
            return web.json_response({"id": f"{grant.conversation_id}|{uuid.uuid4().hex}"})
        inbound = Inbound(WEB, grant.conversation_id, _external_id(activity), activity)
        return web.json_response({"id": await self._turns.receive(inbound)})

    async def read(self, request: web.Request) -> web.Response:
        grant = self._customer(request)
        found = await self._database.read(page, grant.conversation_id, watermark_of(request))
        return web.Response(text=found.as_json(), content_type="application/json")

    async def upload(self, request: web.Request) -> web.Response:
        self._customer(request)
        raise Refused(Problem.NO_FILES)

    def _customer(self, request: web.Request) -> Grant:
        grant = self._access.customer(request)
        self._calls.check(grant.conversation_id)
        return grant

    def _token(self, grant: Grant) -> dict[str, Any]:
        return {
            "conversationId": grant.conversation_id,
            "token": self._tokens.issue(grant),
            "expires_in": EXPIRES_IN,
        }

    def _conversation(
        self, request: web.Request, grant: Grant, watermark: int = 0
    ) -> dict[str, Any]:
        base = self._origins.base_url(request).replace("http", "ws", 1)
        path = f"{BASE}/conversations/{grant.conversation_id}/stream"
        ticket = self._tokens.issue(grant, Purpose.STREAM)
        return self._token(grant) | {
            "streamUrl": f"{base}{path}?watermark={watermark or ''}&t={ticket}",
            "referenceGrammarId": str(uuid.uuid5(uuid.NAMESPACE_URL, grant.conversation_id)),
        }


def _asked_for(body: Mapping[str, Any]) -> Grant:
    """The grant a server asks for: `user.id` begins with dl_, or is made here."""
    user = body.get("user") or {}
    user_id = user.get("id") or "" if isinstance(user, dict) else None
    if not isinstance(user_id, str) or (user_id and not _USER_ID.fullmatch(user_id)):
        raise Refused(Problem.USER_ID)
    name = user.get("name")
    origins = _trusted_origins(body.get("trustedOrigins") or [])
    return new_grant(user_id, name[:100] if isinstance(name, str) else "", origins)


def _trusted_origins(given: object) -> list[str]:
    if not isinstance(given, list) or len(given) > MAX_TRUSTED_ORIGINS:
        raise Refused(Problem.ORIGINS)
    origins = [origin_of(url) if isinstance(url, str) else "" for url in given]
    if not all(origins):
        raise Refused(Problem.ORIGINS)
    return origins


def _external_id(activity: Mapping[str, Any]) -> str:
    """The client's own id of it, kept apart from the ids that we give; a fresh one if it is odd."""
    given = activity.get("channelData", {}).get("clientActivityID")
    if isinstance(given, str) and _CLIENT_ID.fullmatch(given):
        return f"client:{given}"
    return f"fresh:{uuid.uuid4()}"
