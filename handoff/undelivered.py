"""What is stuck on its way out, for the agents who may see the conversation it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations import stuck
from conversations.stuck import Stuck
from handoff import lists, store
from handoff.models import Agent
from storage.database import Connection


@dataclass(frozen=True, slots=True)
class Undelivered:
    """With the conversation's last handoff that the agent may see; "" for what has none."""

    parcel: Stuck
    handoff_id: str
    customer: str


def listed(connection: Connection, agent: Agent) -> list[Undelivered]:
    return _shown(connection, agent, stuck.listed(connection))


def send_again(connection: Connection, agent: Agent, parcel_id: str, now: datetime) -> bool:
    """False when there is nothing stuck with that id, or the agent may not see it."""
    parcel = stuck.find(connection, parcel_id)
    if parcel is None or not _shown(connection, agent, [parcel]):
        return False
    connection.notify(store.TOPIC, parcel.conversation_id)
    return stuck.send_again(connection, parcel_id, now)


def _shown(connection: Connection, agent: Agent, parcels: Sequence[Stuck]) -> list[Undelivered]:
    """What is about no conversation is shown to every agent."""
    about = {parcel.conversation_id for parcel in parcels} - {""}
    seen = _seen(connection, agent, about)
    return [
        Undelivered(parcel, *seen.get(parcel.conversation_id, ("", "")))
        for parcel in parcels
        if agent.sees_all or not parcel.conversation_id or parcel.conversation_id in seen
    ]


def _seen(
    connection: Connection, agent: Agent, conversations: Iterable[str]
) -> dict[str, tuple[str, str]]:
    """Handoff and customer's name, by conversation."""
    ids = {f"id{at}": each for at, each in enumerate(sorted(conversations))}
    if not ids:
        return {}
    where, params = lists.seen(agent)
    rows = connection.execute(
        "SELECT h.id, h.conversation_id, c.user_name FROM handoffs h"
        " JOIN conversations c ON c.id = h.conversation_id"
        f" WHERE {where} AND h.conversation_id IN ({', '.join(f'%({name})s' for name in ids)})"
        " ORDER BY h.number",
        **params,
        **ids,
    )
    return {row["conversation_id"]: (row["id"], row["user_name"]) for row in rows}
