"""Turns that are owed: an activity was stored and acknowledged, its reply is not committed yet."""

from dataclasses import dataclass
from datetime import datetime

from conversations import log
from conversations.models import Activity, Conversation
from storage.database import Connection
from storage.times import stored_time


@dataclass(frozen=True, slots=True)
class Owed:
    conversation: Conversation
    activity: Activity
    more: bool  # another turn waits behind this one


def owe(
    connection: Connection, conversation: Conversation, asked: Activity, now: datetime
) -> Owed | None:
    """Put the turn on the list; it, or the one that waits before it."""
    connection.execute(
        "INSERT INTO pending_turns (conversation_id, number, created_at)"
        " VALUES (%(id)s, %(number)s, %(at)s)",
        id=conversation.id,
        number=asked.number,
        at=stored_time(now),
    )
    waiting = connection.execute(
        "SELECT MIN(number) AS number FROM pending_turns WHERE conversation_id = %(id)s",
        id=conversation.id,
    )
    if waiting[0]["number"] == asked.number:
        return Owed(conversation, asked, more=False)
    return first(connection, conversation.id)


def first(connection: Connection, conversation_id: str) -> Owed | None:
    """The oldest turn owed in a conversation: they run in the order in which they were stored."""
    rows = connection.execute(
        "SELECT number FROM pending_turns WHERE conversation_id = %(id)s ORDER BY number LIMIT 2",
        id=conversation_id,
    )
    if not rows:
        return None
    conversation = log.get(connection, conversation_id)
    asked = log.activity(connection, conversation_id, rows[0]["number"])
    assert conversation and asked, "a turn is owed for a row of the log"
    return Owed(conversation, asked, more=len(rows) > 1)


def settle(connection: Connection, conversation_id: str, number: int) -> bool:
    """Take the turn off the list; False if another process was first."""
    return bool(
        connection.execute(
            "DELETE FROM pending_turns WHERE conversation_id = %(id)s AND number = %(number)s"
            " RETURNING number",
            id=conversation_id,
            number=number,
        )
    )


def conversations_owed(connection: Connection, before: datetime) -> list[str]:
    """Conversations with a turn stored before then: their process died or their storage failed."""
    rows = connection.execute(
        "SELECT DISTINCT conversation_id FROM pending_turns WHERE created_at < %(before)s",
        before=stored_time(before),
    )
    return [row["conversation_id"] for row in rows]
