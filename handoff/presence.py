"""Who is at the desk: each agent's status, and when the agent's pages were last connected."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handoff.models import Agent, Handoff
from storage.database import Connection
from storage.times import stored_time

SEEN_EVERY_S = 15.0
GONE_AFTER = timedelta(seconds=45)
DEFAULT_CAPACITY = 5


class Availability(StrEnum):
    AVAILABLE = "available"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Present:
    person_id: str
    name: str
    roles: frozenset[str]
    availability: Availability
    capacity: int
    connected: bool
    active: int  # conversations in hand

    @property
    def is_there(self) -> bool:
        return self.connected and self.availability is Availability.AVAILABLE

    @property
    def is_free(self) -> bool:
        return self.is_there and self.active < self.capacity

    def helps_with(self, handoff: Handoff) -> bool:
        return handoff.widened or not self.roles.isdisjoint((handoff.role, "global_admin"))


def seen(connection: Connection, agent: Agent, now: datetime) -> None:
    """One of the agent's pages is connected; said again every SEEN_EVERY_S seconds."""
    connection.execute(
        "INSERT INTO presence (person_id, person_name, roles, status, capacity, seen_at)"
        " VALUES (%(id)s, %(name)s, %(roles)s, 'available', %(capacity)s, %(at)s)"
        " ON CONFLICT (person_id) DO UPDATE SET person_name = excluded.person_name,"
        " roles = excluded.roles, seen_at = excluded.seen_at",
        id=agent.id,
        name=agent.name,
        roles=json.dumps(sorted(agent.roles)),
        capacity=DEFAULT_CAPACITY,
        at=stored_time(now),
    )


def set_availability(
    connection: Connection, agent: Agent, availability: Availability, capacity: int, now: datetime
) -> None:
    seen(connection, agent, now)
    connection.execute(
        "UPDATE presence SET status = %(status)s, capacity = %(capacity)s WHERE person_id = %(id)s",
        status=availability,
        capacity=max(1, min(capacity, 50)),
        id=agent.id,
    )


def everybody(connection: Connection, now: datetime) -> list[Present]:
    rows = connection.execute(
        "SELECT p.*, (SELECT COUNT(*) FROM handoffs h WHERE h.agent_id = p.person_id"
        " AND h.status = 'active' AND h.snoozed_until = '') AS active"
        " FROM presence p ORDER BY person_name, person_id"
    )
    gone = stored_time(now - GONE_AFTER)
    return [
        Present(
            row["person_id"],
            row["person_name"],
            frozenset(json.loads(row["roles"])),
            Availability(row["status"]),
            row["capacity"],
            row["seen_at"] >= gone,
            int(row["active"]),
        )
        for row in rows
    ]


def there_for(connection: Connection, handoff: Handoff, now: datetime) -> int:
    """How many are at the desk who may take it, now or when they have a hand free."""
    present = everybody(connection, now)
    return sum(each.is_there and each.helps_with(handoff) for each in present)
