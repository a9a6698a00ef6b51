"""What a turn teaches the editors, kept in its own commit."""

from datetime import datetime

from conversations import ratings
from conversations.models import Conversation
from conversations.ratings import Rating
from dialogs.turn import Outcome
from knowledge.learning import missed
from storage.database import Connection


def learn(
    connection: Connection,
    conversation: Conversation,
    number: int,
    outcome: Outcome,
    now: datetime,
) -> None:
    """`number` is the customer's activity."""
    if outcome.rating:
        _rate(connection, conversation, outcome.rating, now)
    if miss := outcome.missed:
        where = (conversation.id, number)
        asked = (miss.question, outcome.language)
        missed.missed(connection, *where, *asked, miss.kind, miss.candidates, now, miss.given)
    if conversation.state.get("misses"):
        for reply in outcome.replies:
            if reply.entry_id:
                missed.accepted(connection, conversation.id, number, reply.entry_id)


def _rate(
    connection: Connection, conversation: Conversation, rating: Rating, now: datetime
) -> None:
    rated = ratings.rate(connection, conversation.id, rating, now)
    if rated is not None and not rating.positive:
        missed.rated(connection, conversation.id, rated, now)
