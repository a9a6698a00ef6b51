"""What comes out of the agents' channel, read as what somebody wrote or pressed there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk_card import CLAIM, GIVE_BACK, RESOLVE
from bot.desk_threads import ROOT
from bot.mentions import mentions, strip_mentions
from conversations.masking import mask_cards

CONNECT = ("connect here", "连接此频道", "連接此頻道")
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Written:
    """A message in the agents' channel."""

    activity: Mapping[str, Any]
    id: str
    conversation_id: str
    object_id: str
    name: str
    text: str
    to_bot: bool


def is_in_channel(activity: Mapping[str, Any]) -> bool:
    return str(activity["conversation"]["id"]).startswith("19:")


def wants_to_connect(activity: Mapping[str, Any]) -> bool:
    """Said to the bot by its name, in a channel of a team."""
    kind = activity["conversation"].get("conversationType")
    if activity["type"] != "message" or kind != "channel" or not mentions(activity):
        return False
    return strip_mentions(activity).casefold().strip(" .!。！") in CONNECT


def read(activity: Mapping[str, Any]) -> Written:
    sender = activity["from"]
    return Written(
        activity,
        str(activity["id"]),
        str(activity["conversation"]["id"]),
        object_id(sender),
        name_of(sender),
        mask_cards(strip_mentions(activity))[0],
        mentions(activity),
    )


def thread_of(written: Written) -> str:
    """Where an answer to it goes: its thread, or the one that it has begun."""
    where = written.conversation_id
    return where if ROOT in where else f"{where}{ROOT}{written.id}"


def object_id(sender: Mapping[str, Any]) -> str:
    return str(sender.get("aadObjectId") or "")


def name_of(sender: Mapping[str, Any]) -> str:
    return " ".join(str(sender.get("name") or "").split())[:MAX_NAME]


def version_of(activity: Mapping[str, Any]) -> str:
    return str(activity.get("timestamp") or "")


def pressed(activity: Mapping[str, Any]) -> tuple[str, str, Mapping[str, Any]]:
    """The handoff, the verb and the fields of the card; the SDK has no type for any of it."""
    value = activity.get("value")
    action = value.get("action") if isinstance(value, Mapping) else None
    data = action.get("data") if isinstance(action, Mapping) else None
    if not isinstance(action, Mapping) or not isinstance(data, Mapping):
        return "", "", {}
    verb = str(action.get("verb") or "")
    known = verb in (CLAIM, RESOLVE, GIVE_BACK)
    return (str(data.get("handoff") or "") if known else "", verb, data)
