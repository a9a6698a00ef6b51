"""The console's socket: one for each open page. It says that the list has changed, and follows one
conversation from a number on; who was cut off begins at the last number it has."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog
from aiohttp import WSCloseCode, web

from accounts.models import Person
from accounts.permissions import Permission
from conversations.streams import Streams
from handoff import store
from handoff.presence import SEEN_EVERY_S
from knowledge.live import Live
from storage.database import Database
from web.agent_page_socket import MAX_FRAME_BYTES, PageSocket
from web.agent_tickets import Tickets
from web.agent_viewers import TOPIC as LOOKING
from web.agent_viewers import Viewers
from web.errors import Problem, Refused
from web.guard import SESSION, Guard
from web.limits import Places
from web.rendering import Rendering

PER_PERSON = 20
COALESCED_S, SAID_S = 0.25, 1.0
"""After which pages hear that lists have changed: by what was done, and by what was said."""
HEARTBEAT_S = 20.0
CLOSE_WITHIN_S = 2.0

logger = structlog.get_logger()


class AgentSockets:
    """The open pages of this process; `stop` belongs to the application's shutdown."""

    def __init__(
        self,
        database: Database,
        guard: Guard,
        rendering: Rendering,
        streams: Streams,
        live: Live,
        secret: str,
        now: Callable[[], datetime],
        beat_s: float = SEEN_EVERY_S,
    ) -> None:
        self._database = database
        self._guard = guard
        self._rendering = rendering
        self._streams = streams
        self._live = live
        self._now = now
        self._beat_s = beat_s
        self._tickets = Tickets(secret)
        self._places = Places(PER_PERSON)
        self._open: set[PageSocket] = set()
        self._telling: asyncio.TimerHandle | None = None
        self._stopping = False
        self.viewers = Viewers(self._viewers_changed)
        database.listen(store.TOPIC, self._handoff_changed)
        database.listen(store.SAID, self._said)
        database.listen(LOOKING, self.viewers.heard)

    def routes(self) -> list[web.RouteDef]:
        return [
            self._guard.post("/agent/ticket", Permission.ANSWER, self.ticket),
            self._guard.socket("/agent/socket", Permission.ANSWER, self.socket),
        ]

    async def stop(self, app: web.Application | None = None) -> None:
        """Each page comes back by itself, at the number it has."""
        self._stopping = True
        if self._telling:
            self._telling.cancel()
        restart = WSCloseCode.SERVICE_RESTART
        await asyncio.gather(*(page.close(restart, "restarting") for page in self._open))

    def stir(self, within: float = COALESCED_S) -> None:
        """Lists and presence have changed: every page is told, once for all that changes now."""
        at = asyncio.get_running_loop().time() + within
        if self._telling and self._telling.when() > at:
            self._telling.cancel()
            self._telling = None
        if self._telling is None and self._open:
            self._telling = asyncio.get_running_loop().call_at(at, self._tell_all)

    async def ticket(self, request: web.Request, person: Person) -> web.Response:
        ticket = self._tickets.give(request[SESSION].id)
        return web.json_response({"ticket": ticket}, headers={"Cache-Control": "no-store"})

    async def socket(self, request: web.Request, person: Person) -> web.StreamResponse:
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
        self._tickets.take(request.query.get("ticket", ""), request[SESSION].id)
        with self._places.one(person.id):
            await socket.prepare(request)
            async with self._guard.alive(request, socket):
                await self._serve(self._page(request, person, socket))
        return socket

    def _page(
        self, request: web.Request, person: Person, socket: web.WebSocketResponse
    ) -> PageSocket:
        return PageSocket(
            socket,
            request,
            person,
            self._rendering.language(request, person),
            self._database,
            self._streams,
            self._live,
            self.viewers,
            self._now,
            self._beat_s,
        )

    async def _serve(self, page: PageSocket) -> None:
        """Until either side ends it. Nothing may be raised: the answer has already begun."""
        self._open.add(page)
        sides = [asyncio.create_task(side) for side in (page.read(), page.write(), page.beat())]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(page)
            for side in sides:
                side.cancel()
            for ended in await asyncio.gather(*sides, return_exceptions=True):
                if isinstance(ended, Exception):
                    logger.error("agent_socket_failed", error=repr(ended))
            await self._leave(page)

    async def _leave(self, page: PageSocket) -> None:
        others = any(other.looks_as(page) for other in self._open)
        with suppress(TimeoutError, ConnectionError):
            await page.leave(told=not others and not self._stopping)

    def _handoff_changed(self, conversation_id: str) -> None:
        for page in self._open:
            page.heard(conversation_id)
        self.stir()

    def _said(self, conversation_id: str) -> None:
        self.stir(SAID_S)

    def _viewers_changed(self, handoff_id: str) -> None:
        for page in self._open:
            page.tell_viewers(handoff_id)

    def _tell_all(self) -> None:
        self._telling = None
        for page in self._open:
            page.put({"type": "queue"})
