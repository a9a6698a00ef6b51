"""What a dialog gets and gives: plain values, no channel, no web, no SDK."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from conversations.ratings import Rating
from handoff.models import HandoffRequest, RateHelp, Reason, Tried, Wish
from knowledge.learning.missed import NOTHING, Given, Miss

TRIED_KEPT = 5


class Knowledge(Protocol):
    """The published version in force; a turn reads it once."""

    @property
    def version(self) -> int: ...
    def has(self, entry_id: str) -> bool: ...
    def title(self, entry_id: str, language: str) -> str: ...
    def topic(self, entry_id: str) -> str: ...
    def follow_ups(self, entry_id: str) -> tuple[str, ...]: ...
    def needs_account(self, entry_id: str) -> bool: ...
    def takes_over(self, entry_id: str) -> bool: ...
    def common_questions(self) -> tuple[str, ...]: ...
    def answer(self, entry_id: str, language: str, now: datetime) -> str: ...
    def say(self, message: str, language: str, now: datetime, **desk: str | int) -> str: ...


@dataclass(frozen=True, slots=True)
class State:
    """What the bot remembers of a conversation between turns."""

    greeted: bool = False
    misses: int = 0  # questions in a row that got no answer
    last_entry: str = ""  # what "and for Azure?" refers to
    offer: str = ""  # why a person was just offered; empty when none was
    tried: tuple[Tried, ...] = ()
    quiet: bool = False  # asked not to answer while a person is awaited
    reminded: str = ""  # when last told that a person is awaited, ISO-8601

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__} | {
            "tried": [
                {name: getattr(tried, name) for name in Tried.__slots__} for tried in self.tried
            ]
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "State":
        known = {name: stored[name] for name in cls.__slots__ if name in stored}
        tried = tuple(
            Tried(**{**one, "rejected": tuple((i, c) for i, c in one.get("rejected", ()))})
            for one in known.get("tried", ())
        )
        return cls(**{**known, "tried": tried})

    def having_tried(self, tried: Tried) -> "State":
        return replace(self, tried=(*self.tried, tried)[-TRIED_KEPT:])


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the customer, and all that is needed to answer it."""

    text: str
    language: str  # the conversation's; empty when nothing is known yet
    state: State
    now: datetime
    knowledge: Knowledge
    card_removed: bool = False
    rating: Rating | None = None
    help_rating: RateHelp | None = None
    waiting: bool = False  # a person has been asked for and has not come yet
    just_helped: bool = False  # by a person, so recently that a question goes back there


@dataclass(frozen=True, slots=True)
class Reply:
    """Markdown, and the texts of the buttons under it: pressing one sends its text."""

    text: str
    buttons: tuple[str, ...] = ()
    entry_id: str | None = None
    version: int | None = None
    confidence: float | None = None

    @property
    def can_be_rated(self) -> bool:
        return self.entry_id is not None


@dataclass(frozen=True, slots=True)
class Missed:
    """A question that the knowledge base did not answer, for its editors."""

    kind: Miss
    question: str
    candidates: tuple[tuple[str, float], ...] = ()
    given: Given = NOTHING


@dataclass(frozen=True, slots=True)
class Outcome:
    state: State
    language: str
    replies: tuple[Reply, ...] = field(default=())
    wish: Wish | None = None
    rating: Rating | None = None
    missed: Missed | None = None


def asked_for_person(turn: Turn, reason: Reason, language: str) -> HandoffRequest:
    last = turn.state.tried[-1] if turn.state.tried else None
    entry_id = _about(turn, last)
    topic = turn.knowledge.topic(entry_id) if entry_id else ""
    question = last.question if last else turn.text
    return HandoffRequest(reason, question, language, turn.state.tried, topic, entry_id)


def _about(turn: Turn, last: Tried | None) -> str:
    """The entry that was answered, or the nearest that was not; of what there is by now."""
    candidates = [last.entry_id, *(entry_id for entry_id, _ in last.rejected)] if last else []
    return next((each for each in candidates if each and turn.knowledge.has(each)), "")
