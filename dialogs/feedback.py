"""Was this helpful? A bad answer is followed by the offer of a person."""

from dataclasses import replace

from conversations.ratings import Rating
from dialogs.person import offer_person
from dialogs.turn import Outcome, Reply, Turn
from handoff.models import Reason


def rate(turn: Turn, rating: Rating, language: str) -> Outcome:
    if not rating.positive:
        return replace(offer_person(turn, Reason.NEGATIVE_RATING, language), rating=rating)
    text = turn.knowledge.say("rated_positive", language, turn.now)
    return Outcome(turn.state, language, (Reply(text),), rating=rating)
