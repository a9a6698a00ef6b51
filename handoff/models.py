"""Why a person is needed, what the person who takes over is told, and what becomes of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Row = Mapping[str, Any]


class Reason(StrEnum):
    ASKED = "asked"
    NO_MATCH = "no_match"
    AMBIGUOUS = "ambiguous"
    REPEATED = "repeated"
    NEGATIVE_RATING = "negative_rating"
    NEEDS_ACCOUNT = "needs_account"
    RULE = "rule"
    ERROR = "error"


class Status(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    RESOLVED = "resolved"
    ABANDONED = "abandoned"  # the customer stopped waiting
    EXPIRED = "expired"  # nobody took it

    @property
    def is_open(self) -> bool:
        return self in (Status.WAITING, Status.ACTIVE)


class Action(StrEnum):
    """What happens to a handoff; each is one row of its history, and news for whoever listens."""

    REQUEST = "request"
    CLAIM = "claim"
    ASSIGN = "assign"  # to another person
    QUEUE = "queue"  # given back, to any role
    AWAY = "away"  # the agent's connection was lost for too long
    TO_BOT = "to_bot"
    SNOOZE = "snooze"
    WAKE = "wake"
    PRIORITY = "priority"
    LABELS = "labels"
    CONTACT = "contact"
    ESCALATE = "escalate"
    ESCALATION = "escalation"  # what has become of one
    REMIND = "remind"  # nobody has taken it yet
    WIDEN = "widen"  # now everybody sees it
    LATE = "late"  # the customer is told that it takes longer
    RESOLVE = "resolve"
    REOPEN = "reopen"
    LEAVE = "leave"
    END = "end"  # by the customer, while an agent helped
    EXPIRE = "expire"
    SAY = "say"  # said in the chat by either side: no row of history, only news
    NOTE = "note"  # likewise


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
    topic: str = ""
    entry_id: str = ""
    """What it is about, as far as the bot could tell: it decides who is asked to help."""


@dataclass(frozen=True, slots=True)
class LeaveContact:
    """An e-mail address or phone number that was checked."""

    contact: str


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """The customer does not want to wait any longer."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Asked for a person who was asked for already: the customer hears how things stand."""


@dataclass(frozen=True, slots=True)
class Reopen:
    """Something to add, not long after a person helped."""


@dataclass(frozen=True, slots=True)
class RateHelp:
    """How a person's help was, from 1 to 5."""

    handoff_id: str
    score: int
    comment: str = ""


Wish = HandoffRequest | LeaveContact | LeaveQueue | AskAgain | Reopen | RateHelp
"""What a customer's message asks of the desk."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Somebody who helps. `roles` are the policy's; `sees_all` is for global admins."""

    id: str
    name: str
    roles: frozenset[str] = frozenset()
    sees_all: bool = False

    def may_see(self, handoff: "Handoff") -> bool:
        return (
            self.sees_all
            or handoff.widened
            or handoff.role in self.roles
            or handoff.agent_id == self.id
        )


CONSOLE, TEAMS = "console", "teams"
"""Where an agent works."""
CUSTOMER = Agent("customer", "")
SYSTEM = Agent("system", "")


@dataclass(frozen=True, slots=True)
class Handoff:
    """Times are UTC ISO-8601, empty when it has not happened."""

    id: str
    conversation_id: str
    number: int  # of the activity that asked
    status: Status
    reason: Reason
    request: Mapping[str, Any]  # HandoffRequest as a dict
    topic: str
    role: str
    widened: bool
    watched: int
    priority: int  # -1 low, 0 normal, 1 high, 2 urgent
    labels: tuple[str, ...]
    contact: str
    agent_id: str
    agent_name: str
    claimed_in: str  # console or teams
    snoozed_until: str
    waiting_since: str  # in the queue it is or was in last
    place_since: str  # what decides the place in it
    created_at: str
    updated_at: str
    claimed_at: str
    replied_at: str
    closed_at: str
    disposition: str
    revision: int
    channel: str
    language: str
    customer_id: str
    customer_name: str

    @classmethod
    def from_row(cls, row: Row) -> "Handoff":
        """A row of handoffs joined with its conversation: see store.SELECT."""
        made = {name: row[name] for name in cls.__slots__ if name in row}
        return cls(
            **{
                **made,
                "status": Status(row["status"]),
                "reason": Reason(row["reason"]),
                "request": json.loads(row["details"]),
                "widened": bool(row["widened"]),
                "labels": tuple(json.loads(row["labels"])),
            }
        )


@dataclass(frozen=True, slots=True)
class News:
    """Something happened to a handoff, told inside the transaction in which it did."""

    action: Action
    handoff: Handoff
    who: Agent
    number: int = 0  # of the activity that was said, if one was
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What the desk tells a customer: a message by its name, and the values that it holds.

    `buttons` names messages whose texts are buttons; `rates` asks for 1 to 5 about a handoff.
    """

    message: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    buttons: tuple[str, ...] = ()
    rates: str = ""


class DeskError(Exception):
    """What was asked of the desk cannot be done now; the message is for the agent."""


class AlreadyClaimed(DeskError):
    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has taken this conversation.")
        self.by = by


class NotYours(DeskError):
    """Only who has taken a conversation can do this; `by` is who has, empty when nobody."""

    def __init__(self, by: str = "") -> None:
        super().__init__(f"{by} has this conversation." if by else "Take the conversation first.")
        self.by = by


class NotOpen(DeskError):
    def __init__(self) -> None:
        super().__init__("This conversation is closed.")


class NotFound(DeskError):
    def __init__(self) -> None:
        super().__init__("There is no such conversation.")
