"""Which dialog answers a message: the order here is the order of the conversation's rules."""

from dataclasses import replace

from dialogs import reading
from dialogs.faq import Results, answer_question, is_small_talk
from dialogs.feedback import rate
from dialogs.person import (
    ask_for_person,
    offer_declined,
    offer_person,
    pressed,
    wants_person,
    while_waiting,
)
from dialogs.turn import Outcome, Reply, Turn
from handoff.models import Reason, Reopen


def welcome(turn: Turn) -> Outcome:
    """Once a conversation: what it is, what it can do, and that a person can be asked for."""
    language = turn.language or reading.DEFAULT_LANGUAGE
    if turn.state.greeted:
        return Outcome(turn.state, turn.language)
    titles = tuple(
        turn.knowledge.title(entry_id, language)
        for entry_id in turn.knowledge.common_questions()
        if turn.knowledge.has(entry_id)
    )
    text = turn.knowledge.say("welcome", language, turn.now)
    return Outcome(replace(turn.state, greeted=True), turn.language, (Reply(text, titles),))


def respond(turn: Turn, results: Results) -> Outcome:
    """Answer one message; `results` holds a match result for each of `reading.questions(turn)`."""
    return at_once(turn) or answer(turn, results)


def at_once(turn: Turn) -> Outcome | None:
    """The response to what is no question. A person can be reached when nothing can be matched."""
    outcome = _at_once(turn, reading.language_of_turn(turn))
    return _warned(turn, outcome) if outcome else None


def answer(turn: Turn, results: Results) -> Outcome:
    """The response to all else; `results` as in `respond`."""
    language = reading.language_of_turn(turn)
    if turn.just_helped and not is_small_talk(turn, results):
        return _warned(turn, Outcome(turn.state, language, wish=Reopen()))
    return _warned(turn, answer_question(turn, results, language))


def _warned(turn: Turn, outcome: Outcome) -> Outcome:
    if not turn.card_removed:
        return outcome
    warning = Reply(turn.knowledge.say("card_removed", outcome.language, turn.now))
    return replace(outcome, replies=(warning, *outcome.replies))


def _at_once(turn: Turn, language: str) -> Outcome | None:
    if turn.rating:
        return rate(turn, turn.rating, turn.language or language)
    if turn.help_rating:
        return Outcome(turn.state, turn.language or language, wish=turn.help_rating)
    if not turn.text.strip():
        return _say(turn, "only_text", language)
    if len(turn.text) > reading.MAX_CHARACTERS:
        return _say(turn, "too_long", language)
    if chosen := reading.language_asked_for(turn.text):
        return _say(turn, "language_changed", chosen)
    if turn.waiting and (outcome := while_waiting(turn, language)):
        return outcome
    return _short_word(turn, language)


def _short_word(turn: Turn, language: str) -> Outcome | None:
    """A person is asked for, or the bot's own question answered: none of these, yes or no."""
    if wants_person(turn):
        again = Outcome(turn.state, language, wish=Reopen())
        return again if turn.just_helped else ask_for_person(turn, language)
    if pressed(turn, "none_of_these") and not turn.just_helped:
        return _none_of_these(turn, language)
    if turn.state.offer and (reading.says_no(turn.text) or pressed(turn, "no_thanks")):
        return offer_declined(turn, language)
    if turn.waiting and reading.asks_nothing(turn.text):
        return Outcome(turn.state, language)
    if reading.says_all_right(turn.text):
        return _say(turn, "offer_declined", language)
    return None


def _none_of_these(turn: Turn, language: str) -> Outcome:
    missed = replace(turn, state=replace(turn.state, misses=turn.state.misses + 1))
    return offer_person(missed, Reason.AMBIGUOUS, language)


def _say(turn: Turn, message: str, language: str) -> Outcome:
    return Outcome(turn.state, language, (Reply(turn.knowledge.say(message, language, turn.now)),))
