"""One connection to PostgreSQL and the transactions run on it."""

from collections.abc import Callable
from typing import Generic, TypeVar

import psycopg
from psycopg.abc import PQGen
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
    def wait(
        self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = ANSWERS_WITHIN_S
    ) -> RV:
        return super().wait(gen, interval, timeout)


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


class Session:
    """A thread's connection, made again when it was lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._raw: Raw | None = None

    def connected(self) -> Raw:
        if self._raw is None or self._raw.closed:
            self._raw = None
            self._raw = connect(self._url)
        return self._raw

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
        self._unseen: tuple[str, tuple[T, list[Notice]]] | None = None

    def __call__(self, session: Session) -> tuple[T, list[Notice]]:
        raw = session.connected()
        if self._unseen is not None:
            transaction, outcome = self._unseen
            if _was_committed(raw, transaction):
                return outcome
            self._unseen = None
        return self._run(raw)

    def _run(self, raw: Raw) -> tuple[T, list[Notice]]:
        connection = PostgresqlConnection(raw)
        transaction = _begin(raw)
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
                self._unseen = transaction, outcome
            raise
        if ended != "COMMIT":
            raise StorageError("A statement of this write failed and the function went on.")
        return outcome


def _begin(raw: Raw) -> str:
    """Returns the transaction's id, by which a later connection can ask how it ended."""
    cursor = raw.execute(
        "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_current_xact_id()::text AS id"
    )
    cursor.nextset()
    return str(cursor.fetchall()[0]["id"])


def _was_committed(raw: Raw, transaction: str) -> bool:
    rows = raw.execute("SELECT pg_xact_status(%s::xid8) AS status", [transaction]).fetchall()
    if rows[0]["status"] == "in progress":
        raw.close()
        raise psycopg.OperationalError("the server is still committing")
    return bool(rows[0]["status"] == "committed")


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


async def connect_for_notices(url: str) -> psycopg.AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        url,
        autocommit=True,
        connect_timeout=5,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        application_name="billing-assistant notices",
    )


def translated(error: psycopg.Error) -> StorageError:
    if error.sqlstate is None:
        passing = isinstance(error, psycopg.OperationalError)
    else:
        passing = error.sqlstate[:2] in PASSING_CLASSES
    return StorageError(f"PostgreSQL: {first_line(error)}", retryable=passing)


def first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]
