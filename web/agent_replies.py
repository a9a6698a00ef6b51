"""Canned replies: the published entries, found by what they answer."""

from datetime import datetime
from typing import Any

import structlog

from knowledge.answers import AnswerError
from knowledge.live import Knowledge
from web.agent_shapes import MAX_SHOWN

MOST = 6
LEAST_CONFIDENCE = 0.02

logger = structlog.get_logger()


async def find(
    knowledge: Knowledge, words: str, language: str, now: datetime
) -> list[dict[str, Any]]:
    """Best first: what the matcher finds, then entries whose title holds the words."""
    sure = await _matched(knowledge, words)
    holds = [
        entry.id
        for entry in knowledge.content.entries
        if words and words.lower() in entry.title(language).lower() and entry.id not in sure
    ]
    found = (
        _reply(knowledge, entry_id, sure.get(entry_id), language, now)
        for entry_id in [*sure, *holds][:MOST]
    )
    return [reply for reply in found if reply]


async def _matched(knowledge: Knowledge, words: str) -> dict[str, float]:
    if not words:
        return {}
    [result] = await knowledge.match([words])
    return {
        match.entry_id: match.confidence
        for match in result.matches
        if match.confidence >= LEAST_CONFIDENCE and knowledge.has(match.entry_id)
    }


def _reply(
    knowledge: Knowledge, entry_id: str, confidence: float | None, language: str, now: datetime
) -> dict[str, Any] | None:
    spoken = language if language in knowledge.policy.partner.languages else "en"
    try:
        text = knowledge.answer(entry_id, spoken, now)
    except AnswerError as error:
        logger.warning("reply_not_rendered", entry=entry_id, error=str(error))
        return None
    return {
        "id": entry_id,
        "title": knowledge.title(entry_id, spoken)[:MAX_SHOWN],
        "text": text,
        "confidence": confidence,
        "needsAccount": knowledge.needs_account(entry_id),
    }
