"""Who is told at once that something was said: the open streams of this process."""

import json
from collections.abc import Callable
from itertools import chain
from typing import Any, Self

from storage.database import Database

MAX_WHISPERS = 8
WHISPERS = "whispers"
Body = dict[str, Any]


class Follower:
    """One reader of one conversation, while it is entered. `wake` is called at first, and then at
    each news: a hint to read the log since the last number known.

    Thousands follow at once: each object more, such as a generator that is entered, is felt.
    """

    __slots__ = ("_conversation_id", "_streams", "_whispers", "wake")

    def __init__(self, streams: "Streams", conversation_id: str, wake: Callable[[], None]) -> None:
        self._streams = streams
        self._conversation_id = conversation_id
        self._whispers: list[Body] = []
        self.wake = wake

    def __enter__(self) -> Self:
        self._streams.add(self._conversation_id, self)
        self.wake()
        return self

    def __exit__(self, *_: object) -> None:
        self._streams.remove(self._conversation_id, self)

    def overheard(self) -> list[Body]:
        """What was whispered since the last time."""
        whispers, self._whispers = self._whispers, []
        return whispers

    def whisper(self, body: Body) -> None:
        self._whispers = [*self._whispers[1 - MAX_WHISPERS :], body]
        self.wake()


class Streams:
    """Used on the event loop only."""

    def __init__(self, database: Database) -> None:
        self._followers: dict[str, tuple[Follower, ...]] = {}
        self._database = database
        self._stops = (
            database.listen("activities", self._heard),
            database.listen(WHISPERS, self._overheard),
        )

    def close(self) -> None:
        for stop in self._stops:
            stop()

    def follow(self, conversation_id: str, wake: Callable[[], None]) -> Follower:
        return Follower(self, conversation_id, wake)

    def add(self, conversation_id: str, follower: Follower) -> None:
        self._followers[conversation_id] = (*self._of(conversation_id), follower)

    def remove(self, conversation_id: str, follower: Follower) -> None:
        left = tuple(each for each in self._of(conversation_id) if each is not follower)
        if left:
            self._followers[conversation_id] = left
        else:
            self._followers.pop(conversation_id, None)

    def whisper(self, conversation_id: str, body: Body) -> None:
        """What is never stored (typing): for those who follow now, in any process."""
        self._database.announce(WHISPERS, json.dumps([conversation_id, body]))

    def _of(self, conversation_id: str) -> tuple[Follower, ...]:
        return self._followers.get(conversation_id, ())

    def _overheard(self, whispered: str) -> None:
        if whispered:
            conversation_id, body = json.loads(whispered)
            for follower in self._of(conversation_id):
                follower.whisper(body)

    def _heard(self, conversation_id: str) -> None:
        """The empty key means that some may have been missed: everyone reads again."""
        everyone = chain.from_iterable(list(self._followers.values()))
        for follower in self._of(conversation_id) if conversation_id else everyone:
            follower.wake()
