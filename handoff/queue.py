"""Who waits, in which order, and how long it really takes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from handoff.models import Handoff
from storage.database import Connection
from storage.times import stored_time

CLAIMS_CONSIDERED = 20
FEWEST_CLAIMS = 5
_WAITING = "status = 'waiting' AND contact = '' AND snoozed_until = ''"

OpenTime = Callable[[datetime, datetime], timedelta]


@dataclass(frozen=True, slots=True)
class Wait:
    """`minutes` is 0 when nobody can say: too few have been claimed to tell."""

    place: int
    minutes: int


def wait_of(connection: Connection, handoff: Handoff, open_time: OpenTime, now: datetime) -> Wait:
    """Urgent ones come first, then those who asked first; who left an address does not wait."""
    ahead = connection.execute(
        f"SELECT COUNT(*) AS n FROM handoffs WHERE {_WAITING} AND (role = %(role)s OR widened = 1)"
        " AND id <> %(id)s AND (priority > %(priority)s OR (priority = %(priority)s"
        " AND (created_at < %(created)s OR (created_at = %(created)s AND id < %(id)s))))",
        role=handoff.role,
        id=handoff.id,
        priority=handoff.priority,
        created=handoff.created_at,
    )
    return Wait(int(ahead[0]["n"]) + 1, usual_minutes(connection, open_time))


def usual_minutes(connection: Connection, open_time: OpenTime) -> int:
    """The median of the latest times to claim, in minutes of opening hours."""
    rows = connection.execute(
        "SELECT created_at, claimed_at FROM handoffs WHERE claimed_at <> '' AND contact = ''"
        " ORDER BY claimed_at DESC LIMIT %(most)s",
        most=CLAIMS_CONSIDERED,
    )
    if len(rows) < FEWEST_CLAIMS:
        return 0
    waits = (
        open_time(datetime.fromisoformat(r["created_at"]), datetime.fromisoformat(r["claimed_at"]))
        for r in rows
    )
    return max(1, round(median(wait.total_seconds() for wait in waits) / 60))


def next_in_line(connection: Connection, role: str) -> str | None:
    """The id of the handoff that comes first for a role now."""
    rows = connection.execute(
        f"SELECT id FROM handoffs WHERE {_WAITING} AND (role = %(role)s OR widened = 1)"
        " ORDER BY priority DESC, created_at, id LIMIT 1",
        role=role,
    )
    return str(rows[0]["id"]) if rows else None


def due_to_wake(connection: Connection, now: datetime) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM handoffs WHERE snoozed_until <> '' AND snoozed_until <= %(now)s"
        " AND status IN ('waiting', 'active')",
        now=stored_time(now),
    )
    return [row["id"] for row in rows]


def waiting(connection: Connection) -> list[str]:
    rows = connection.execute(f"SELECT id FROM handoffs WHERE {_WAITING} ORDER BY created_at")
    return [row["id"] for row in rows]
