import asyncio
from threading import Event

import pytest

from storage.database import Connection, Database, open_database
from tests.storage.stores import Refused, append, append_and_refuse, begin

PATIENCE_S = 10.0


async def test_a_listener_hears_after_the_commit(database: Database) -> None:
    heard: list[str] = []
    database.listen("conversation", heard.append)
    await database.write(begin, "c")
    told, gate = Event(), Event()

    def notify_and_wait(connection: Connection) -> None:
        append(connection, "c")
        told.set()
        assert gate.wait(PATIENCE_S)

    writing = asyncio.create_task(database.write(notify_and_wait))
    assert await asyncio.to_thread(told.wait, PATIENCE_S)
    assert heard == []
    gate.set()
    await writing
    assert heard == ["c"]


async def test_nobody_hears_of_what_was_undone(database: Database) -> None:
    heard: list[str] = []
    database.listen("conversation", heard.append)
    for conversation in ("a", "b"):
        await database.write(begin, conversation)
    results = await asyncio.gather(
        database.write(append_and_refuse, "a"), database.write(append, "b"), return_exceptions=True
    )
    assert isinstance(results[0], Refused)
    assert heard == ["b"]


async def test_a_listener_hears_its_own_topic_once_a_write(database: Database) -> None:
    heard: list[str] = []
    database.listen("conversation", heard.append)
    database.listen("knowledge", lambda key: heard.append(f"knowledge {key}"))

    def store(connection: Connection) -> None:
        for key in ("a", "b", "a"):
            connection.notify("conversation", key)
        connection.notify("elsewhere", "c")

    await database.write(store)
    assert heard == ["a", "b"]


async def test_a_listener_that_stopped_hears_no_more(database: Database) -> None:
    heard: list[str] = []
    stop = database.listen("conversation", heard.append)
    kept = database.listen("conversation", lambda key: heard.append(f"kept {key}"))
    stop()
    stop()
    await database.write(lambda connection: connection.notify("conversation", "a"))
    assert heard == ["kept a"]
    kept()


async def test_a_listener_that_fails_stops_nobody(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[str] = []

    def fail(key: str) -> None:
        raise ZeroDivisionError

    database.listen("conversation", fail)
    database.listen("conversation", heard.append)
    await database.write(lambda connection: connection.notify("conversation", "a"))
    assert heard == ["a"]
    assert "A listener failed" in capsys.readouterr().out


async def test_what_passes_by_is_heard_at_once_and_in_every_process(database_url: str) -> None:
    here = await open_database(database_url)
    there = here if database_url.startswith("sqlite") else await open_database(database_url)
    heard: asyncio.Queue[str] = asyncio.Queue()
    there.listen("whispers", heard.put_nowait)
    here.announce("whispers", "typing")
    assert await asyncio.wait_for(heard.get(), PATIENCE_S) == "typing"
    for database in {here, there}:
        await database.close()
