"""What a database is to the rest of the program: short functions of a connection."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
Row = dict[str, Any]


class StorageError(Exception):
    """The database could not do it.

    `retryable`: the same call may succeed later (busy, disk full, connection lost). Nothing was
    stored, unless the connection to PostgreSQL was lost while committing and did not come back in
    time: then nobody knows, and the caller tries again with the same ids.
    """

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class Connection(Protocol):
    """What a store function may do. It must not be kept after the function has returned."""

    def execute(self, sql: str, **params: object) -> list[Row]:
        """Run one statement and return its rows, none included.

        `%(name)s` is a parameter and `%%` a percent sign; quoted text is left as it is. Values are
        str, int, float or None.
        """
        ...

    def notify(self, topic: str, key: str) -> None:
        """Tell the listeners of every process once this write is committed; a hint, may be lost."""
        ...


class Database(Protocol):
    """One database, used from one event loop.

    A function given to `read` or `write` runs on another thread, in one transaction with one view
    of the data. It may be run again when the database asks for it (connection lost, another write
    in its way), so it must change nothing but the database, and be given its ids and times.
    Of two writes that change the same row, the second sees what the first did. What must hold
    between different rows needs a unique index, or a row that both change. A caller that is
    cancelled does not stop its write.
    """

    @property
    def shared(self) -> bool:
        """Whether other processes may be at work on it now."""
        ...

    async def read(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Raises StorageError, or whatever `fn` raised."""
        ...

    async def write(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """One transaction, on disk when this returns; an exception undoes it and is raised here."""
        ...

    def listen(self, topic: str, heard: Callable[[str], None]) -> Callable[[], None]:
        """Call `heard(key)` on the event loop after a commit that notified; returns "stop".

        The key "" means that some may have been missed: read again.
        """
        ...

    def announce(self, topic: str, key: str) -> None:
        """Tell the listeners of every process at once: what passes by and is kept nowhere."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, then let go of the database."""
        ...


async def read_once(url: str, read: Callable[[Connection], T]) -> T:
    """For a command: beside the servers that are running, SQLite's too. Raises StorageError, or
    whatever `read` raised."""
    if _is_sqlite(url):
        from storage.sqlite import read_beside

        return await asyncio.to_thread(read_beside, _path(url), read)
    database = await open_database(url)
    try:
        return await database.read(read)
    finally:
        await database.close()


async def open_database(url: str) -> Database:
    """Open and migrate `sqlite:///path` or `postgresql://...`; StorageError in one sentence."""
    if _is_sqlite(url):
        from storage.sqlite import open_sqlite

        return await open_sqlite(_path(url))
    if url.startswith(("postgresql://", "postgres://")):
        from storage.postgresql import open_postgresql  # half a second, for those who use it

        return await open_postgresql(url)
    raise StorageError(
        "DATABASE_URL must be sqlite:///path/to/file.db or postgresql://user:password@host/name."
    )


def _is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:///") and url != "sqlite:///"


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))
