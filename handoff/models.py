"""Why a person is needed, and what the person who takes over is told."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    ASKED = "asked"
    NO_MATCH = "no_match"
    AMBIGUOUS = "ambiguous"
    REPEATED = "repeated"
    NEGATIVE_RATING = "negative_rating"
    NEEDS_ACCOUNT = "needs_account"
    RULE = "rule"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Tried:
    """One question of the customer and what the bot made of it; `entry_id` is empty when it had
    no answer, and `rejected` are the candidates it did not dare to give."""

    question: str
    entry_id: str = ""
    version: int = 0
    confidence: float = 0.0
    rejected: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """One per conversation and episode: asking again while it is open changes nothing."""

    reason: Reason
    question: str
    language: str
    tried: tuple[Tried, ...] = ()
