"""Readers of a SQLite file: a few threads, each on a connection of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread

from storage.sqlite_writer import Outcome, SqliteConnection, Work, settle, translated


class Readers:
    """What the threads find is handed to the event loop together: under load, waking it for each
    costs more than reading does."""

    def __init__(self, count: int, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[tuple[Work, asyncio.Future[object]] | None] = SimpleQueue()
        self._found: list[Outcome] = []
        self._telling = Lock()
        self._threads = [
            Thread(target=self._run, name="sqlite-reader", daemon=True) for _ in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Work) -> "asyncio.Future[object]":
        future: asyncio.Future[object] = self._loop.create_future()
        self._queue.put((work, future))
        return future

    async def close(self) -> None:
        """Returns when everything queued before it is read; submit nothing afterwards."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)
        self._settle()

    def _run(self) -> None:
        connection: SqliteConnection | None = None
        while (asked := self._queue.get()) is not None:
            work, future = asked
            try:
                connection = connection or SqliteConnection(self._connect())
                self._tell((future, _read(connection, work), None))
            except BaseException as error:
                self._tell((future, None, translated(error)))
        if connection:
            connection.raw.close()

    def _tell(self, outcome: Outcome) -> None:
        with self._telling:
            self._found.append(outcome)
            is_first = len(self._found) == 1
        if is_first:
            self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        with self._telling:
            found, self._found = self._found, []
        settle(found)


def _read(connection: SqliteConnection, work: Work) -> object:
    connection.raw.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.raw.execute("ROLLBACK")
