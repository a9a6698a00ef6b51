"""Direct Line's stream: everything since a watermark, then what comes, over a WebSocket.

Nothing is queued for a socket: each one reads the log at its own pace, so a slow reader costs one
page of memory, and continues at its watermark after it was closed.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import WSCloseCode, web

from bot.direct_line import passing_activity
from conversations.models import stored_time
from conversations.streams import Body, Streams
from storage.database import Database, StorageError
from web.access import Access
from web.direct_line import BASE
from web.errors import Problem, Refused
from web.limits import Places, Rate
from web.proxies import Proxies
from web.tokens import Grant
from web.watermarks import Page, page, watermark_of

PER_CONVERSATION, PER_ADDRESS = 5, 20
MAX_FRAME_BYTES = 64 * 1024
FRAMES_PER_MINUTE, FRAMES_AT_ONCE = 60, 30
HEARTBEAT_S = 30.0
SLOW_AFTER_S = 20.0
CLOSE_WITHIN_S = 2.0

logger = structlog.get_logger()


class StreamSockets:
    """The open streams of this process; `stop` belongs to the application's shutdown."""

    def __init__(
        self,
        database: Database,
        streams: Streams,
        access: Access,
        proxies: Proxies,
        slow_after: float = SLOW_AFTER_S,
    ) -> None:
        self._database = database
        self._streams = streams
        self._access = access
        self._proxies = proxies
        self._slow_after = slow_after
        self._of_conversation = Places(PER_CONVERSATION)
        self._of_address = Places(PER_ADDRESS)
        self._tickets = Tickets()
        self._open: set[web.WebSocketResponse] = set()
        self._stopping = False

    def routes(self) -> list[web.RouteDef]:
        path = BASE + "/conversations/{conversation}/stream"
        return [web.get(path, self.stream, allow_head=False)]

    async def stop(self, app: web.Application | None = None) -> None:
        """Tell every client that we restart; each comes back by itself, at its watermark."""
        self._stopping = True
        closing = [_close(ws, WSCloseCode.SERVICE_RESTART, "restarting") for ws in self._open]
        await asyncio.gather(*closing)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        grant = self._access.stream(request)
        watermark = watermark_of(request)
        if self._stopping:
            raise Refused(Problem.UNAVAILABLE, retry_after=5)
        socket = web.WebSocketResponse(
            compress=False,
            max_msg_size=MAX_FRAME_BYTES,
            heartbeat=HEARTBEAT_S,
            timeout=CLOSE_WITHIN_S,
        )
        if not socket.can_prepare(request).ok:
            raise Refused(Problem.UPGRADE)
        conversation = self._of_conversation.one(grant.conversation_id)
        with conversation, self._of_address.one(self._proxies.address(request)):
            self._tickets.use(grant)
            await socket.prepare(request)
            await self._serve(socket, grant.conversation_id, watermark)
        _let_go(request)
        return socket

    async def _serve(
        self, socket: web.WebSocketResponse, conversation_id: str, watermark: int
    ) -> None:
        """Until either side ends it. Nothing may be raised: the answer has already begun."""
        self._open.add(socket)
        writing = asyncio.create_task(self._write(socket, conversation_id, watermark))
        try:
            await _ignore_frames(socket)
        except ConnectionError:
            pass
        finally:
            writing.cancel()
            with suppress(asyncio.CancelledError):
                await writing
            self._open.discard(socket)

    async def _write(
        self, socket: web.WebSocketResponse, conversation_id: str, watermark: int
    ) -> None:
        try:
            await self._follow(socket, conversation_id, watermark)
        except TimeoutError:
            await _close(socket, WSCloseCode.TRY_AGAIN_LATER, "too slow")
        except StorageError as error:
            logger.error("stream_not_read", conversation=conversation_id, error=str(error))
            await _close(socket, WSCloseCode.TRY_AGAIN_LATER, "try again")
        except ConnectionError:
            await _close(socket, WSCloseCode.GOING_AWAY, "")
        except Exception:
            logger.exception("stream_failed", conversation=conversation_id)
            await _close(socket, WSCloseCode.INTERNAL_ERROR, "")

    async def _follow(
        self, socket: web.WebSocketResponse, conversation_id: str, watermark: int
    ) -> None:
        with self._streams.follow(conversation_id) as follower:
            while True:
                whispers = await follower.news()
                while True:
                    found = await self._database.read(page, conversation_id, watermark)
                    if found.watermark == watermark:
                        break
                    watermark = found.watermark
                    await self._send(socket, found)
                await self._send(socket, _passing(conversation_id, whispers, watermark))

    async def _send(self, socket: web.WebSocketResponse, found: Page) -> None:
        """Raises TimeoutError for a reader that takes nothing, ConnectionError for one gone."""
        if found.activities:
            async with asyncio.timeout(self._slow_after):
                await socket.send_json(found.as_json())


class Tickets:
    """A stream's token opens one stream: in this process, for as long as the token lives."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._used: dict[str, float] = {}

    def use(self, grant: Grant) -> None:
        """Raises Refused at the second time."""
        now = self._clock()
        while self._used and next(iter(self._used.values())) <= now:
            del self._used[next(iter(self._used))]
        if grant.id in self._used:
            raise Refused(Problem.TOKEN)
        self._used[grant.id] = grant.expires_at


def _passing(conversation_id: str, whispers: list[Body], watermark: int) -> Page:
    """What passes by for this customer: not what the customer's own client whispered."""
    timestamp = stored_time(datetime.now(UTC))
    others = [body for body in whispers if _role(body) != "user"]
    return Page(
        [passing_activity(conversation_id, body, uuid.uuid4().hex, timestamp) for body in others],
        watermark,
    )


def _role(body: Body) -> Any:
    return body.get("from", {}).get("role")


def _let_go(request: web.Request) -> None:
    """A reader that takes nothing would otherwise keep the connection open for minutes."""
    if request.transport is not None and request.transport.get_write_buffer_size():
        request.transport.abort()


async def _ignore_frames(socket: web.WebSocketResponse) -> None:
    """Clients send empty frames to keep the connection alive, and nothing else that matters."""
    frames = Rate(FRAMES_PER_MINUTE, FRAMES_AT_ONCE)
    async for _ in socket:
        try:
            frames.check("")
        except Refused:
            await _close(socket, WSCloseCode.POLICY_VIOLATION, "too many frames")
            return


async def _close(socket: web.WebSocketResponse, code: WSCloseCode, reason: str) -> None:
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await socket.close(code=code, message=reason.encode())
