"""One connection to PostgreSQL and the transactions run on it."""

from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import uuid4

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from storage.database import Connection, Row, StorageError
from storage.notices import Notice
from storage.parameters import for_postgresql

RV = TypeVar("RV")
T = TypeVar("T")

ANSWERS_WITHIN_S = 7.0
"""The server stops a statement after 5 s; without an answer by now, it is not there."""
SETTINGS = "SET statement_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'"
CONFLICTS = {"40001", "40P01"}
"""Serialization failure, deadlock: the loser runs again."""
PASSING_CLASSES = {"08", "40", "53", "55", "57", "58"}
"""Connection, conflict, resources (disk full), locked, operator or time limit, system."""


class Raw(psycopg.Connection[Row]):
    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or ANSWERS_WITHIN_S)
        except psycopg.OperationalError:
            if self.info.transaction_status == TransactionStatus.ACTIVE:  # still no answer
                self.close()
            raise


class PostgresqlConnection:
    """What a store function sees."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self.notices: list[Notice] = []

    def execute(self, sql: str, **params: object) -> list[Row]:
        cursor = self._raw.execute(for_postgresql(sql), params)
        return cursor.fetchall() if cursor.description else []

    def notify(self, topic: str, key: str) -> None:
        self.notices.append((topic, key))


Mark = tuple[str, int]
"""A row of `writers` and the number a write left there."""


class Session:
    """A thread's connection, made again when it was lost.

    Each of its writes leaves a number in the connection's row of `writers`, in the same
    transaction: when the answer to a COMMIT is lost, that row says whether it happened. A
    transaction id would not do: after a crash the server gives the same one out again.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._raw: Raw | None = None
        self._id = ""
        self._writes = 0

    def connected(self) -> Raw:
        if self._raw is None or self._raw.closed:
            self._raw = None
            self._raw = connect(self._url)
            # Not the row of the connection that was lost: the server may still hold its lock.
            self._id = uuid4().hex
            self._raw.execute("INSERT INTO writers (id, last_write) VALUES (%s, 0)", [self._id])
        return self._raw

    def begin(self, raw: Raw) -> Mark:
        self._writes += 1
        raw.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ;"
            f"INSERT INTO writers (id, last_write) VALUES ('{self._id}', {self._writes})"
            " ON CONFLICT (id) DO UPDATE SET last_write = excluded.last_write, at = now()"
        )
        return self._id, self._writes

    def lost(self) -> bool:
        return self._raw is None or self._raw.closed

    def may_succeed(self, error: psycopg.Error) -> bool:
        """Whether to try again what failed."""
        return self.lost() or error.sqlstate in CONFLICTS

    def close(self) -> None:
        if self._raw is not None:
            self._raw.close()


class Read(Generic[T]):
    """One view of the data, however many statements look at it."""

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work

    def __call__(self, session: Session) -> T:
        raw = session.connected()
        raw.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            return self._work(PostgresqlConnection(raw))
        finally:
            _roll_back(raw)


class Write(Generic[T]):
    """One transaction; called again after a failure it is still committed once only.

    Of two that change the same row, the later one starts again and sees what the first one did.
    SERIALIZABLE would also catch a decision on rows only read, at half the rate (353/s, not 741).
    """

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self._work = work
        self._unseen: tuple[Mark, tuple[T, list[Notice]]] | None = None

    def __call__(self, session: Session) -> tuple[T, list[Notice]]:
        raw = session.connected()
        if self._unseen is not None:
            mark, outcome = self._unseen
            if _has_committed(raw, mark):
                return outcome
            self._unseen = None
        return self._run(session, raw)

    def _run(self, session: Session, raw: Raw) -> tuple[T, list[Notice]]:
        connection = PostgresqlConnection(raw)
        mark = session.begin(raw)
        try:
            outcome = self._work(connection), connection.notices
        except BaseException:
            _roll_back(raw)
            raise
        try:
            ended = raw.execute("COMMIT").statusmessage
        except psycopg.Error:
            _roll_back(raw)
            if raw.closed:  # perhaps committed: the answer was lost
                self._unseen = mark, outcome
            raise
        if ended != "COMMIT":
            raise StorageError("A statement of this write failed and the function went on.")
        return outcome


def _has_committed(raw: Raw, mark: Mark) -> bool:
    """Waits while the server is still busy with that commit."""
    session, number = mark
    row = raw.execute(
        "SELECT last_write FROM writers WHERE id = %s FOR UPDATE", [session]
    ).fetchone()
    return row is not None and row["last_write"] == number


def _roll_back(raw: Raw) -> None:
    try:
        raw.execute("ROLLBACK")
    except psycopg.Error:
        raw.close()


def connect(url: str) -> Raw:
    raw = Raw.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=5,
        tcp_user_timeout=10_000,
        application_name="billing-assistant",
        client_encoding="utf8",
    )
    raw.execute(SETTINGS)
    return raw


async def connect_for_notices(url: str, name: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        application_name=name,
    )


def translated(error: psycopg.Error) -> StorageError:
    if error.sqlstate is None:
        passing = isinstance(error, psycopg.OperationalError)
    else:
        passing = error.sqlstate[:2] in PASSING_CLASSES
    return StorageError(f"PostgreSQL: {first_line(error)}", retryable=passing)


def first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
