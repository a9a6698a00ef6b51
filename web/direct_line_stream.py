"""Direct Line's stream: everything since a watermark, then what comes, over a WebSocket.

Nothing is queued for a socket: each one reads the log at its own pace, so a slow reader costs one
page of memory, and continues at its watermark after it was closed.
"""

import asyncio
import json
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from bot.direct_line import passing_activity
from conversations.streams import Body, Streams
from storage.database import Database, StorageError
from storage.times import stored_time
from web.access import Access
from web.direct_line import BASE
from web.errors import Problem, Refused
from web.limits import Once, Places, Rate
from web.proxies import Proxies
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
        self._tokens = Once()
        """A stream's token opens one stream: in this process."""
        self._open: set[OpenStream] = set()
        self._stopping = False

    @property
    def count(self) -> int:
        return len(self._open)

    def routes(self) -> list[web.RouteDef]:
        path = BASE + "/conversations/{conversation}/stream"
        return [web.get(path, self.stream, allow_head=False)]

    async def stop(self, app: web.Application | None = None) -> None:
        """Tell every client that we restart; each comes back by itself, at its watermark."""
        self._stopping = True
        restart = WSCloseCode.SERVICE_RESTART
        await asyncio.gather(*(stream.close(restart, "restarting") for stream in self._open))

    async def stream(self, request: web.Request) -> web.StreamResponse:
        grant = self._access.stream(request)
        watermark = watermark_of(request)
        if self._stopping:
            raise Refused(Problem.UNAVAILABLE, retry_after=5)
        stream = OpenStream(
            self._database,
            self._streams,
            request,
            grant.conversation_id,
            watermark,
            self._slow_after,
        )
        if not stream.socket.can_prepare(request).ok:
            raise Refused(Problem.UPGRADE)
        conversation = self._of_conversation.one(grant.conversation_id)
        with conversation, self._of_address.one(self._proxies.address(request)):
            if not self._tokens.use(grant.id, grant.expires_at):
                raise Refused(Problem.TOKEN)
            await stream.socket.prepare(request)
            self._open.add(stream)
            try:
                await stream.serve()
            finally:
                stream.let_go()
                self._open.discard(stream)
        return stream.socket


class OpenStream:
    """One socket and how far it has come. Thousands are open: their memory is felt."""

    __slots__ = (
        "_conversation_id",
        "_database",
        "_follower",
        "_given_up",
        "_request",
        "_serving",
        "_slow_after",
        "_streams",
        "_telling",
        "_watermark",
        "_woken",
        "socket",
    )

    def __init__(
        self,
        database: Database,
        streams: Streams,
        request: web.Request,
        conversation_id: str,
        watermark: int,
        slow_after: float,
    ) -> None:
        self._database = database
        self._streams = streams
        self.socket = web.WebSocketResponse(
            compress=False,
            max_msg_size=MAX_FRAME_BYTES,
            heartbeat=HEARTBEAT_S,
            timeout=CLOSE_WITHIN_S,
            autoping=False,
        )
        self._request = request
        self._conversation_id = conversation_id
        self._watermark = watermark
        self._slow_after = slow_after
        self._woken = False
        self._telling: asyncio.Task[None] | None = None
        self._serving: asyncio.Task[Any] | None = None
        self._given_up = False

    async def serve(self) -> None:
        """Until either side ends it. Nothing may be raised: the answer has already begun."""
        self._serving = asyncio.current_task()
        with self._streams.follow(self._conversation_id, self._wake) as self._follower:
            try:
                await self._ignore_frames()
            except asyncio.CancelledError:
                if not self._given_up:
                    raise
            finally:
                self._serving = None
                if self._telling:
                    self._telling.cancel()

    def _wake(self) -> None:
        self._woken = True
        if self._telling is None and not self.socket.closed:
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        """What is new; whoever cannot take it, or be given it, is closed with the reason."""
        try:
            while self._woken:
                self._woken = False
                whispers = self._follower.overheard()
                while await self._send_page():
                    pass
                if whispers:
                    await self._send(_passing(self._conversation_id, whispers, self._watermark))
        except TimeoutError:
            await self.close(WSCloseCode.TRY_AGAIN_LATER, "too slow")
        except StorageError as error:
            logger.error("stream_not_read", error=str(error))
            await self.close(WSCloseCode.TRY_AGAIN_LATER, "try again")
        except ConnectionError:
            self.let_go()
        except Exception:
            logger.exception("stream_failed", conversation=self._conversation_id)
            await self.close(WSCloseCode.INTERNAL_ERROR, "")
        finally:
            self._telling = None

    async def close(self, code: WSCloseCode, reason: str) -> None:
        try:
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(CLOSE_WITHIN_S):
                    await self.socket.close(code=code, message=reason.encode())
        finally:  # after a send was given up aiohttp cancels whoever closes
            self.let_go()

    def let_go(self) -> None:
        """Who takes nothing would otherwise keep the connection, and us, for minutes."""
        transport = self._request.transport
        if transport is not None and transport.get_write_buffer_size():
            transport.abort()
        if self._serving:  # aiohttp would wait on for a frame of a connection that is no more
            self._given_up = True
            self._serving.cancel()

    async def _ignore_frames(self) -> None:
        """Clients send empty frames to keep the connection alive, and nothing else that matters."""
        frames: Rate | None = None
        with suppress(ConnectionError):
            async for frame in self.socket:
                frames = frames or Rate(FRAMES_PER_MINUTE, FRAMES_AT_ONCE)
                try:
                    frames.check("")
                except Refused:
                    return await self.close(WSCloseCode.POLICY_VIOLATION, "too many frames")
                if frame.type is WSMsgType.PING:
                    await self.socket.pong(frame.data)
        return None

    async def _send_page(self) -> bool:
        """False when there was nothing more."""
        found = await self._database.read(page, self._conversation_id, self._watermark)
        if found.watermark == self._watermark:
            return False
        self._watermark = found.watermark
        await self._send(found)
        return True

    async def _send(self, found: Page) -> None:
        """Raises TimeoutError for a reader that takes nothing, ConnectionError for one gone."""
        if found.activities:
            async with asyncio.timeout(self._slow_after):
                await self.socket.send_str(found.as_json())


def _passing(conversation_id: str, whispers: list[Body], watermark: int) -> Page:
    """What passes by for this customer: not what the customer's own client whispered."""
    timestamp = stored_time(datetime.now(UTC))
    others = [body for body in whispers if body.get("from", {}).get("role") != "user"]
    activities = [
        passing_activity(conversation_id, body, uuid.uuid4().hex, timestamp) for body in others
    ]
    return Page([json.dumps(activity) for activity in activities], watermark)
