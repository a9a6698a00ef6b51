"""Who is told at once that something was said: the open streams of this process."""

import asyncio
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from storage.database import Database

MAX_WHISPERS = 8
WHISPERS = "whispers"
Body = dict[str, Any]


class Follower:
    """One reader of one conversation. News is a hint: read the log since the last number known."""

    def __init__(self) -> None:
        self._whispers: deque[Body] = deque(maxlen=MAX_WHISPERS)
        self._woken = asyncio.Event()
        self._woken.set()

    async def news(self) -> list[Body]:
        """Wait until there may be news, at the first call not at all; gives what was whispered.

        Much news is one wake-up, and news that comes after this returned is the next one: whoever
        reads the log after each call misses nothing.
        """
        await self._woken.wait()
        self._woken.clear()
        whispers = list(self._whispers)
        self._whispers.clear()
        return whispers

    def wake(self) -> None:
        self._woken.set()

    def whisper(self, body: Body) -> None:
        self._whispers.append(body)
        self._woken.set()


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
