"""The Bot Framework's handoff protocol: `handoff.initiate` out, `handoff.status` back in.

Other bots and helpdesks that know it get the conversation whole, and say what becomes of it. Teams
refuses these events, so they never go there.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from conversations import log
from conversations.models import Conversation, activity_id
from handoff import store
from handoff.desk import Desk
from handoff.models import Agent, Handoff, Status
from handoff.transcript import Line, Transcript, transcript
from storage.database import Connection

INITIATE, STATUS = "handoff.initiate", "handoff.status"
ACCEPTED, FAILED, COMPLETED = "accepted", "failed", "completed"
DISPOSITION = "other"
MAX_MESSAGE = 1000


def initiation(connection: Connection, handoff_id: str, upto: int) -> dict[str, Any]:
    """The event with the transcript until activity `upto`, which is the same each time."""
    handoff = store.get(connection, handoff_id)
    conversation = log.get(connection, handoff.conversation_id)
    assert conversation, "a handoff has a conversation"
    written = transcript(connection, handoff.conversation_id, upto)
    return {
        "type": "event",
        "name": INITIATE,
        "id": str(uuid5(NAMESPACE_URL, f"{INITIATE}|{handoff_id}|{upto}")),
        "timestamp": handoff.created_at,
        "channelId": handoff.channel,
        "conversation": {"id": handoff.conversation_id},
        "from": {"id": handoff.customer_id, "name": handoff.customer_name, "role": "user"},
        "replyToId": activity_id(handoff.conversation_id, handoff.number),
        "relatesTo": _reference(conversation, handoff),
        "value": context(handoff),
        "attachments": [_attachment(written)],
        "entities": [],
    }


def context(handoff: Handoff) -> dict[str, Any]:
    """What whoever takes over is told besides the conversation itself."""
    asked = handoff.request
    return {
        "Skill": handoff.topic,
        "handoff": handoff.id,
        "reason": handoff.reason,
        "question": asked.get("question", ""),
        "topic": handoff.topic,
        "role": handoff.role,
        "language": handoff.language,
        "contact": handoff.contact,
        "priority": handoff.priority,
        "entry": asked.get("entry_id", ""),
        "tried": asked.get("tried", []),
    }


def apply_status(
    connection: Connection,
    desk: Desk,
    handoff_id: str,
    value: Mapping[str, Any],
    who: Agent,
    now: datetime,
) -> None:
    """Move the handoff as a `handoff.status` says. Raises DeskError; what was done before, and
    states that are not known, change nothing."""
    handoff = store.get(connection, handoff_id)
    if not handoff.status.is_open:
        return
    state, owns = value.get("state"), handoff.agent_id == who.id
    if state == ACCEPTED:
        desk.claim(connection, handoff_id, who, now, where="hub")
    elif state == COMPLETED:
        if handoff.status is Status.WAITING:
            desk.claim(connection, handoff_id, who, now, where="hub")
        desk.resolve(connection, handoff_id, who, DISPOSITION, now)
    elif state == FAILED:
        said = str(value.get("message") or "")[:MAX_MESSAGE].strip()
        client_id = f"{STATUS}:{handoff_id}:{handoff.revision}"
        text = f"{who.name}: {said}" if said else f"{who.name} could not take it."
        desk.note(connection, handoff_id, who, text, client_id, now)
        if owns:
            desk.give_back(connection, handoff_id, who, "", now)


def find(connection: Connection, conversation_id: str) -> Handoff | None:
    """The conversation's id is the protocol's only link: of ours, or of the hub's own."""
    rows = connection.execute(
        "SELECT handoff_id FROM hub_conversations WHERE conversation_id = %(id)s",
        id=conversation_id,
    )
    if rows:
        return store.get(connection, rows[0]["handoff_id"])
    return store.latest_in(connection, conversation_id)


def _reference(conversation: Conversation, handoff: Handoff) -> dict[str, Any]:
    """A ConversationReference. A service address is nobody else's business."""
    return {
        "activityId": activity_id(handoff.conversation_id, handoff.number),
        "channelId": conversation.channel,
        "conversation": {"id": conversation.id},
        "user": {"id": conversation.user_id, "name": conversation.user_name},
    }


def _attachment(written: Transcript) -> dict[str, Any]:
    content = {
        **written.summary(),
        "activities": [_activity(written.conversation_id, line) for line in written.lines],
    }
    return {"contentType": "application/json", "name": "Transcript", "content": content}


def _activity(conversation_id: str, line: Line) -> dict[str, Any]:
    """As an activity, with what the checksum is made of."""
    role = "user" if line.author == "customer" else "bot"
    return {
        "id": activity_id(conversation_id, line.number),
        "type": line.type,
        "timestamp": line.at,
        "from": {"name": line.name, "role": role},
        "text": line.text,
        "channelData": {
            "number": line.number,
            "author": line.author,
            "entry": line.entry_id,
            "version": line.version,
        },
    }
