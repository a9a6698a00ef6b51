"""The one writer of a SQLite file: queued writes share a commit, each in its own savepoint."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread

from storage.database import Connection, Row, StorageError
from storage.notices import Listeners, Notice
from storage.parameters import for_sqlite

WRITES_PER_COMMIT = 64


class SqliteConnection:
    """What a store function sees of one sqlite3 connection."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.notices: list[Notice] = []

    def execute(self, sql: str, **params: object) -> list[Row]:
        cursor = self.raw.execute(for_sqlite(sql), params)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def notify(self, topic: str, key: str) -> None:
        self.notices.append((topic, key))


class _Write:
    __slots__ = ("error", "future", "result", "work")

    def __init__(self, work: Callable[[Connection], object], future: asyncio.Future[object]):
        self.work = work
        self.future = future
        self.result: object = None
        self.error: BaseException | None = None


class Writer:
    def __init__(self, raw: sqlite3.Connection, listeners: Listeners) -> None:
        self._connection = SqliteConnection(raw)
        self._listeners = listeners
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Write | None] = SimpleQueue()
        self._stopped = self._loop.create_future()
        Thread(target=self._run, name="sqlite-writer", daemon=True).start()

    def submit(self, work: Callable[[Connection], object]) -> asyncio.Future[object]:
        future: asyncio.Future[object] = self._loop.create_future()
        self._queue.put(_Write(work, future))
        return future

    async def close(self) -> None:
        """Returns after everything queued before it is committed; submit nothing afterwards."""
        self._queue.put(None)
        await self._stopped
        self._connection.raw.close()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, notices = self._commit_together(first)
            self._loop.call_soon_threadsafe(self._settle, batch, notices)
        self._loop.call_soon_threadsafe(self._stopped.set_result, None)

    def _commit_together(self, first: _Write) -> tuple[list[_Write], list[Notice]]:
        raw, batch = self._connection.raw, [first]
        self._connection.notices = []
        try:
            raw.execute("BEGIN IMMEDIATE")
            self._attempt(first)
            for write in self._queued(WRITES_PER_COMMIT - 1):
                batch.append(write)
                self._attempt(write)
            raw.execute("COMMIT")
        except sqlite3.Error as error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            # Those who queued meanwhile would only wait as long for the same lock.
            batch.extend(self._queued(self._queue.qsize()))
            return self._failed(batch, error), []
        return batch, self._connection.notices

    def _queued(self, most: int) -> Iterator[_Write]:
        for _ in range(most):
            try:
                write = self._queue.get_nowait()
            except Empty:
                return
            if write is None:
                self._queue.put(None)
                return
            yield write

    def _attempt(self, write: _Write) -> None:
        """Raises sqlite3.Error only when SQLite gave up the whole transaction (disk full)."""
        raw, noticed = self._connection.raw, len(self._connection.notices)
        raw.execute("SAVEPOINT one")
        try:
            write.result = write.work(self._connection)
            raw.execute("RELEASE one")
        except BaseException as error:
            write.error = translated(error)
            if not raw.in_transaction:
                raise sqlite3.OperationalError("the transaction was rolled back") from error
            raw.execute("ROLLBACK TO one")
            raw.execute("RELEASE one")
            del self._connection.notices[noticed:]

    def _failed(self, batch: list[_Write], error: sqlite3.Error) -> list[_Write]:
        for write in batch:
            write.error = write.error or translated(error)
        return batch

    def _settle(self, batch: list[_Write], notices: list[Notice]) -> None:
        for write in batch:
            if write.future.done():  # its caller was cancelled
                continue
            if write.error is None:
                write.future.set_result(write.result)
            else:
                write.future.set_exception(write.error)
        self._listeners.tell(notices)


_PASSING = {
    sqlite3.SQLITE_BUSY: "The database is locked by another process",
    sqlite3.SQLITE_LOCKED: "The database is locked",
    sqlite3.SQLITE_FULL: "The disk is full",
    sqlite3.SQLITE_IOERR: "The disk could not be read or written",
}


def translated(error: BaseException) -> BaseException:
    """A StorageError for what SQLite raised; anything else as it is."""
    if isinstance(error, StopIteration):  # a future cannot carry it
        return RuntimeError("a store function raised StopIteration")
    if not isinstance(error, sqlite3.Error):
        return error
    primary_code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    passing = _PASSING.get(primary_code)
    problem = StorageError(f"{passing or 'SQLite'}: {error}", retryable=passing is not None)
    problem.__cause__ = error
    return problem
