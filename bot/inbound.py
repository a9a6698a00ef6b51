"""What a channel hands to the turn engine, and what it expects of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from conversations.log import Participant
from conversations.models import WEB


@dataclass(frozen=True, slots=True)
class Inbound:
    """One activity from a channel. `external_id` is the channel's id of it: the same one again
    does nothing twice. `activity` is the JSON as it came, never a round-tripped Activity."""

    channel: str
    conversation_id: str
    external_id: str
    activity: dict[str, Any]


class InvokeAnswer(NamedTuple):
    """What the caller of an invoke gets back at once."""

    status: int
    body: dict[str, Any] | None


class Receiver(Protocol):
    """Where activities go; an exception means that nothing was kept."""

    async def receive(self, inbound: Inbound) -> str: ...

    async def invoke(self, inbound: Inbound) -> InvokeAnswer: ...


def participant(inbound: Inbound) -> Participant:
    activity = inbound.activity
    sender = activity.get("from")
    sender = sender if isinstance(sender, Mapping) else {}
    locale = str(activity.get("locale") or "").lower()
    return Participant(
        conversation_id=inbound.conversation_id,
        channel=inbound.channel,
        user_id=str(sender.get("id") or ""),
        user_name=str(sender.get("name") or ""),
        language=locale[:2] if locale[:2] in ("en", "zh") else "",
        reference=None if inbound.channel == WEB else _reference(activity),
    )


def _reference(activity: Mapping[str, Any]) -> dict[str, Any]:
    """What a later message needs to reach the same conversation; the raw parts, unchanged."""
    return {
        "serviceUrl": activity.get("serviceUrl"),
        "channelId": activity.get("channelId"),
        "conversation": activity.get("conversation"),
        "bot": activity.get("recipient"),
        "user": activity.get("from"),
    }
