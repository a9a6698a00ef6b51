"""Telling the other processes, over PostgreSQL, what was committed; and hearing it from them.

NOTIFY inside the data's transaction makes all commits wait for each other, so it is sent after, by
one connection for all writers. Whoever dies in between is missed by the others.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from uuid import uuid4

import psycopg
import structlog

from storage.notices import Listeners, Notice

CHANNEL = "billing_assistant"
LONGEST_PAYLOAD = 7900
"""PostgreSQL takes less than 8000 bytes."""
RECONNECT_AFTER_S = 0.5
LAST_NOTICES_WITHIN_S = 2.0
LOOK_EVERY_S = 2.0
APPLICATION = "billing-assistant notices"
PRESENT = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
)

Connect = Callable[[], Awaitable[psycopg.AsyncConnection]]

log = structlog.get_logger()


class Exchange:
    def __init__(self, connect: Connect, listeners: Listeners) -> None:
        self._connect = connect
        self._listeners = listeners
        self._sender = uuid4().hex
        self._known = set[int]()  # connections that tell
        self._waiting: dict[Notice, None] = {}
        self._some_wait = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._listening = asyncio.Event()
        runs = (self._hear, self._send, self._watch)
        self._tasks = [asyncio.create_task(self._forever(run)) for run in runs]

    async def listening(self) -> None:
        """Returns once nothing committed from now on will be missed."""
        await self._listening.wait()

    def publish(self, notices: Iterable[Notice]) -> None:
        """This process hears at once; the others when the notifier gets to it."""
        unique = dict.fromkeys(notices)
        self._listeners.tell(unique)
        self._waiting |= unique
        self._all_sent.clear()
        self._some_wait.set()

    async def close(self) -> None:
        if self._waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._all_sent.wait(), LAST_NOTICES_WITHIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _forever(self, run: Callable[[psycopg.AsyncConnection], Awaitable[None]]) -> None:
        while True:
            try:
                async with await self._connect() as connection:
                    await run(connection)
            except psycopg.Error as error:
                log.warning("Lost a connection for notices, reconnecting", error=str(error))
            await asyncio.sleep(RECONNECT_AFTER_S)

    async def _hear(self, connection: psycopg.AsyncConnection) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        self._listening.set()
        self._listeners.tell_missed()
        async for notice in connection.notifies():
            sender, topic, key = json.loads(notice.payload)
            self._known.add(notice.pid)
            if sender != self._sender:
                self._listeners.tell([(topic, key)])

    async def _send(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            await self._some_wait.wait()
            self._some_wait.clear()
            sending, self._waiting = self._waiting, {}
            try:
                await connection.execute(
                    "SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload",
                    [CHANNEL, [self._payload(*notice) for notice in sending]],
                )
            except BaseException:
                self._waiting = sending | self._waiting
                self._some_wait.set()
                raise
            if not self._waiting:
                self._all_sent.set()

    async def _watch(self, connection: psycopg.AsyncConnection) -> None:
        """What a process has committed and did not get to tell before it died, nobody hears."""
        while True:
            known = self._known.copy()
            rows = await (await connection.execute(PRESENT, [APPLICATION])).fetchall()
            present = {pid for (pid,) in rows}
            if known - present:
                self._listeners.tell_missed()
            self._known = present | (self._known - known)
            await asyncio.sleep(LOOK_EVERY_S)

    def _payload(self, topic: str, key: str) -> str:
        payload = json.dumps([self._sender, topic, key])
        if len(payload) <= LONGEST_PAYLOAD:
            return payload
        return json.dumps([self._sender, topic, ""])
