"""A person is offered, asked for, or already on the way."""

from dataclasses import replace
from datetime import datetime, timedelta

from dialogs import reading
from dialogs.contact import contact_in, is_meant_as_contact
from dialogs.turn import Missed, Outcome, Reply, Turn, asked_for_person
from handoff.models import AskAgain, LeaveContact, LeaveQueue, Reason
from knowledge.learning.missed import Given, Miss

TALK_TO_HUMAN = "talk-to-human"
NOT_ASKED = (Reason.NEEDS_ACCOUNT, Reason.ERROR)
"""Offers that are a button or an address, and no question that `OK` could answer."""
REMIND_AFTER = timedelta(seconds=10)


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


def wants_person(turn: Turn) -> bool:
    """In so many words, by the button, or as the answer to an offer."""
    titles = (turn.knowledge.title(TALK_TO_HUMAN, code) for code in reading.LANGUAGES)
    if reading.wants_person(turn.text):
        return True
    if turn.knowledge.has(TALK_TO_HUMAN) and reading.is_one_of(turn.text, titles):
        return True
    offer = turn.state.offer
    agrees = reading.says_all_right(turn.text) and offer not in NOT_ASKED
    return bool(offer) and (agrees or reading.says_yes(turn.text))


def ask_for_person(turn: Turn, language: str) -> Outcome:
    """Works in any state. The desk tells when somebody will come, in the same commit."""
    if turn.waiting:
        return _ask_again(turn, language)
    reason = Reason(turn.state.offer) if turn.state.offer else Reason.ASKED
    state = replace(turn.state, offer="", misses=0, quiet=False, reminded=turn.now.isoformat())
    wish = asked_for_person(turn, reason, language)
    return Outcome(state, language, wish=wish, missed=_missed(turn))


def _missed(turn: Turn) -> Missed | None:
    """What the customer asked before asking for a person; an answer to it did not do."""
    if not turn.state.tried:
        return None
    last = turn.state.tried[-1]
    if not last.entry_id:
        return Missed(Miss.HANDOFF, last.question, last.rejected)
    candidates = ((last.entry_id, last.confidence),)
    return Missed(Miss.HANDOFF, last.question, candidates, Given(last.entry_id, last.version))


def _ask_again(turn: Turn, language: str) -> Outcome:
    """Not said at once again: a customer who asks twenty times needs no twenty answers."""
    reminded = turn.state.reminded
    if reminded and turn.now - datetime.fromisoformat(reminded) < REMIND_AFTER:
        return Outcome(turn.state, language)
    state = replace(turn.state, reminded=turn.now.isoformat())
    return Outcome(state, language, wish=AskAgain())


def while_waiting(turn: Turn, language: str) -> Outcome | None:
    """What a waiting customer can do besides asking: stop, be left in peace, leave an address."""
    if pressed(turn, "leave_queue"):
        return Outcome(replace(turn.state, quiet=False), language, wish=LeaveQueue())
    if pressed(turn, "stay_quiet"):
        text = turn.knowledge.say("quiet", language, turn.now)
        return Outcome(replace(turn.state, quiet=True), language, (Reply(text),))
    if contact := contact_in(turn.text):
        return Outcome(turn.state, language, wish=LeaveContact(contact))
    if is_meant_as_contact(turn.text):
        text = turn.knowledge.say("contact_wrong", language, turn.now)
        return Outcome(turn.state, language, (Reply(text),))
    return Outcome(turn.state, language) if turn.state.quiet else None


def pressed(turn: Turn, message: str) -> bool:
    said = (turn.knowledge.say(message, code, turn.now) for code in reading.LANGUAGES)
    return reading.is_one_of(turn.text, said)


def offer_declined(turn: Turn, language: str) -> Outcome:
    text = turn.knowledge.say("offer_declined", language, turn.now)
    return Outcome(replace(turn.state, offer="", misses=0), language, (Reply(text),))
