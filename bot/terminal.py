"""The assistant in a terminal: one question, or a conversation that is forgotten at the end."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from conversations.masking import mask_cards
from dialogs import conversation, reading
from dialogs.person import TALK_TO_HUMAN
from dialogs.turn import Outcome, Reply, State, Turn
from handoff.models import HandoffRequest
from knowledge.live import Knowledge
from knowledge.matcher import Result


async def ask(knowledge: Knowledge, question: str, now: datetime) -> tuple[Outcome, Result]:
    """The answer to one question out of the blue, and what the matcher made of it."""
    turn = _turn(knowledge, question, State(), "", now)
    outcome = await _respond(knowledge, turn)
    (result,) = await knowledge.match([turn.text])
    return outcome, result


async def chat(
    knowledge: Knowledge, said: Iterable[str], now: Callable[[], datetime]
) -> AsyncIterator[str]:
    """Greets, then answers line by line."""
    outcome = conversation.welcome(_turn(knowledge, "", State(), "", now()))
    yield as_text(outcome)
    for line in said:
        turn = _turn(knowledge, line, outcome.state, outcome.language, now())
        outcome = await _respond(knowledge, turn)
        yield as_text(outcome)


def as_text(outcome: Outcome) -> str:
    """Replies one under the other, their buttons as a list."""
    return "\n\n".join("\n".join(_lines(reply.text, reply.buttons)) for reply in outcome.replies)


def as_json(outcome: Outcome, result: Result) -> dict[str, Any]:
    return {
        "language": outcome.language,
        "band": result.band,
        "replies": [
            {"text": reply.text, "entry": reply.entry_id, "buttons": list(reply.buttons)}
            for reply in outcome.replies
        ],
        "matches": [
            {"entry": m.entry_id, "confidence": round(m.confidence, 4), "question": m.question}
            for m in result.matches
        ],
        "handoff": outcome.wish.reason if isinstance(outcome.wish, HandoffRequest) else None,
    }


def _turn(knowledge: Knowledge, text: str, state: State, language: str, now: datetime) -> Turn:
    masked, removed = mask_cards(text)
    return Turn(masked, language, state, now, knowledge, card_removed=removed)


async def _respond(knowledge: Knowledge, turn: Turn) -> Outcome:
    asked = reading.questions(turn)
    results = await knowledge.match(asked)
    outcome = conversation.respond(turn, dict(zip(asked, results, strict=True)))
    if isinstance(outcome.wish, HandoffRequest):
        said = Reply(knowledge.answer(TALK_TO_HUMAN, outcome.language, turn.now))
        return replace(outcome, replies=(*outcome.replies, said))
    return outcome


def _lines(text: str, buttons: Iterable[str]) -> Iterator[str]:
    yield text.replace("**", "").strip()
    yield from (f"  [{button}]" for button in buttons)
