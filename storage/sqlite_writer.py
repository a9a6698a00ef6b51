"""The one writer of a SQLite file: queued writes share a commit, and so one wait for the disk."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread

from storage.database import Connection, Row, StorageError
from storage.notices import Listeners, Notice
from storage.parameters import for_sqlite

WRITES_PER_COMMIT = 64

Work = Callable[[Connection], object]
Write = tuple[Work, "asyncio.Future[object]"]
Outcome = tuple["asyncio.Future[object]", object, BaseException | None]
"""The caller's future with what its write returned, or raised."""


class SqliteConnection:
    """What a store function sees of one sqlite3 connection."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.raw.row_factory = sqlite3.Row
        self.notices: list[Notice] = []

    def execute(self, sql: str, **params: object) -> list[Row]:
        return [dict(row) for row in self.raw.execute(for_sqlite(sql), params)]

    def notify(self, topic: str, key: str) -> None:
        self.notices.append((topic, key))


class Writer:
    def __init__(self, raw: sqlite3.Connection, listeners: Listeners) -> None:
        self._connection = SqliteConnection(raw)
        self._listeners = listeners
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Write | None] = SimpleQueue()
        self._untold: list[tuple[list[Outcome], list[Notice]]] = []
        self._stopped = self._loop.create_future()
        Thread(target=self._run, name="sqlite-writer", daemon=True).start()

    def submit(self, work: Work) -> "asyncio.Future[object]":
        future: asyncio.Future[object] = self._loop.create_future()
        self._queue.put((work, future))
        return future

    async def close(self) -> None:
        """Returns after everything queued before it is committed; submit nothing afterwards."""
        self._queue.put(None)
        await self._stopped
        self._connection.raw.close()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            self._untold.append(self._commit_together(first))
            if self._queue.empty():
                self._tell()
        self._tell()
        self._loop.call_soon_threadsafe(self._stopped.set_result, None)

    def _commit_together(self, first: Write) -> tuple[list[Outcome], list[Notice]]:
        """Without savepoints, which cost a fifth; they are only needed when one write fails."""
        writes, outcomes = [first], list[Outcome]()
        try:
            with self._transaction() as connection:
                outcomes.append((first[1], first[0](connection), None))
                for write in self._queued(WRITES_PER_COMMIT - 1):
                    writes.append(write)
                    outcomes.append((write[1], write[0](connection), None))
        except BaseException as error:
            if len(writes) > 1:
                return self._commit_in_savepoints(writes)
            if _code(error) == sqlite3.SQLITE_BUSY:  # the others would wait for the same lock
                writes.extend(self._queued(self._queue.qsize()))
            return _failed(writes, error), []
        return outcomes, connection.notices

    def _commit_in_savepoints(self, writes: list[Write]) -> tuple[list[Outcome], list[Notice]]:
        try:
            with self._transaction() as connection:
                outcomes = [_attempted(connection, write) for write in writes]
        except BaseException as error:
            return _failed(writes, error), []
        return outcomes, connection.notices

    @contextmanager
    def _transaction(self) -> Iterator[SqliteConnection]:
        connection = self._connection
        connection.notices = []
        connection.raw.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            self._tell()
            connection.raw.execute("COMMIT")
        except BaseException:
            if connection.raw.in_transaction:
                connection.raw.execute("ROLLBACK")
            raise

    def _tell(self) -> None:
        """Hand the event loop what is committed.

        Under load this is put off until just before the next commit: the loop then works while
        this thread waits for the disk, instead of both wanting the interpreter at once.
        """
        if self._untold:
            self._loop.call_soon_threadsafe(self._settle, self._untold.copy())
            self._untold.clear()

    def _queued(self, most: int) -> Iterator[Write]:
        for _ in range(most):
            try:
                write = self._queue.get_nowait()
            except Empty:
                return
            if write is None:
                self._queue.put(None)
                return
            yield write

    def _settle(self, told: list[tuple[list[Outcome], list[Notice]]]) -> None:
        for outcomes, notices in told:
            settle(outcomes)
            self._listeners.tell(notices)


def settle(outcomes: list[Outcome]) -> None:
    for future, result, error in outcomes:
        if future.done():  # its caller was cancelled
            continue
        if error is None:
            future.set_result(result)
        else:
            future.set_exception(error)


def _attempted(connection: SqliteConnection, write: Write) -> Outcome:
    """Raises only when SQLite gave up the whole transaction, as it may when the disk is full."""
    work, future = write
    noticed = len(connection.notices)
    connection.raw.execute("SAVEPOINT one")
    try:
        outcome: Outcome = (future, work(connection), None)
    except BaseException as error:
        if not connection.raw.in_transaction:
            raise
        connection.raw.execute("ROLLBACK TO one")
        del connection.notices[noticed:]
        outcome = (future, None, translated(error))
    connection.raw.execute("RELEASE one")
    return outcome


def _failed(writes: list[Write], error: BaseException) -> list[Outcome]:
    return [(future, None, translated(error)) for _, future in writes]


_PASSING = {
    sqlite3.SQLITE_BUSY: "The database is locked by another process",
    sqlite3.SQLITE_LOCKED: "The database is locked",
    sqlite3.SQLITE_FULL: "The disk is full",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened",
    sqlite3.SQLITE_IOERR: "The disk could not be read or written",
}


def translated(error: BaseException) -> BaseException:
    """A StorageError for what SQLite raised; anything else as it is."""
    if isinstance(error, StopIteration):  # a future cannot carry it
        return RuntimeError("a store function raised StopIteration")
    if not isinstance(error, sqlite3.Error):
        return error
    passing = _PASSING.get(_code(error))
    problem = StorageError(f"{passing or 'SQLite'}: {error}", retryable=passing is not None)
    problem.__cause__ = error
    return problem


def _code(error: BaseException) -> int:
    """SQLite's primary result code; 0 when it is not SQLite's error."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
