"""SQLite: one process, one file, one writer thread, a few readers."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, cast

import sqlite_utils
import structlog

from storage.database import Connection, StorageError
from storage.migrations import pending
from storage.notices import Listeners
from storage.sqlite_readers import Readers
from storage.sqlite_writer import SqliteConnection, Writer

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4
BUSY_TIMEOUT = 5.0
"""Seconds a write waits for another process to let go of the file."""
CHECKED_UP_TO = 32 * 1024 * 1024
"""Bytes; a larger file is not checked at start, it would take seconds."""

log = structlog.get_logger()


class SqliteDatabase:
    shared = False
    """One process at a time: the file is locked."""

    def __init__(self, path: Path, lock: sqlite3.Connection, raw: sqlite3.Connection) -> None:
        self._path = path
        self._lock = lock
        self._closed = False
        self._listeners = Listeners()
        self._writer = Writer(raw, self._listeners)
        self._readers = Readers(READERS, self._reader)

    async def read(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        self._refuse_if_closed()
        read = self._readers.submit(lambda connection: fn(connection, *args, **kwargs))
        return cast(T, await read)

    async def write(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        self._refuse_if_closed()
        written = self._writer.submit(lambda connection: fn(connection, *args, **kwargs))
        return cast(T, await written)

    def listen(self, topic: str, heard: Callable[[str], None]) -> Callable[[], None]:
        return self._listeners.listen(topic, heard)

    def announce(self, topic: str, key: str) -> None:
        self._listeners.tell([(topic, key)])

    async def close(self) -> None:
        """The writer goes last: whoever closes last empties the write-ahead log."""
        if self._closed:
            return
        self._closed = True
        await self._readers.close()
        await self._writer.close()
        self._lock.close()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise StorageError("The database is closed.")

    def _reader(self) -> sqlite3.Connection:
        raw = _connect(self._path, mode="ro")
        raw.execute("PRAGMA wal_autocheckpoint=0")
        return raw


async def open_sqlite(path: Path, busy_timeout: float = BUSY_TIMEOUT) -> SqliteDatabase:
    return SqliteDatabase(*await asyncio.to_thread(_open, path, busy_timeout))


def _open(path: Path, busy_timeout: float) -> tuple[Path, sqlite3.Connection, sqlite3.Connection]:
    if not has_wal_reset_fix(sqlite3.sqlite_version_info):
        log.warning(
            "This SQLite can corrupt a database in rare cases; 3.51.3, 3.50.7 and 3.44.6 do not",
            sqlite=sqlite3.sqlite_version,
        )
    path = path.absolute()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _claim(path)
        try:
            return path, lock, _open_writer(path, busy_timeout)
        except BaseException:
            lock.close()
            raise
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"The database {path} cannot be opened: {error}.") from error


def has_wal_reset_fix(version: tuple[int, ...]) -> bool:
    """SQLite 3.7.0 to 3.51.2 can lose pages when two connections reset the log at once."""
    return (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )


def _claim(path: Path) -> sqlite3.Connection:
    """Hold a lock beside the file until the process ends, however it ends.

    It is SQLite's own exclusive lock on an empty file, the same on every operating system.
    """
    lock = sqlite3.connect(f"{path}.lock", timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise StorageError(
            f"Another process is using the database {path}. Stop it first; to run several "
            "processes, set DATABASE_URL to a PostgreSQL database."
        ) from error
    return lock


def _connect(path: Path, mode: str, busy_timeout: float = BUSY_TIMEOUT) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=busy_timeout,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )


def _open_writer(path: Path, busy_timeout: float) -> sqlite3.Connection:
    raw = _connect(path, "rwc", busy_timeout)
    try:
        _check(path, raw)
        raw.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
        )
        _migrate(raw)
    except BaseException:
        raw.close()
        raise
    return raw


def read_beside(path: Path, read: Callable[[Connection], T]) -> T:
    """Of a database that a server may have open: nothing is claimed, migrated or changed."""
    path = path.absolute()
    if not path.exists():
        raise StorageError(f"There is no database {path} yet; start the assistant once.")
    try:
        with closing(_connect(path, mode="ro")) as raw:
            raw.execute("PRAGMA wal_autocheckpoint=0")
            raw.execute("BEGIN")
            _refuse_if_older(path, raw)
            return read(SqliteConnection(raw))
    except sqlite3.Error as error:
        raise StorageError(f"The database {path} cannot be read: {error}.") from error


def _refuse_if_older(path: Path, raw: sqlite3.Connection) -> None:
    if pending(number for (number,) in raw.execute("SELECT number FROM migrations")):
        raise StorageError(
            f"The database {path} is of an older version; start this version once, it migrates it."
        )


def _check(path: Path, raw: sqlite3.Connection) -> None:
    try:
        too_large = path.stat().st_size > CHECKED_UP_TO
        found = "ok" if too_large else raw.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError:  # locked, not damaged
        raise
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        found = found.splitlines()[-1]
        raise StorageError(
            f"The database {path} is damaged ({found}). Keep a copy of it and of {path.name}-wal, "
            "then restore the latest backup."
        )


def _migrate(raw: sqlite3.Connection) -> None:
    applied = sqlite_utils.Database(raw).table("migrations")
    applied.create({"number": int, "name": str, "applied_at": str}, pk="number", if_not_exists=True)
    for migration in pending(row["number"] for row in applied.rows):
        now = datetime.now(UTC).isoformat()
        try:
            raw.executescript(f"BEGIN IMMEDIATE;\n{migration.sql}")
            applied.insert({"number": migration.number, "name": migration.name, "applied_at": now})
            raw.execute("COMMIT")
        except sqlite3.Error as error:
            raise StorageError(f"Migration {migration.name} failed: {error}.") from error
