"""How customers rate a person's help: once an episode, from 1 to 5."""

from datetime import datetime

from handoff.models import RateHelp
from storage.database import Connection
from storage.times import stored_time

SCORES = range(1, 6)


def rate(connection: Connection, rating: RateHelp, now: datetime) -> bool:
    """True for the first rating; to one without a comment a later comment is added."""
    if rating.score not in SCORES:
        return False
    first = connection.execute(
        "INSERT INTO help_ratings (handoff_id, score, comment, created_at) VALUES (%(id)s,"
        " %(score)s, %(comment)s, %(at)s) ON CONFLICT (handoff_id) DO NOTHING"
        " RETURNING handoff_id",
        id=rating.handoff_id,
        score=rating.score,
        comment=rating.comment,
        at=stored_time(now),
    )
    if not first and rating.comment:
        connection.execute(
            "UPDATE help_ratings SET comment = %(comment)s"
            " WHERE handoff_id = %(id)s AND comment = ''",
            comment=rating.comment,
            id=rating.handoff_id,
        )
    return bool(first)


def rated(connection: Connection, handoff_id: str) -> bool:
    return bool(
        connection.execute(
            "SELECT 1 AS rated FROM help_ratings WHERE handoff_id = %(id)s", id=handoff_id
        )
    )
