"""Which dialog answers a message: the order here is the order of the conversation's rules."""

from dataclasses import replace

from dialogs import reading
from dialogs.faq import Results, answer_question, is_small_talk
from dialogs.feedback import rate
from dialogs.person import ask_for_person, offer_declined, offer_person, while_waiting
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
    outcome = _respond(turn, results)
    if not turn.card_removed:
        return outcome
    warning = Reply(turn.knowledge.say("card_removed", outcome.language, turn.now))
    return replace(outcome, replies=(warning, *outcome.replies))


def _respond(turn: Turn, results: Results) -> Outcome:
    language = reading.language_of_turn(turn)
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
    if turn.just_helped and not is_small_talk(turn, results):
        return Outcome(turn.state, language, wish=Reopen())
    return _button(turn, language) or answer_question(turn, results, language)


def _button(turn: Turn, language: str) -> Outcome | None:
    """What answers the bot's own question: none of these, yes or no to a person."""
    none = [turn.knowledge.say("none_of_these", code, turn.now) for code in reading.LANGUAGES]
    if reading.is_one_of(turn.text, none):
        return _none_of_these(turn, language)
    if turn.state.offer:
        if reading.says_yes(turn.text):
            return ask_for_person(turn, language)
        if reading.says_no(turn.text):
            return offer_declined(turn, language)
    return None


def _none_of_these(turn: Turn, language: str) -> Outcome:
    missed = replace(turn, state=replace(turn.state, misses=turn.state.misses + 1))
    return offer_person(missed, Reason.AMBIGUOUS, language)


def _say(turn: Turn, message: str, language: str) -> Outcome:
    return Outcome(turn.state, language, (Reply(turn.knowledge.say(message, language, turn.now)),))
