"""Calls to the channel's connector service: where what the bot says leaves the process."""

import asyncio
import email.utils
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from aiohttp import ClientConnectorError, ClientError, ConnectionTimeoutError, InvalidURL
from yarl import URL

from bot.delivery import DeliveryError
from bot.http import Answer, Http
from bot.pacing import Pacing
from bot.service_urls import ServiceUrls, address
from storage.json_text import json_text

ATTEMPTS = 5
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 60.0
_REFUSED_FOR_NOW = frozenset({412, 429})
_LOST_ON_THE_WAY = frozenset({502, 504})
_NOT_DONE = (ClientConnectorError, ConnectionTimeoutError)

_log = structlog.get_logger()


class Token(Protocol):
    async def get(self) -> str: ...

    def forget(self, token: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """The connector's clocks and dice, so that tests need neither."""

    clock: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = random.random


class Connector:
    """The connector's REST calls with plain JSON bodies, retried and paced.

    Every call checks the service address again before the bot's token is attached to anything.
    429, 412, 502 and 504 and a connection that never came about are tried again, up to ATTEMPTS
    in all. A call that failed after it was sent is only repeated if doing it twice does no harm.
    """

    def __init__(
        self, http: Http, token: Token | None, urls: ServiceUrls, timing: Timing | None = None
    ) -> None:
        self._http = http
        self._token = token
        self._urls = urls
        self._timing = timing or Timing()
        self._pacing = Pacing()

    async def send(self, service_url: str, activity: Mapping[str, Any]) -> str:
        """Post to activity.conversation, as a reply if it has replyToId; the new activity's id."""
        conversation_id, reply_to = activity["conversation"]["id"], activity.get("replyToId")
        path = ["v3", "conversations", conversation_id, "activities"]
        if reply_to:
            path.append(reply_to)
        return _id(await self._call("POST", service_url, path, activity, conversation_id))

    async def update(self, service_url: str, activity: Mapping[str, Any]) -> str:
        conversation_id, activity_id = activity["conversation"]["id"], activity["id"]
        path = ["v3", "conversations", conversation_id, "activities", activity_id]
        return _id(await self._call("PUT", service_url, path, activity, conversation_id))

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> None:
        path = ["v3", "conversations", conversation_id, "activities", activity_id]
        await self._call("DELETE", service_url, path, None, conversation_id)

    async def create_conversation(
        self, service_url: str, parameters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Start a conversation; its id and, if it began with an activity, that one's activityId."""
        channel = (parameters.get("channelData") or {}).get("channel") or {}
        thread = str(channel.get("id") or "")
        return await self._call("POST", service_url, ["v3", "conversations"], parameters, thread)

    async def _call(
        self,
        method: str,
        service_url: str,
        path: list[str],
        body: Mapping[str, Any] | None,
        thread: str,
    ) -> dict[str, Any]:
        if not self._urls.allows(service_url):
            raise DeliveryError("the service address is not allowed", permanent=True)
        data = None if body is None else json_text(body).encode()
        url = address(service_url, *path)
        attempt = 0
        while True:
            attempt += 1
            await self._wait_for_slot(f"{url.host}/{thread.partition(';messageid=')[0]}")
            outcome = await self._try(method, url, data)
            if isinstance(outcome, Answer) and outcome.status < 300:
                return _json(outcome)
            pause = self._pause(outcome, attempt, repeatable=method != "POST")
            if pause is None:
                raise _failure(outcome)
            await self._timing.sleep(pause)

    async def _wait_for_slot(self, thread: str) -> None:
        wait = self._pacing.reserve(thread, self._timing.clock())
        if wait > 0:
            await self._timing.sleep(wait)

    async def _try(self, method: str, url: URL, data: bytes | None) -> Answer | Exception:
        """The answer, or why there is none. A token that is refused is replaced once."""
        for _ in range(2):
            token = await self._token.get() if self._token else ""
            headers = {"Content-Type": "application/json"}
            if token:
                headers["Authorization"] = f"Bearer {token}"
            try:
                answer = await self._http.call(method, url, headers=headers, data=data)
            except (ClientError, TimeoutError, OSError) as error:
                return error
            if answer.status != 401 or self._token is None:
                return answer
            self._token.forget(token)
        return answer

    def _pause(self, outcome: Answer | Exception, attempt: int, repeatable: bool) -> float | None:
        """Seconds until the next attempt, None if there is none."""
        if attempt >= ATTEMPTS or not _is_worth_another_try(outcome, repeatable):
            return None
        backoff = _FIRST_PAUSE_SECONDS * 2.0 ** (attempt - 1)
        pause = backoff * (1 + self._timing.jitter())
        asked = _retry_after(outcome, self._timing.wall())
        if asked > _LONGEST_PAUSE_SECONDS:
            return None
        _log.info("connector_retry", attempt=attempt, outcome=_name(outcome))
        return max(pause, asked)


def _is_worth_another_try(outcome: Answer | Exception, repeatable: bool) -> bool:
    if isinstance(outcome, Answer):
        return outcome.status in _REFUSED_FOR_NOW | _LOST_ON_THE_WAY
    return isinstance(outcome, _NOT_DONE) or (repeatable and not isinstance(outcome, InvalidURL))


def _failure(outcome: Answer | Exception) -> DeliveryError:
    """429, 412 and 503 say it was not taken; other 5xx and silence leave that open."""
    reason = f"the connector answered {_name(outcome)}"
    if isinstance(outcome, Answer):
        waiting = outcome.status in _REFUSED_FOR_NOW or outcome.status in (401, 503)
        return DeliveryError(
            reason,
            permanent=outcome.status < 500 and not waiting,
            unknown=outcome.status >= 500 and not waiting,
        )
    return DeliveryError(reason, unknown=not isinstance(outcome, _NOT_DONE))


def _name(outcome: Answer | Exception) -> str:
    return str(outcome.status) if isinstance(outcome, Answer) else type(outcome).__name__


def _retry_after(outcome: Answer | Exception, now: float) -> float:
    """Seconds the channel asks us to wait: a number or an HTTP date; 0 if it asks nothing."""
    value = outcome.headers.get("Retry-After", "") if isinstance(outcome, Answer) else ""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0


def _json(answer: Answer) -> dict[str, Any]:
    """Some answers are empty: what was sent has been taken all the same."""
    try:
        return answer.json()
    except ValueError:
        return {}


def _id(answer: Mapping[str, Any]) -> str:
    value = answer.get("id")
    return value if isinstance(value, str) else ""
