import asyncio
from threading import Event

import pytest

from storage.database import Connection, Database, StorageError, open_database
from tests.storage.stores import (
    NOW,
    Refused,
    append,
    append_and_refuse,
    begin,
    bodies,
    numbers,
)

PATIENCE_S = 10.0


async def test_it_returns_rows_of_every_type(database: Database) -> None:
    def store(connection: Connection) -> list[dict[str, object]]:
        begin(connection, "c")
        return connection.execute(
            "INSERT INTO activities (conversation_id, number, author, type, body, confidence,"
            " created_at) VALUES ('c', %(number)s, 'bot', 'message', %(body)s, %(confidence)s,"
            " %(now)s) RETURNING number, body, confidence, entry_id",
            number=7,
            body="账单 100% 'quoted' :name",
            confidence=0.1234567890123456,
            now=NOW,
        )

    assert await database.write(store) == [
        {
            "number": 7,
            "body": "账单 100% 'quoted' :name",
            "confidence": 0.1234567890123456,
            "entry_id": None,
        }
    ]


async def test_it_reads_what_was_written_before(database: Database) -> None:
    await database.write(begin, "c")
    await database.write(append, "c")
    assert await database.read(numbers, "c") == [1]


async def test_it_returns_no_rows_for_a_statement_without_any(database: Database) -> None:
    sql = "UPDATE conversations SET language = 'zh' WHERE id = 'nobody'"
    assert await database.write(lambda connection: connection.execute(sql)) == []


async def test_it_undoes_a_write_that_raises_and_raises_the_same(database: Database) -> None:
    await database.write(begin, "c")
    with pytest.raises(Refused):
        await database.write(append_and_refuse, "c")
    assert await database.read(numbers, "c") == []


async def test_it_undoes_one_write_among_many(database: Database) -> None:
    await database.write(begin, "c")
    writes = [
        database.write(append_and_refuse, "c") if index % 10 == 3 else database.write(append, "c")
        for index in range(100)
    ]
    results = await asyncio.gather(*writes, return_exceptions=True)
    refused = [index for index, result in enumerate(results) if isinstance(result, Refused)]
    assert refused == list(range(3, 100, 10))
    assert await database.read(numbers, "c") == list(range(1, 91))


async def test_it_gives_each_of_many_writers_its_own_number(database: Database) -> None:
    await database.write(begin, "c")
    given = await asyncio.gather(*(database.write(append, "c", str(n)) for n in range(200)))
    assert sorted(given) == list(range(1, 201))
    stored = await database.read(bodies, "c")
    assert [int(stored[number - 1]) for number in given] == list(range(200))


async def test_it_keeps_many_conversations_apart(database: Database) -> None:
    conversations = [f"c{index}" for index in range(20)]
    await asyncio.gather(*(database.write(begin, each) for each in conversations))
    await asyncio.gather(*(database.write(append, each) for each in conversations * 5))
    for each in conversations:
        assert await database.read(numbers, each) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO conversations (id) VALUES ('c')",
        "INSERT INTO outbox (id, conversation_id, number, channel, next_attempt_at, created_at)"
        " VALUES ('o', 'nobody', 1, 'web', 'now', 'now')",
        "SELECT * FROM nothing",
        "SELEC 1",
    ],
)
async def test_it_refuses_what_the_schema_forbids(database: Database, sql: str) -> None:
    with pytest.raises(StorageError) as refused:
        await database.write(lambda connection: connection.execute(sql))
    assert not refused.value.retryable


async def test_it_refuses_a_missing_parameter(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.read(lambda connection: connection.execute("SELECT %(missing)s"))


async def test_it_refuses_to_write_in_a_read(database: Database) -> None:
    with pytest.raises(StorageError):
        await database.read(begin, "c")
    assert await database.read(numbers, "c") == []


async def test_a_read_sees_one_moment_however_many_statements_it_has(database: Database) -> None:
    await database.write(begin, "c")
    looked, changed = Event(), Event()

    def look_twice(connection: Connection) -> tuple[list[int], list[int]]:
        before = numbers(connection, "c")
        looked.set()
        assert changed.wait(PATIENCE_S)
        return before, numbers(connection, "c")

    reading = asyncio.create_task(database.read(look_twice))
    assert await asyncio.to_thread(looked.wait, PATIENCE_S)
    await database.write(append, "c")
    changed.set()
    assert await reading == ([], [])


async def test_the_event_loop_goes_on_while_a_write_waits(database: Database) -> None:
    gate = Event()
    writing = asyncio.create_task(database.write(lambda connection: gate.wait(PATIENCE_S)))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not writing.done()
    gate.set()
    assert await writing is True


async def test_a_cancelled_caller_does_not_stop_its_write(database: Database) -> None:
    await database.write(begin, "c")
    gate = Event()
    blocking = [
        asyncio.create_task(database.write(lambda connection: gate.wait(PATIENCE_S)))
        for _ in range(8)
    ]
    writing = asyncio.create_task(database.write(append, "c"))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    gate.set()
    await asyncio.gather(*blocking)
    await database.write(append, "c")
    assert await database.read(numbers, "c") == [1, 2]


@pytest.mark.parametrize("how", ["read", "write"])
async def test_it_raises_even_what_a_future_cannot_carry(database: Database, how: str) -> None:
    run = database.read if how == "read" else database.write
    with pytest.raises(RuntimeError, match="StopIteration"):
        await run(lambda connection: next(iter([])))


async def test_close_finishes_what_was_accepted(database_url: str) -> None:
    database = await open_database(database_url)
    await database.write(begin, "c")
    writes = [asyncio.create_task(database.write(append, "c")) for _ in range(100)]
    await asyncio.sleep(0)
    await database.close()
    assert sorted(await asyncio.gather(*writes)) == list(range(1, 101))
    again = await open_database(database_url)
    assert await again.read(numbers, "c") == list(range(1, 101))
    await again.close()


async def test_it_refuses_work_after_close_and_closes_twice(database_url: str) -> None:
    database = await open_database(database_url)
    await database.close()
    await database.close()
    with pytest.raises(StorageError, match="closed"):
        await database.write(begin, "c")
    with pytest.raises(StorageError, match="closed"):
        await database.read(numbers, "c")


@pytest.mark.parametrize("url", ["", "mysql://host/name", "sqlite:///", "sqlite://x", "billing.db"])
async def test_it_refuses_an_unknown_url(url: str) -> None:
    with pytest.raises(StorageError, match="DATABASE_URL must be"):
        await open_database(url)
