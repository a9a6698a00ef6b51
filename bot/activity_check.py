"""What every activity from a channel must have before anything is done with it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.json_body import BadBody

MAX_ID_LENGTH = 2048

_REQUIRED = (
    ("type",),
    ("id",),
    ("channelId",),
    ("serviceUrl",),
    ("conversation", "id"),
    ("from", "id"),
)
_TYPES: dict[str, type] = {
    "text": str,
    "name": str,
    "locale": str,
    "replyToId": str,
    "recipient": dict,
    "channelData": dict,
    "entities": list,
    "attachments": list,
    "membersAdded": list,
    "membersRemoved": list,
    "reactionsAdded": list,
    "reactionsRemoved": list,
}
_TIMES = ("timestamp", "localTimestamp", "expiration")


def check_activity(activity: Mapping[str, Any]) -> None:
    """Raises BadBody. Afterwards the required ids are text, and known fields have their types."""
    for path in _REQUIRED:
        _check_required(activity, path)
    for name, kind in _TYPES.items():
        value = activity.get(name)
        if value is not None and not _has_type(value, kind):
            raise BadBody("BadArgument", f"{name} has the wrong type.")
    for name in _TIMES:
        if activity.get(name) is not None and not _is_time(activity[name]):
            raise BadBody("BadArgument", f"{name} is not a time.")


def _check_required(activity: Mapping[str, Any], path: tuple[str, ...]) -> None:
    value: Any = activity
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if value is None or value == "":
        raise BadBody("MissingProperty", f"{'.'.join(path)} is missing.")
    if not isinstance(value, str) or len(value) > MAX_ID_LENGTH:
        raise BadBody("BadArgument", f"{'.'.join(path)} must be a short text.")


def _has_type(value: Any, kind: type) -> bool:
    """Every list in an activity is one of objects."""
    if isinstance(value, list) and kind is list:
        return all(isinstance(element, dict) for element in value)
    return isinstance(value, kind)


def _is_time(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return False
    return True
