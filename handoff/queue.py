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


def wait_of(connection: Connection, handoff: Handoff, open_time: OpenTime) -> Wait:
    """Urgent ones come first, then those who asked first; who left an address does not wait."""
    ahead = connection.execute(
        f"SELECT COUNT(*) AS n FROM handoffs WHERE {_WAITING} AND (role = %(role)s OR widened = 1)"
        " AND id <> %(id)s AND (priority > %(priority)s OR (priority = %(priority)s"
        " AND (place_since < %(since)s OR (place_since = %(since)s AND id < %(id)s))))",
        role=handoff.role,
        id=handoff.id,
        priority=handoff.priority,
        since=handoff.place_since,
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


def come_to_the_front(connection: Connection) -> list[str]:
    """Who is first in a queue by now and has not heard so."""
    rows = connection.execute(
        f"SELECT id, role, widened, told_next FROM handoffs WHERE {_WAITING}"
        " ORDER BY priority DESC, place_since, id"
    )
    found, roles = [], set()
    for row in rows:
        if row["role"] not in roles and not row["told_next"]:
            found.append(str(row["id"]))
        if row["widened"]:
            break  # it comes first for every role that is left
        roles.add(row["role"])
    return found


def knows_to_be_next(connection: Connection, handoff_id: str) -> bool:
    """False when it was known before."""
    return bool(
        connection.execute(
            "UPDATE handoffs SET told_next = 1 WHERE id = %(id)s AND told_next = 0 RETURNING id",
            id=handoff_id,
        )
    )


def due_to_wake(connection: Connection, now: datetime) -> list[str]:
    rows = connection.execute(
        "SELECT id FROM handoffs WHERE snoozed_until <> '' AND snoozed_until <= %(now)s"
        " AND status IN ('waiting', 'active')",
        now=stored_time(now),
    )
    return [row["id"] for row in rows]


def untaken(connection: Connection) -> list[str]:
    """Who waits, and the messages left."""
    rows = connection.execute(
        "SELECT id FROM handoffs WHERE status = 'waiting' AND snoozed_until = ''"
        " ORDER BY place_since, id"
    )
    return [row["id"] for row in rows]
