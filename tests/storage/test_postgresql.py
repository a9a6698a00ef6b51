import asyncio
import os
import signal
from typing import Any

import psycopg
import pytest

from storage import postgresql_session
from storage.database import Connection, Database, StorageError, open_database
from storage.postgresql import open_postgresql
from storage.postgresql_session import Raw
from tests.databases import PostgresqlServer
from tests.storage.stores import append, begin, bodies, numbers

PATIENCE_S = 30.0


class Heard:
    """What a listener was told, to wait for."""

    def __init__(self, database: Database, topic: str = "conversation") -> None:
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        database.listen(topic, self._keys.put_nowait)

    async def next(self) -> str:
        return await asyncio.wait_for(self._keys.get(), PATIENCE_S)

    async def until(self, key: str) -> None:
        while await self.next() != key:
            pass


async def test_another_process_hears_too(postgresql_url: str) -> None:
    first, second = await open_database(postgresql_url), await open_database(postgresql_url)
    here, there = Heard(first), Heard(second)
    for key in ("a", "b", "账单 \0 'quoted'"):
        await first.write(lambda connection, key: connection.notify("conversation", key), key)
        assert await here.next() == key
        assert await there.next() == key
    await first.close()
    await second.close()


async def test_a_key_too_long_to_send_means_read_again(postgresql_url: str) -> None:
    first, second = await open_database(postgresql_url), await open_database(postgresql_url)
    there = Heard(second)
    await first.write(lambda connection: connection.notify("conversation", "x" * 9000))
    assert await there.next() == ""
    await first.close()
    await second.close()


async def test_close_sends_the_last_notices(postgresql_url: str) -> None:
    first, second = await open_database(postgresql_url), await open_database(postgresql_url)
    there = Heard(second)
    await first.write(lambda connection: connection.notify("conversation", "last"))
    await first.close()
    assert await there.next() == "last"
    await second.close()


async def test_it_listens_again_after_its_connections_are_cut(
    postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    first, second = await open_database(postgresql_url), await open_database(postgresql_url)
    there = Heard(second)
    await first.write(begin, "c")
    postgresql.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{postgresql_url.rpartition('/')[2]}'"
    )
    assert await there.next() == ""
    await first.write(append, "c")
    await there.until("c")
    assert await second.read(numbers, "c") == [1]
    await first.close()
    await second.close()


@pytest.mark.parametrize("how", ["immediate", "fast"])
async def test_a_restart_loses_and_doubles_nothing(
    postgresql: PostgresqlServer, postgresql_url: str, how: str
) -> None:
    database = await open_postgresql(postgresql_url, patience_s=PATIENCE_S)
    heard = Heard(database)
    await database.write(begin, "c")
    acknowledged: list[str] = []
    restarted = asyncio.Event()

    async def produce(writer: int) -> None:
        index = 0
        while not restarted.is_set():
            body = f"{writer}-{index}"
            await database.write(append, "c", body)
            acknowledged.append(body)
            index += 1

    producers = [asyncio.create_task(produce(writer)) for writer in range(8)]
    while len(acknowledged) < 20:
        await heard.until("c")
    await asyncio.to_thread(postgresql.restart, how)
    await heard.until("")
    before = len(acknowledged)
    while len(acknowledged) < before + 20:
        await heard.until("c")
    restarted.set()
    await asyncio.gather(*producers)
    assert sorted(await database.read(bodies, "c")) == sorted(acknowledged)
    assert await database.read(numbers, "c") == list(range(1, len(acknowledged) + 1))
    await database.close()


@pytest.mark.parametrize("committed", [True, False])
async def test_a_commit_whose_answer_was_lost_is_made_once(
    postgresql_url: str, committed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await open_postgresql(postgresql_url)
    heard = Heard(database)
    await database.write(begin, "c")
    execute: Any = Raw.execute
    lost: list[str] = []

    def lose_the_first(raw: Raw, query: str, *arguments: object) -> object:
        if query != "COMMIT" or lost:
            return execute(raw, query, *arguments)
        lost.append(query)
        if committed:
            execute(raw, query)
        raw.close()
        raise psycopg.OperationalError("connection lost")

    monkeypatch.setattr(Raw, "execute", lose_the_first)
    assert await database.write(append, "c") == 1
    assert await database.read(numbers, "c") == [1]
    assert lost == ["COMMIT"]
    assert await heard.next() == "c"
    await database.close()


async def test_it_leaves_a_server_process_that_hangs(
    postgresql: PostgresqlServer, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_session, "ANSWERS_WITHIN_S", 0.3)
    database = await open_postgresql(postgresql_url)
    await database.write(begin, "c")
    serving = await database.write(
        lambda connection: connection.execute("SELECT pg_backend_pid() AS pid")[0]["pid"]
    )
    os.kill(serving, signal.SIGSTOP)
    try:
        given = await asyncio.gather(*(database.write(append, "c") for _ in range(16)))
    finally:
        os.kill(serving, signal.SIGCONT)
    assert sorted(given) == list(range(1, 17))
    await database.close()


async def test_it_gives_up_when_the_server_stays_away(
    postgresql: PostgresqlServer, postgresql_url: str
) -> None:
    database = await open_postgresql(postgresql_url, patience_s=0.3)
    await database.write(begin, "c")
    await asyncio.to_thread(postgresql.stop)
    try:
        with pytest.raises(StorageError) as gone:
            await database.write(append, "c")
        assert gone.value.retryable
    finally:
        await asyncio.to_thread(postgresql.start)
    heard = Heard(database)
    await heard.until("")
    assert await database.write(append, "c") == 1
    await database.close()


async def test_a_statement_that_takes_too_long_is_stopped(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_session, "SETTINGS", "SET statement_timeout = '0.1s'")
    database = await open_postgresql(postgresql_url)
    with pytest.raises(StorageError, match="statement timeout") as stopped:
        await database.read(lambda connection: connection.execute("SELECT pg_sleep(10)"))
    assert stopped.value.retryable
    await database.close()


async def test_two_writes_in_each_others_way_both_happen(postgresql_url: str) -> None:
    """Each locks its own row first and then the other's: a deadlock, one must start again."""
    database = await open_database(postgresql_url)
    for conversation in ("a", "b"):
        await database.write(begin, conversation)

    def append_both(connection: Connection, one: str, other: str) -> None:
        append(connection, one)
        connection.execute("SELECT pg_sleep(0.05)")
        append(connection, other)

    await asyncio.gather(
        database.write(append_both, "a", "b"), database.write(append_both, "b", "a")
    )
    assert await database.read(numbers, "a") == await database.read(numbers, "b") == [1, 2]
    await database.close()


async def test_a_write_that_hides_a_failed_statement_is_refused(postgresql_url: str) -> None:
    database = await open_database(postgresql_url)

    def hide(connection: Connection) -> None:
        begin(connection, "c")
        try:
            begin(connection, "c")
        except Exception:
            return

    with pytest.raises(StorageError, match="went on"):
        await database.write(hide)
    await database.close()


async def test_it_says_so_when_there_is_no_server() -> None:
    with pytest.raises(StorageError, match="PostgreSQL cannot be used: .*refused"):
        await open_database("postgresql://nobody:secret@127.0.0.1:1/nothing")
