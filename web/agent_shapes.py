"""What the console's pages are told, as JSON: rows of the list, lines of a conversation, and all
that is known of a handoff."""

from collections.abc import Iterable, Mapping
from typing import Any

from conversations.models import EDITS, Activity, Author
from handoff import escalations, said, store
from handoff.lists import Listed
from handoff.models import Agent, Handoff
from handoff.said import Said
from knowledge.live import Knowledge
from storage.database import Connection

Shape = dict[str, Any]
REJECTED = 3
MAX_SHOWN = 300


def row(one: Listed) -> Shape:
    return {
        **brief(one.handoff),
        "words": one.words,
        "author": one.author,
        "at": one.at,
        "escalatedAt": one.escalated_at,
        "awaits": one.awaits,
    }


def brief(handoff: Handoff) -> Shape:
    return {
        "id": handoff.id,
        "status": handoff.status,
        "reason": handoff.reason,
        "topic": handoff.topic,
        "role": handoff.role,
        "priority": handoff.priority,
        "labels": list(handoff.labels),
        "contact": handoff.contact,
        "agent": {"id": handoff.agent_id, "name": handoff.agent_name},
        "snoozedUntil": handoff.snoozed_until,
        "createdAt": handoff.created_at,
        "claimedAt": handoff.claimed_at,
        "closedAt": handoff.closed_at,
        "disposition": handoff.disposition,
        "channel": handoff.channel,
        "language": handoff.language,
        "customer": {"id": handoff.customer_id, "name": handoff.customer_name},
        "question": str(handoff.request.get("question", ""))[:MAX_SHOWN],
        "widened": handoff.widened,
    }


def detail(
    connection: Connection, agent: Agent, handoff: Handoff, knowledge: Knowledge, language: str
) -> Shape:
    """Everything about an episode but what was said."""
    conversation = handoff.conversation_id
    tried = [_tried(one, knowledge, language) for one in handoff.request.get("tried", ())]
    rejected = tried[-1]["rejected"][:REJECTED] if tried else []
    others = [each for each in store.episodes(connection, conversation) if agent.may_see(each)]
    return {
        **brief(handoff),
        "question": str(handoff.request.get("question", "")),
        "entry": entry(knowledge, str(handoff.request.get("entry_id", "")), language),
        "tried": tried,
        "rejected": rejected,
        "notes": [_note(each) for each in said.notes(connection, agent, conversation)],
        "history": [_change(each) for each in store.history(connection, handoff.id)],
        "escalations": [_escalation(e) for e in escalations.of_handoff(connection, handoff.id)],
        "episodes": [_episode(each) for each in others],
        "rating": _rating(said.rating(connection, handoff.id)),
    }


def lines(
    found: Iterable[Said], deliveries: Mapping[int, str], knowledge: Knowledge, language: str
) -> list[Shape]:
    """`deliveries` are the states of what had to leave; for the rest the log is the delivery."""
    shapes = (
        line(each, deliveries.get(each.activity.number, ""), knowledge, language) for each in found
    )
    return [shape for shape in shapes if shape]


def line(one: Said, delivery: str, knowledge: Knowledge, language: str) -> Shape | None:
    """None for what is nothing to read."""
    activity = one.activity
    if activity.type == "conversationUpdate":
        return None
    body = activity.body
    sender = body.get("from")
    return {
        "n": activity.number,
        "author": activity.author,
        "name": _text(sender.get("name")) if isinstance(sender, dict) else "",
        "at": activity.created_at,
        "text": _text(body.get("text")),
        "markdown": activity.author is not Author.CUSTOMER and body.get("textFormat") != "plain",
        "lang": _text(body.get("locale"))[:35],
        "entry": entry(knowledge, activity.entry_id or "", language),
        "version": activity.version,
        "confidence": activity.confidence,
        "buttons": _buttons(body),
        "event": _event(activity),
        "page": _page(body),
        "client": one.client_id,
        "delivery": delivery,
    }


def entry(knowledge: Knowledge, entry_id: str, language: str) -> Shape | None:
    """An entry may have gone since it was given as an answer."""
    if not entry_id:
        return None
    title = knowledge.title(entry_id, language) if knowledge.has(entry_id) else entry_id
    return {"id": entry_id, "title": title}


def _tried(one: Mapping[str, Any], knowledge: Knowledge, language: str) -> Shape:
    return {
        "question": _text(one.get("question")),
        "entry": entry(knowledge, _text(one.get("entry_id")), language),
        "version": one.get("version", 0),
        "confidence": one.get("confidence", 0.0),
        "rejected": [
            {"entry": entry(knowledge, entry_id, language), "confidence": confidence}
            for entry_id, confidence in one.get("rejected", ())
        ],
    }


def _note(each: Mapping[str, Any]) -> Shape:
    return {
        "id": each["id"],
        "after": each["after_number"],
        "name": each["person_name"],
        "person": each["person_id"],
        "text": each["text"],
        "at": each["created_at"],
    }


def _change(each: Mapping[str, Any]) -> Shape:
    return {
        "at": each["at"],
        "name": each["person_name"],
        "person": each["person_id"],
        "action": each["action"],
        "to": each["to_status"],
        "details": each["details"],
    }


def _escalation(each: Mapping[str, Any]) -> Shape:
    kept = ("id", "vehicle", "reference", "asked", "status")
    shape = {name: each[name] for name in kept}
    return shape | {"name": each["person_name"], "at": each["created_at"]}


def _episode(each: Handoff) -> Shape:
    kept = ("id", "status", "reason", "agent", "createdAt", "question")
    shape = brief(each)
    return {name: shape[name] for name in kept}


def _rating(found: Mapping[str, Any] | None) -> Shape | None:
    if not found:
        return None
    return {"score": found["score"], "comment": found["comment"], "at": found["created_at"]}


def _event(activity: Activity) -> Shape | None:
    """A pressed button, an edit, or what else came without words of its own."""
    value, name = activity.body.get("value"), activity.body.get("name")
    if activity.type == "message" and activity.body.get("text"):
        return None
    if isinstance(value, dict) and value.get("action") in ("rate", "rate_help"):
        kept = {key: str(value.get(key, ""))[:1000] for key in ("rating", "score", "comment")}
        return {"kind": value["action"], **kept}
    if activity.type in EDITS:
        return {"kind": activity.type, "text": _text(activity.body.get("text"))}
    return {"kind": activity.type, "name": _text(name), "value": _text(value)}


def _buttons(body: Mapping[str, Any]) -> list[str]:
    """What the buttons under a message say, on the web and on a card."""
    suggested = body.get("suggestedActions")
    actions = list(suggested.get("actions", ())) if isinstance(suggested, dict) else []
    for attachment in body.get("attachments") or ():
        content = attachment.get("content") if isinstance(attachment, dict) else None
        actions += content.get("buttons", ()) if isinstance(content, dict) else ()
    texts = (action.get("title") for action in actions if isinstance(action, dict))
    return [text for text in texts if isinstance(text, str)][:12]


def _page(body: Mapping[str, Any]) -> str:
    data = body.get("channelData")
    return _text(data.get("page"))[:MAX_SHOWN] if isinstance(data, dict) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
