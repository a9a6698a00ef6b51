"""Those who follow a conversation are woken for every change, and for nobody else's."""

import asyncio
from unittest.mock import Mock

from conversations.streams import MAX_WHISPERS, Streams
from storage.database import Connection, Database

TYPING = {"type": "typing"}


def _tell(connection: Connection, conversation_id: str) -> None:
    connection.notify("activities", conversation_id)


async def test_who_follows_is_woken_at_first_and_at_each_news(database: Database) -> None:
    woken: asyncio.Queue[None] = asyncio.Queue()
    with Streams(database).follow("a", lambda: woken.put_nowait(None)):
        assert woken.qsize() == 1
        woken.get_nowait()
        await database.write(_tell, "a")
        async with asyncio.timeout(10):
            await woken.get()


async def test_a_hint_that_some_were_missed_wakes_everyone(database: Database) -> None:
    streams = Streams(database)
    one, other = asyncio.Event(), asyncio.Event()
    with streams.follow("a", one.set), streams.follow("b", other.set):
        one.clear()
        other.clear()
        await database.write(_tell, "")
        async with asyncio.timeout(10):
            await one.wait(), await other.wait()


async def test_whispers_reach_their_conversation_only_and_are_bounded(database: Database) -> None:
    streams = Streams(database)
    woken, elsewhere = Mock(), Mock()
    with streams.follow("a", woken) as here, streams.follow("b", elsewhere) as other:
        for number in range(MAX_WHISPERS + 3):
            streams.whisper("a", {"number": number})
        assert [each["number"] for each in here.overheard()] == list(range(3, MAX_WHISPERS + 3))
        assert here.overheard() == other.overheard() == []
        assert (woken.call_count, elsewhere.call_count) == (1 + MAX_WHISPERS + 3, 1)
    streams.whisper("a", TYPING)
    assert here.overheard() == []


async def test_who_left_is_not_woken_and_the_others_are(database: Database) -> None:
    streams = Streams(database)
    gone, here = Mock(), Mock()
    with streams.follow("a", here):
        with streams.follow("a", gone):
            pass
        streams.whisper("a", TYPING)
    assert (gone.call_count, here.call_count) == (1, 2)


async def test_after_closing_nothing_is_heard(database: Database) -> None:
    streams = Streams(database)
    woken = Mock()
    with streams.follow("a", woken):
        streams.close()
        await database.write(_tell, "a")
        assert woken.call_count == 1
