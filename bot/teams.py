"""Teams: activities come in at POST /api/messages, what the bot says goes out by the connector."""

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from aiohttp import web

from bot.activity_check import check_activity
from bot.authentication import (
    AnonymousAuthentication,
    Authentication,
    Gate,
    Refused,
    TeamsSettings,
)
from bot.bot_token import BotToken
from bot.connector import Connector, Timing
from bot.delivery import DeliveryError
from bot.http import Http
from bot.inbound import Inbound, Receiver
from bot.json_body import BadBody, parse_json, read_body
from bot.service_urls import LOOPBACK_HOSTS, ServiceUrls
from bot.teams_adapter import TeamsAdapter
from conversations.models import EDITS
from conversations.outbox import Parcel

PATH = "/api/messages"
MAX_BODY_BYTES = 256 * 1024
INVOKE_SECONDS = 10.0
"""The channel gives up on an invoke after about 15 s."""

_CHANNEL = "msteams"
_IGNORED_TYPES = frozenset({"typing", "trace"})
_REFUSALS = {
    401: ("Unauthorized", "A valid token is required."),
    403: ("Forbidden", "This bot does not accept the activity."),
}

_log = structlog.get_logger()


class TeamsChannel:
    """Everything between Teams and the turn engine.

    With no settings it is the open door of `--dev`: no tokens, replies to this machine only.
    """

    def __init__(
        self,
        settings: TeamsSettings | None,
        *,
        http: Http | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._http = http or Http()
        self.gate: Gate = AnonymousAuthentication()
        urls, token = ServiceUrls(LOOPBACK_HOSTS), None
        if settings:
            self.gate = Authentication(settings, self._http)
            urls = ServiceUrls(settings.reply_hosts)
            token = BotToken(
                self._http,
                settings.login_url,
                settings.app_id,
                settings.app_password,
                settings.scope,
            )
        self._app_id = settings.app_id if settings else ""
        self.connector = Connector(self._http, token, urls, timing)
        self.adapter = TeamsAdapter(self.gate, self.connector, self._app_id)

    async def send(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> str:
        """Post the activity where the reference points; the channel's id of it.

        Raises DeliveryError. Who speaks to whom, and where, is as the reference says.
        """
        return await self.connector.send(_service_url(reference), _addressed(reference, activity))

    async def deliver(self, parcel: Parcel) -> str:
        """An activity of the log to the customer it is for; raises DeliveryError."""
        if parcel.conversation is None or parcel.activity is None:
            raise DeliveryError("there is nothing to say to anybody", permanent=True)
        if not parcel.conversation.reference:
            raise DeliveryError("nobody knows where this conversation is", permanent=True)
        return await self.send(parcel.conversation.reference, parcel.activity.body)

    async def update(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> str:
        """Replace the activity that was sent under activity["id"]; raises DeliveryError."""
        return await self.connector.update(_service_url(reference), _addressed(reference, activity))

    async def delete(self, reference: Mapping[str, Any], activity_id: str) -> None:
        """Take back what was sent under that id; raises DeliveryError."""
        where = str(reference["conversation"]["id"])
        await self.connector.delete(_service_url(reference), where, activity_id)

    async def begin_thread(
        self, service_url: str, channel_id: str, activity: Mapping[str, Any]
    ) -> tuple[str, str]:
        """Post a new thread into a team's channel: its conversation's id, and its first activity's.

        Raises DeliveryError.
        """
        begun = await self.connector.create_conversation(
            service_url,
            {
                "isGroup": True,
                "bot": {"id": f"28:{self._app_id}"},
                "channelData": {"channel": {"id": channel_id}},
                "activity": activity,
            },
        )
        conversation_id = str(begun.get("id") or "")
        root = str(begun.get("activityId") or conversation_id.partition(";messageid=")[2])
        if not root:
            raise DeliveryError("the channel did not say where the thread is", unknown=True)
        return conversation_id, root

    async def close(self) -> None:
        await self.gate.close()
        await self._http.close()


def teams_routes(channel: TeamsChannel, receiver: Receiver) -> list[web.RouteDef]:
    messages = _Messages(channel.gate, receiver)
    return [web.post(PATH, messages.post), web.route("*", PATH, _not_allowed)]


class _Messages:
    def __init__(self, gate: Gate, receiver: Receiver) -> None:
        self._gate = gate
        self._receiver = receiver

    async def post(self, request: web.Request) -> web.Response:
        try:
            inbound = await self._admitted(request)
        except BadBody as refusal:
            return _error(refusal.status, refusal.code, refusal.message)
        except Refused as refusal:
            _log.info("teams_refused", status=refusal.status, reason=refusal.reason)
            return _refused(refusal.status)
        try:
            return await self._handled(inbound)
        except Exception:
            # Whatever went wrong, it was not kept: this answer makes the channel send it again.
            _log.exception("teams_not_kept")
            return _not_kept()

    async def _admitted(self, request: web.Request) -> Inbound:
        """The token comes first: nobody without one makes us read a body."""
        caller = await self._gate.verify(_authorization(request))
        activity = parse_json(await read_body(request, MAX_BODY_BYTES))
        check_activity(activity)
        self._gate.admit(caller, activity)
        return Inbound(_CHANNEL, activity["conversation"]["id"], _external_id(activity), activity)

    async def _handled(self, inbound: Inbound) -> web.Response:
        kind = inbound.activity["type"]
        if kind == "invoke":
            async with asyncio.timeout(INVOKE_SECONDS):
                answer = await self._receiver.invoke(inbound)
            if answer.body is None:
                return web.Response(status=answer.status)
            return web.json_response(answer.body, status=answer.status)
        if kind not in _IGNORED_TYPES:
            await self._receiver.receive(inbound)
        return web.Response(status=202)


def _external_id(activity: dict[str, Any]) -> str:
    """An edit and a deletion come under the id of the message they are about, each at its time."""
    if activity["type"] not in EDITS:
        return str(activity["id"])
    return f"{activity['id']}|{activity['type']}|{activity.get('timestamp', '')}"


def _authorization(request: web.Request) -> str | None:
    headers = request.headers.getall("Authorization", [])
    return headers[0] if len(headers) == 1 else None


def _service_url(reference: Mapping[str, Any]) -> str:
    return str(reference.get("serviceUrl") or "")


def _addressed(reference: Mapping[str, Any], activity: Mapping[str, Any]) -> dict[str, Any]:
    place = {
        "channelId": reference.get("channelId"),
        "serviceUrl": reference.get("serviceUrl"),
        "conversation": reference["conversation"],
        "from": reference.get("bot"),
        "recipient": reference.get("user"),
    }
    return {**activity, **{name: value for name, value in place.items() if value is not None}}


def _refused(status: int) -> web.Response:
    response = _error(status, *_REFUSALS[status])
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _not_kept() -> web.Response:
    response = _error(503, "ServiceUnavailable", "The activity could not be kept. Send it again.")
    response.headers["Retry-After"] = "5"
    return response


async def _not_allowed(request: web.Request) -> web.Response:
    response = _error(405, "MethodNotAllowed", "Use POST.")
    response.headers["Allow"] = "POST"
    return response


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status)
