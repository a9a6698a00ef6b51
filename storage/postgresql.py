"""PostgreSQL: several processes, one database; each thread of a small pool has its connection."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import partial
from threading import Lock, local
from typing import Concatenate, ParamSpec, TypeVar

import psycopg

from storage.database import Connection, StorageError
from storage.migrations import Migration, pending
from storage.notices import Listeners
from storage.postgresql_notices import APPLICATION, Exchange
from storage.postgresql_session import (
    Read,
    Session,
    Write,
    connect_for_notices,
    first_line,
    translated,
)

P = ParamSpec("P")
T = TypeVar("T")

CONNECTIONS = 8
PATIENCE_S = 10.0
"""How long a call keeps trying, from when it was made; a restart of the server takes about 2 s."""
PAUSE_S = 0.1
MIGRATION_LOCK = 35120001


class PostgresqlDatabase:
    shared = True

    def __init__(self, url: str, patience_s: float) -> None:
        self._url = url
        self._patience_s = patience_s
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._listeners = Listeners()
        self._exchange = Exchange(partial(connect_for_notices, url, APPLICATION), self._listeners)
        self._threads = ThreadPoolExecutor(CONNECTIONS, "postgresql")
        self._mine = local()
        self._sessions: list[Session] = []
        self._trying_again = Lock()

    async def read(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await self._run(Read(lambda connection: fn(connection, *args, **kwargs)))

    async def write(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        write = Write(lambda connection: fn(connection, *args, **kwargs))

        def attempt(session: Session) -> T:
            result, notices = write(session)
            if notices:
                self._loop.call_soon_threadsafe(self._exchange.publish, notices)
            return result

        return await self._run(attempt)

    def listen(self, topic: str, heard: Callable[[str], None]) -> Callable[[], None]:
        return self._listeners.listen(topic, heard)

    def announce(self, topic: str, key: str) -> None:
        self._exchange.publish([(topic, key)])

    async def listening(self) -> None:
        await self._exchange.listening()

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        for session in self._sessions:
            session.close()
        await self._exchange.close()

    async def _run(self, attempt: Callable[[Session], T]) -> T:
        if self._closed:
            raise StorageError("The database is closed.")
        deadline = time.monotonic() + self._patience_s
        done = self._loop.run_in_executor(self._threads, self._persist, attempt, deadline)
        return await asyncio.shield(done)

    def _persist(self, attempt: Callable[[Session], T], deadline: float) -> T:
        session = self._session()
        alone = False  # or writers of one row would fail each other again and again
        while True:
            try:
                with self._trying_again if alone else nullcontext():
                    return attempt(session)
            except StopIteration as error:  # a future cannot carry it
                raise RuntimeError("a store function raised StopIteration") from error
            except psycopg.Error as error:
                if not session.may_succeed(error) or time.monotonic() > deadline:
                    raise translated(error) from error
            alone = not session.lost()
            if session.lost():
                time.sleep(PAUSE_S)

    def _session(self) -> Session:
        if not hasattr(self._mine, "session"):
            self._mine.session = Session(self._url)
            self._sessions.append(self._mine.session)
        session: Session = self._mine.session
        return session


async def open_postgresql(url: str, patience_s: float = PATIENCE_S) -> PostgresqlDatabase:
    try:
        await asyncio.to_thread(migrate, url)
    except psycopg.Error as error:
        raise StorageError(f"PostgreSQL cannot be used: {first_line(error)}") from error
    database = PostgresqlDatabase(url, patience_s)
    await database.listening()
    return database


def migrate(url: str) -> None:
    """Several processes may start at once: one migrates, the others wait and find it done."""
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as raw:
        if raw.info.parameter_status("server_encoding") != "UTF8":
            raise StorageError("The PostgreSQL database must have the encoding UTF8.")
        raw.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        raw.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL)"
        )
        raw.execute(
            "CREATE TABLE IF NOT EXISTS writers (id TEXT PRIMARY KEY, last_write BIGINT NOT NULL,"
            " at TIMESTAMPTZ NOT NULL DEFAULT now())"
        )
        raw.execute("DELETE FROM writers WHERE at < now() - interval '1 day'")
        applied = raw.execute("SELECT number FROM migrations").fetchall()
        for migration in pending(number for (number,) in applied):
            _apply(raw, migration)


def _apply(raw: psycopg.Connection, migration: Migration) -> None:
    try:
        with raw.transaction():
            raw.execute(migration.sql.encode())
            raw.execute(
                "INSERT INTO migrations (number, name, applied_at) VALUES (%s, %s, %s)",
                [migration.number, migration.name, datetime.now(UTC).isoformat()],
            )
    except psycopg.Error as error:
        raise StorageError(f"Migration {migration.name} failed: {first_line(error)}") from error
