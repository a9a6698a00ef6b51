"""Those who follow a conversation are woken for every change, and for nobody else's."""

import asyncio

from conversations.streams import MAX_WHISPERS, Follower, Streams
from storage.database import Connection, Database

TYPING = {"type": "typing"}


def _tell(connection: Connection, conversation_id: str) -> None:
    connection.notify("activities", conversation_id)


def _asleep(follower: Follower) -> bool:
    """Whether there is no news; `news` would wait."""
    waiting = follower.news()
    try:
        waiting.send(None)
    except StopIteration:
        return False
    waiting.close()
    return True


async def test_the_first_call_never_waits_and_the_second_waits_for_news(database: Database) -> None:
    streams = Streams(database)
    with streams.follow("a") as follower:
        assert await follower.news() == []
        assert _asleep(follower)
        await database.write(_tell, "a")
        async with asyncio.timeout(10):
            assert await follower.news() == []


async def test_much_news_is_one_wake_up(database: Database) -> None:
    streams = Streams(database)
    with streams.follow("a") as follower:
        await follower.news()
        for _ in range(5):
            follower.wake()
        await follower.news()
        assert _asleep(follower)


async def test_news_while_the_last_is_being_read_is_not_lost(database: Database) -> None:
    streams = Streams(database)
    with streams.follow("a") as follower:
        await follower.news()
        streams.whisper("a", TYPING)
        assert await follower.news() == [TYPING]
        follower.wake()
        assert not _asleep(follower)


async def test_a_hint_that_some_were_missed_wakes_everyone(database: Database) -> None:
    streams = Streams(database)
    with streams.follow("a") as one, streams.follow("b") as other:
        await one.news(), await other.news()
        await database.write(_tell, "")
        async with asyncio.timeout(10):
            await one.news(), await other.news()


async def test_whispers_reach_their_conversation_only_and_are_bounded(database: Database) -> None:
    streams = Streams(database)
    with streams.follow("a") as here, streams.follow("b") as elsewhere:
        await here.news(), await elsewhere.news()
        for number in range(MAX_WHISPERS + 3):
            streams.whisper("a", {"number": number})
        heard = await here.news()
        assert [body["number"] for body in heard] == list(range(3, MAX_WHISPERS + 3))
        assert _asleep(elsewhere)
    streams.whisper("a", TYPING)


async def test_after_closing_nothing_is_heard(database: Database) -> None:
    streams = Streams(database)
    with streams.follow("a") as follower:
        await follower.news()
        streams.close()
        await database.write(_tell, "a")
        assert _asleep(follower)
