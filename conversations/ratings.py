"""Customers' ratings, each with the entry and the version that it is about."""

from dataclasses import dataclass
from datetime import datetime

from conversations import outbox
from storage.database import Connection
from storage.times import stored_time


@dataclass(frozen=True, slots=True)
class Rating:
    """`number` is the rated answer's in the log, `remote_id` a channel's own id of it; with
    neither the latest answer is meant."""

    positive: bool
    number: int | None = None
    remote_id: str = ""
    comment: str = ""


def rate(connection: Connection, conversation_id: str, rating: Rating, now: datetime) -> int | None:
    """The number of the rated answer; None when there is no such answer. A second rating of an
    answer replaces the first."""
    number = rating.number
    if number is None and rating.remote_id:
        number = outbox.number_of(connection, conversation_id, rating.remote_id)
    rated = connection.execute(
        "INSERT INTO ratings"
        " (conversation_id, number, entry_id, version, rating, comment, created_at)"
        " SELECT conversation_id, number, entry_id, version, %(rating)s, %(comment)s, %(at)s"
        " FROM activities WHERE conversation_id = %(id)s AND entry_id IS NOT NULL"
        " AND (number = %(number)s OR %(latest)s = 1) ORDER BY number DESC LIMIT 1"
        " ON CONFLICT (conversation_id, number) DO UPDATE"
        " SET rating = excluded.rating, comment = excluded.comment,"
        " created_at = excluded.created_at RETURNING number",
        id=conversation_id,
        number=number or 0,
        latest=int(number is None),
        rating="positive" if rating.positive else "negative",
        comment=rating.comment,
        at=stored_time(now),
    )
    return int(rated[0]["number"]) if rated else None
