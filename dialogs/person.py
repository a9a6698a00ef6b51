"""A person is offered, asked for, or already on the way."""

from dataclasses import replace

from dialogs.turn import Outcome, Reply, Turn, asked_for_person
from handoff.models import Reason

TALK_TO_HUMAN = "talk-to-human"


def offer_person(turn: Turn, reason: Reason, language: str) -> Outcome:
    """Say plainly that there is no answer, and how a person can be reached today."""
    say = turn.knowledge.say
    opening = "rated_negative" if reason is Reason.NEGATIVE_RATING else "no_match"
    text = f"{say(opening, language, turn.now)}\n\n{say('offer', language, turn.now)}"
    buttons = (
        turn.knowledge.title(TALK_TO_HUMAN, language),
        say("no_thanks", language, turn.now),
    )
    return Outcome(replace(turn.state, offer=reason), language, (Reply(text, buttons),))


def ask_for_person(turn: Turn, language: str) -> Outcome:
    """Works in any state; asked again while waiting it only says so."""
    if turn.waiting:
        text = turn.knowledge.say("already_waiting", language, turn.now)
        return Outcome(turn.state, language, (Reply(text),))
    reason = Reason(turn.state.offer) if turn.state.offer else Reason.ASKED
    text = turn.knowledge.answer(TALK_TO_HUMAN, language, turn.now)
    return Outcome(
        replace(turn.state, offer="", misses=0),
        language,
        (Reply(text),),
        handoff=asked_for_person(turn, reason, language),
    )


def offer_declined(turn: Turn, language: str) -> Outcome:
    text = turn.knowledge.say("offer_declined", language, turn.now)
    return Outcome(replace(turn.state, offer="", misses=0), language, (Reply(text),))
