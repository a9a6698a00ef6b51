"""Activities as Direct Line clients send and see them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.json_body import BadBody
from bot.replies import BOT_ID
from conversations.models import Activity, activity_id
from dialogs.reading import MAX_CHARACTERS

MAX_KEPT_BYTES = 32 * 1024
CUSTOMER_TYPES = ("message", "event", "typing")

# What is kept of a customer's activity; who sent it, when and where is ours to say.
_KEPT: dict[str, type | tuple[type, ...]] = {
    "type": str,
    "text": str,
    "textFormat": str,
    "locale": str,
    "name": str,
    "value": object,
    "valueType": str,
    "channelData": dict,
    "replyToId": str,
    "inputHint": str,
    "label": str,
    "localTimestamp": str,
    "localTimezone": str,
}
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)


def client_activity(row: Activity) -> dict[str, Any] | None:
    """A row of the log as the customer's client sees it; None for what it never sees."""
    if row.type == "conversationUpdate":
        return None
    return {
        **row.body,
        "id": activity_id(row.conversation_id, row.number),
        "timestamp": row.created_at,
        "conversation": {"id": row.conversation_id},
        "channelId": "directline",
    }


def passing_activity(
    conversation_id: str, body: Mapping[str, Any], unique: str, timestamp: str
) -> dict[str, Any]:
    """What was whispered (typing), from the bot unless the body names somebody else."""
    return {
        "from": {"id": BOT_ID, "role": "bot"},
        **body,
        "id": f"{conversation_id}|{unique}",
        "timestamp": timestamp,
        "conversation": {"id": conversation_id},
        "channelId": "directline",
    }


def customer_activity(raw: Mapping[str, Any], user_id: str, user_name: str) -> dict[str, Any]:
    """What a customer's client sent, with the sender we know. Raises BadBody."""
    activity = {name: raw[name] for name in _KEPT if raw.get(name) is not None}
    for name, value in activity.items():
        if not isinstance(value, _KEPT[name]):
            raise BadBody("BadArgument", f"{name} has the wrong type.")
    _check_type(activity)
    if raw.get("attachments"):
        raise BadBody("UnsupportedMediaType", "Files cannot be sent here.", status=415)
    if len(activity.get("text", "")) > MAX_CHARACTERS:
        raise BadBody(
            "BadArgument", f"Message is too long (max {MAX_CHARACTERS} characters)", status=400
        )
    if len(json.dumps(activity, ensure_ascii=False).encode()) > MAX_KEPT_BYTES:
        raise BadBody("TooLarge", "The activity is too large.", status=413)
    return activity | {"from": _sender(user_id, user_name)}


def beginning(user_id: str, user_name: str, locale: object) -> dict[str, Any]:
    """The activity that begins a conversation: the bot joins it, and greets."""
    activity: dict[str, Any] = {
        "type": "conversationUpdate",
        "membersAdded": [{"id": BOT_ID}],
        "from": _sender(user_id, user_name),
    }
    if isinstance(locale, str) and _LOCALE.fullmatch(locale):
        activity["locale"] = locale
    return activity


def _check_type(activity: Mapping[str, Any]) -> None:
    kind = activity.get("type")
    if kind is None:
        raise BadBody("MissingProperty", "type is missing.")
    if kind not in CUSTOMER_TYPES:
        raise BadBody("BadArgument", "Only messages, events and typing can be sent.")
    if kind == "message" and not activity.get("text", "").strip() and "value" not in activity:
        raise BadBody("MissingProperty", "text is missing.")
    if kind == "event" and not activity.get("name"):
        raise BadBody("MissingProperty", "name is missing.")


def _sender(user_id: str, user_name: str) -> dict[str, str]:
    return {"id": user_id, "role": "user"} | ({"name": user_name} if user_name else {})
