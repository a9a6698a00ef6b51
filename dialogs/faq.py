"""Answer from the knowledge base; ask back when unsure; offer a person when there is no answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dialogs import reading
from dialogs.person import TALK_TO_HUMAN, ask_for_person, offer_person
from dialogs.turn import Missed, Outcome, Reply, State, Turn, asked_for_person
from handoff.models import Reason, Tried
from knowledge.entry import CHITCHAT
from knowledge.learning.missed import Miss
from knowledge.matcher import Band, Match, Result

CANDIDATES = 3

Results = Mapping[str, Result]


def answer_question(turn: Turn, results: Results, language: str) -> Outcome:
    found = _answers(turn, results)
    if not found:
        return _no_answer(turn, results[turn.text], language)
    if any(match.entry_id == TALK_TO_HUMAN for match in found):
        return ask_for_person(turn, language)
    return _answered(turn, found, language)


def is_small_talk(turn: Turn, results: Results) -> bool:
    """Thanks, a greeting: nothing that anybody has to look at."""
    match = _sure(results[turn.text])
    if match is None or match.entry_id == TALK_TO_HUMAN:
        return False
    return turn.knowledge.topic(match.entry_id) == CHITCHAT


def _answers(turn: Turn, results: Results) -> list[Match]:
    """The matches to answer with: one, or two when the message clearly holds two questions."""
    alone = results[turn.text]
    whole = _sure(alone)
    pieces = _distinct(
        match for part in reading.parts(turn.text) if (match := _sure(results[part]))
    )
    serious = [m for m in pieces if turn.knowledge.topic(m.entry_id) != CHITCHAT]
    if len(serious) > 1:
        return serious
    context = reading.in_context(turn)
    together = _sure(results[context]) if context else None
    if together and together.entry_id == turn.state.last_entry and _points_elsewhere(alone, turn):
        together = None
    best = max(
        (match for match in (whole, together) if match),
        key=lambda match: match.confidence,
        default=None,
    )
    if best and (turn.knowledge.topic(best.entry_id) != CHITCHAT or not serious):
        return [best]
    return serious or pieces[:1]


def _points_elsewhere(alone: Result, turn: Turn) -> bool:
    """ "And for Azure?" does not want once more what was just said of something else."""
    return alone.band is not Band.NONE and alone.matches[0].entry_id != turn.state.last_entry


def _sure(result: Result) -> Match | None:
    return result.matches[0] if result.band is Band.ANSWER else None


def _distinct(matches: Iterable[Match]) -> list[Match]:
    unique: dict[str, Match] = {}
    for match in matches:
        unique.setdefault(match.entry_id, match)
    return list(unique.values())


def _answered(turn: Turn, found: list[Match], language: str) -> Outcome:
    state = replace(turn.state, misses=0, offer="")
    for match in found:
        state = _remember(state, turn, match)
    needs_person = any(turn.knowledge.needs_account(match.entry_id) for match in found)
    if needs_person:
        state = replace(state, offer=Reason.NEEDS_ACCOUNT)
    replies = tuple(_reply(turn, match, language) for match in found)
    if turn.waiting or not any(turn.knowledge.takes_over(match.entry_id) for match in found):
        return Outcome(state, language, replies)
    state = replace(state, offer="")
    wish = asked_for_person(replace(turn, state=state), Reason.RULE, language)
    return Outcome(state, language, replies, wish=wish)


def _remember(state: State, turn: Turn, match: Match) -> State:
    tried = Tried(turn.text, match.entry_id, turn.knowledge.version, match.confidence)
    chitchat = turn.knowledge.topic(match.entry_id) == CHITCHAT
    return replace(
        state if chitchat else state.having_tried(tried),
        last_entry=state.last_entry if chitchat else match.entry_id,
    )


def _reply(turn: Turn, match: Match, language: str) -> Reply:
    knowledge = turn.knowledge
    shown = [i for i in knowledge.follow_ups(match.entry_id) if knowledge.has(i)]
    if knowledge.needs_account(match.entry_id):
        shown = [TALK_TO_HUMAN, *(i for i in shown if i != TALK_TO_HUMAN)]
    chitchat = knowledge.topic(match.entry_id) == CHITCHAT
    return Reply(
        text=knowledge.answer(match.entry_id, language, turn.now),
        buttons=tuple(knowledge.title(i, language) for i in shown[:CANDIDATES]),
        entry_id=None if chitchat else match.entry_id,
        version=None if chitchat else knowledge.version,
        confidence=None if chitchat else match.confidence,
    )


def _no_answer(turn: Turn, result: Result, language: str) -> Outcome:
    rejected = tuple((m.entry_id, m.confidence) for m in result.matches[:CANDIDATES])
    state = turn.state.having_tried(Tried(turn.text, rejected=rejected))
    state = replace(state, misses=state.misses + 1)
    missed = replace(turn, state=state)
    likely = _likely(turn, result) if result.band is Band.ASK and state.misses == 1 else []
    if likely:
        outcome, kind = _did_you_mean(missed, likely, language), Miss.ASKED_BACK
    else:
        reason = Reason.REPEATED if state.misses > 1 else Reason.NO_MATCH
        outcome, kind = offer_person(missed, reason, language), Miss.NO_MATCH
    return replace(outcome, missed=Missed(kind, turn.text, rejected))


def _likely(turn: Turn, result: Result) -> list[str]:
    """Whom to ask back about: nobody means small talk when the bot is unsure what was meant."""
    return [
        match.entry_id
        for match in result.matches[:CANDIDATES]
        if match.entry_id == TALK_TO_HUMAN or turn.knowledge.topic(match.entry_id) != CHITCHAT
    ]


def _did_you_mean(turn: Turn, likely: list[str], language: str) -> Outcome:
    titles = tuple(turn.knowledge.title(entry_id, language) for entry_id in likely)
    none = turn.knowledge.say("none_of_these", language, turn.now)
    text = turn.knowledge.say("did_you_mean", language, turn.now)
    state = replace(turn.state, offer="")  # or "ok" would answer a question before this one
    return Outcome(state, language, (Reply(text, (*titles, none)),))
