"""What is kept of a conversation: its own row, and one numbered row for everything said in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.times import stored_time

Row = Mapping[str, Any]


WEB = "web"
"""The channel for which a row in the log is delivered; the others need a parcel."""
EDITS = frozenset({"messageUpdate", "messageDelete"})
"""Activities about a message that was said before."""


class Owner(StrEnum):
    """Who answers the customer now; every commit of a reply checks it."""

    BOT = "bot"
    WAITING = "waiting"
    AGENT = "agent"


class Author(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    channel: str
    user_id: str
    user_name: str
    language: str
    owner: Owner
    state: dict[str, Any]
    reference: dict[str, Any]
    tenure: int = 0
    """Counts the changes of owner: what was computed in one tenure is not said in the next."""
    reopen_until: str = ""
    """A person helped not long ago: until then the customer's next question goes back there."""

    @classmethod
    def from_row(cls, row: Row) -> "Conversation":
        return cls(
            id=row["id"],
            channel=row["channel"],
            user_id=row["user_id"],
            user_name=row["user_name"],
            language=row["language"],
            owner=Owner(row["owner"]),
            state=json.loads(row["state"]),
            reference=json.loads(row["reference"]),
            tenure=row["tenure"],
            reopen_until=row["reopen_until"],
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """One row of the log. `body` is the activity's JSON as the channel sees it."""

    conversation_id: str
    number: int
    author: Author
    type: str
    body: dict[str, Any]
    entry_id: str | None
    version: int | None
    confidence: float | None
    created_at: str

    @classmethod
    def from_row(cls, row: Row) -> "Activity":
        return cls(
            conversation_id=row["conversation_id"],
            number=row["number"],
            author=Author(row["author"]),
            type=row["type"],
            body=json.loads(row["body"]),
            entry_id=row["entry_id"],
            version=row["version"],
            confidence=row["confidence"],
            created_at=row["created_at"],
        )


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An activity before the log gives it its number. `external_id` is the sender's own id of it:
    the same one again is the same row."""

    author: Author
    type: str
    body: Mapping[str, Any]
    external_id: str | None = None
    entry_id: str | None = None
    version: int | None = None
    confidence: float | None = None

    def at(self, conversation_id: str, number: int, now: datetime) -> Activity:
        """As it is kept."""
        return Activity(
            conversation_id=conversation_id,
            number=number,
            author=self.author,
            type=self.type,
            body=dict(self.body),
            entry_id=self.entry_id,
            version=self.version,
            confidence=self.confidence,
            created_at=stored_time(now),
        )


def activity_id(conversation_id: str, number: int) -> str:
    """The id the Direct Line clients see."""
    return f"{conversation_id}|{number:07d}"
