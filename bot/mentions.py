"""What the customer wrote, without the bot's own name in it."""

import re
from collections.abc import Mapping
from typing import Any

_MENTION = re.compile(r"<at(?: [^<>]{0,100})?>([^<>]{0,200})</at>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\u00a0]+")
_AROUND_NEWLINE = re.compile(r" ?\n ?")


def strip_mentions(activity: Mapping[str, Any], bot_id: str = "") -> str:
    """The text with mentions of the bot removed and those of other people as their names.

    The bot is the activity's recipient unless another id is given.
    """
    text, recipient = activity.get("text"), activity.get("recipient")
    if not isinstance(text, str):
        return ""
    if not bot_id and isinstance(recipient, dict):
        bot_id = str(recipient.get("id") or "")
    own = _names_of(bot_id, activity.get("entities"))
    text = _MENTION.sub(lambda found: _said(found[1], own), text)
    return _tidy(text)


def mentions(activity: Mapping[str, Any]) -> bool:
    """Whether it speaks to the bot by its name."""
    recipient = activity.get("recipient")
    bot_id = str(recipient.get("id") or "") if isinstance(recipient, dict) else ""
    return bool(_names_of(bot_id, activity.get("entities")))


def _said(name: str, own: set[str]) -> str:
    return " " if _folded(name) in own else name


def _names_of(bot_id: str, entities: Any) -> set[str]:
    """The names under which the activity's mentions speak of the bot."""
    names = set()
    for entity in entities if isinstance(entities, list) else []:
        if not isinstance(entity, dict) or entity.get("type") != "mention":
            continue
        mentioned = entity.get("mentioned")
        if not isinstance(mentioned, dict) or not _is_same(mentioned.get("id"), bot_id):
            continue
        found = _MENTION.search(str(entity.get("text") or ""))
        names.add(_folded(found[1] if found else str(mentioned.get("name") or "")))
    return names


def _is_same(account_id: Any, bot_id: str) -> bool:
    """Teams writes a bot's id as 28:<app id>."""
    known = str(account_id or "").removeprefix("28:")
    return known != "" and known == bot_id.removeprefix("28:")


def _folded(name: str) -> str:
    return _tidy(name).casefold()


def _tidy(text: str) -> str:
    text = text.replace("&nbsp;", " ").replace("\r\n", "\n").replace("\r", "\n")
    return _AROUND_NEWLINE.sub("\n", _SPACES.sub(" ", text)).strip()
