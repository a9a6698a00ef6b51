"""Sockets end with the session they were opened in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from aiohttp import web

from accounts import sessions
from accounts.permissions import Permission, may
from accounts.sessions import SEEN_EVERY, Lifetimes
from accounts.store import PEOPLE
from storage.database import Connection, Database, StorageError

SIGNED_OUT = 4401
LOOK_EVERY_S = 1.0
CLOSE_WITHIN_S = 1.0

logger = structlog.get_logger()


@dataclass(frozen=True, eq=False)
class Open:
    session_id: str
    permission: Permission
    socket: web.WebSocketResponse


class SessionSockets:
    """One look at the database each second for all sockets of this process, and one at once when
    somebody's rights change: notices are hints."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], lifetimes: Lifetimes
    ) -> None:
        self._database = database
        self._now = now
        self._lifetimes = lifetimes
        self._open: set[Open] = set()
        self._look = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._kept_awake = now()
        database.listen(PEOPLE, lambda _: self._look.set())

    @asynccontextmanager
    async def alive(
        self, session_id: str, socket: web.WebSocketResponse, permission: Permission
    ) -> AsyncIterator[None]:
        opened = Open(session_id, permission, socket)
        self._open.add(opened)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._open.discard(opened)
            self._look.set()

    async def _watch(self) -> None:
        """Runs while a socket is open. A database that does not answer ends nobody."""
        while self._open:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), LOOK_EVERY_S)
            self._look.clear()
            try:
                await self._close_ended()
            except StorageError as error:
                logger.warning("sessions_not_read", error=str(error))

    async def _close_ended(self) -> None:
        watched = {(opened.session_id, opened.permission) for opened in self._open}
        now = self._now()
        living = await self._database.read(_living, watched, now, self._lifetimes)
        if now - self._kept_awake >= SEEN_EVERY:
            self._kept_awake = now
            await self._keep_awake(sorted({session_id for session_id, _ in living}), now)
        ended = [
            opened
            for opened in self._open
            if (opened.session_id, opened.permission) in watched - living
        ]
        await asyncio.gather(*(_close(opened.socket) for opened in ended))
        self._open.difference_update(ended)

    async def _keep_awake(self, session_ids: list[str], now: datetime) -> None:
        """An open screen is in use, so its session does not fall asleep."""
        await self._database.write(sessions.seen, session_ids, now)


def _living(
    connection: Connection,
    watched: set[tuple[str, Permission]],
    now: datetime,
    lifetimes: Lifetimes,
) -> set[tuple[str, Permission]]:
    people = {
        session_id: sessions.find(connection, session_id, now, lifetimes)
        for session_id, _ in watched
    }
    return {
        (session_id, permission)
        for session_id, permission in watched
        if (found := people[session_id]) and may(found[0], permission)
    }


async def _close(socket: web.WebSocketResponse) -> None:
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            await socket.close(code=SIGNED_OUT, message=b"signed out")
