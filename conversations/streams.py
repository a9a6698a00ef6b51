"""Who is told at once that something was said: the open streams of this process."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from storage.database import Database

MAX_WHISPERS = 8
WHISPERS = "whispers"
Body = dict[str, Any]


class Follower:
    """One reader of one conversation. News is a hint: read the log since the last number known.

    Thousands wait at once, and an asyncio.Event and a deque of each would take 1.4 KiB more.
    """

    __slots__ = ("_news", "_waiting", "_whispers")

    def __init__(self) -> None:
        self._whispers: list[Body] = []
        self._news = True
        self._waiting: asyncio.Future[None] | None = None

    async def news(self) -> list[Body]:
        """Wait until there may be news, at the first call not at all; gives what was whispered.

        Much news is one wake-up, and news that comes after this returned is the next one: whoever
        reads the log after each call misses nothing.
        """
        while not self._news:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        self._news = False
        whispers, self._whispers = self._whispers, []
        return whispers

    def wake(self) -> None:
        self._news = True
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def whisper(self, body: Body) -> None:
        self._whispers = [*self._whispers[1 - MAX_WHISPERS :], body]
        self.wake()


class Streams:
    """Used on the event loop only."""

    def __init__(self, database: Database) -> None:
        self._followers: dict[str, set[Follower]] = {}
        self._database = database
        self._stops = (
            database.listen("activities", self._heard),
            database.listen(WHISPERS, self._overheard),
        )

    def close(self) -> None:
        for stop in self._stops:
            stop()

    @contextmanager
    def follow(self, conversation_id: str) -> Iterator[Follower]:
        follower = Follower()
        followers = self._followers.setdefault(conversation_id, set())
        followers.add(follower)
        try:
            yield follower
        finally:
            followers.discard(follower)
            if not followers and self._followers.get(conversation_id) is followers:
                del self._followers[conversation_id]

    def whisper(self, conversation_id: str, body: Body) -> None:
        """What is never stored (typing): for those who follow now, in any process."""
        self._database.announce(WHISPERS, json.dumps([conversation_id, body]))

    def _overheard(self, whispered: str) -> None:
        if whispered:
            conversation_id, body = json.loads(whispered)
            for follower in self._followers.get(conversation_id, ()):
                follower.whisper(body)

    def _heard(self, conversation_id: str) -> None:
        """The empty key means that some may have been missed: everyone reads again."""
        if conversation_id:
            woken = self._followers.get(conversation_id, set())
        else:
            woken = set().union(*self._followers.values())
        for follower in woken:
            follower.wake()
