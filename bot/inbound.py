"""What a channel hands to the turn engine, and what it expects of it."""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


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
