"""What still has to leave for a channel that is not ours: written with the turn, sent after it.

queued -> sending -> sent | failed | unknown; a row found in `sending` after a crash may or may not
have reached the far side, so it becomes unknown and is not sent again by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conversations import log
from conversations.models import Activity, Conversation, stored_time
from storage.database import Connection

GIVE_UP_AFTER = 8
MAX_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One activity on its way out."""

    id: str
    attempts: int
    conversation: Conversation
    activity: Activity


def put(
    connection: Connection,
    conversation_id: str,
    channel: str,
    numbers: Iterable[int],
    now: datetime,
) -> None:
    for number in numbers:
        connection.execute(
            "INSERT INTO outbox (id, conversation_id, number, channel, next_attempt_at, created_at)"
            " VALUES (%(id)s, %(conversation)s, %(number)s, %(channel)s, %(at)s, %(at)s)",
            id=f"{conversation_id}|{number}",
            conversation=conversation_id,
            number=number,
            channel=channel,
            at=stored_time(now),
        )


def take(connection: Connection, conversation_id: str, now: datetime) -> Parcel | None:
    """The conversation's next parcel that is due, marked as being sent; order is kept: a parcel
    that waits for its next attempt holds back those behind it."""
    rows = connection.execute(
        "UPDATE outbox SET status = 'sending', attempts = attempts + 1 WHERE id ="
        " (SELECT id FROM outbox WHERE conversation_id = %(id)s"
        " AND status IN ('queued', 'sending') ORDER BY number LIMIT 1)"
        " AND status = 'queued' AND next_attempt_at <= %(now)s RETURNING *",
        id=conversation_id,
        now=stored_time(now),
    )
    if not rows:
        return None
    row = rows[0]
    conversation = log.get(connection, conversation_id)
    activity = log.activity(connection, conversation_id, row["number"])
    assert conversation and activity, "an outbox row stands for a row of the log"
    return Parcel(row["id"], row["attempts"], conversation, activity)


def sent(connection: Connection, parcel: Parcel, remote_id: str, now: datetime) -> Parcel | None:
    """Keep the far side's id of it; the next parcel of the conversation, if one is due."""
    _mark(connection, parcel.id, "sent", remote_id=remote_id)
    return take(connection, parcel.conversation.id, now)


def failed(connection: Connection, parcel: Parcel, error: str, final: str, now: datetime) -> None:
    """Try again later with growing waits; `final` ("failed" or "unknown") ends it at once."""
    if final or parcel.attempts >= GIVE_UP_AFTER:
        _mark(connection, parcel.id, final or "failed", error=error)
        return
    wait = min(timedelta(seconds=2**parcel.attempts), MAX_WAIT)
    connection.execute(
        "UPDATE outbox SET status = 'queued', error = %(error)s, next_attempt_at = %(next)s"
        " WHERE id = %(id)s",
        error=error,
        next=stored_time(now + wait),
        id=parcel.id,
    )


def give_up_interrupted(connection: Connection, before: datetime) -> None:
    """Parcels whose sender died while sending: nobody knows whether they arrived."""
    connection.execute(
        "UPDATE outbox SET status = 'unknown' WHERE status = 'sending' AND created_at < %(at)s",
        at=stored_time(before),
    )


def conversations_due(connection: Connection, now: datetime) -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT conversation_id FROM outbox"
        " WHERE status = 'queued' AND next_attempt_at <= %(now)s",
        now=stored_time(now),
    )
    return [row["conversation_id"] for row in rows]


def number_of(connection: Connection, conversation_id: str, remote_id: str) -> int | None:
    """The log's number of what the far side calls by its own id."""
    rows = connection.execute(
        "SELECT number FROM outbox WHERE conversation_id = %(id)s AND remote_id = %(remote)s",
        id=conversation_id,
        remote=remote_id,
    )
    return int(rows[0]["number"]) if rows else None


def _mark(connection: Connection, parcel_id: str, status: str, **columns: Any) -> None:
    connection.execute(
        "UPDATE outbox SET status = %(status)s, remote_id = %(remote_id)s, error = %(error)s"
        " WHERE id = %(id)s",
        id=parcel_id,
        status=status,
        remote_id=columns.get("remote_id"),
        error=columns.get("error"),
    )
