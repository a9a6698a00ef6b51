"""What did not leave and needs a person: failed for good, or nobody knows, or it is late."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations.outbox import LATE_AFTER, STATUS, TOPIC
from storage.database import Connection
from storage.times import stored_time

MOST = 200
_STUCK = f"(status IN ('failed', 'unknown') OR (status = 'queued' AND attempts >= {LATE_AFTER}))"

_SELECT = (
    f"SELECT id, channel, conversation_id, payload, {STATUS} AS status, attempts, error, created_at"
    f" FROM outbox WHERE {_STUCK}"
)


@dataclass(frozen=True, slots=True)
class Stuck:
    """`status` is failed, unknown or late; `conversation_id` is "" for what is about none."""

    id: str
    channel: str
    conversation_id: str
    status: str
    attempts: int
    error: str
    created_at: str


def listed(connection: Connection) -> list[Stuck]:
    """The oldest first, at most MOST."""
    rows = connection.execute(f"{_SELECT} ORDER BY created_at, id LIMIT {MOST}")
    return [_stuck(row) for row in rows]


def find(connection: Connection, parcel_id: str) -> Stuck | None:
    rows = connection.execute(f"{_SELECT} AND id = %(id)s", id=parcel_id)
    return _stuck(rows[0]) if rows else None


def send_again(connection: Connection, parcel_id: str, now: datetime) -> bool:
    """A person wants it sent now, although it may have arrived; False when it is not stuck."""
    rows = connection.execute(
        "UPDATE outbox SET status = 'queued', attempts = 0, error = NULL, next_attempt_at = %(at)s"
        f" WHERE id = %(id)s AND {_STUCK} RETURNING lane",
        id=parcel_id,
        at=stored_time(now),
    )
    for row in rows:
        connection.notify(TOPIC, row["lane"])
    return bool(rows)


def _stuck(row: Mapping[str, Any]) -> Stuck:
    return Stuck(
        row["id"],
        row["channel"],
        row["conversation_id"] or _conversation_of(json.loads(row["payload"])),
        row["status"],
        row["attempts"],
        row["error"] or "",
        row["created_at"],
    )


def _conversation_of(payload: Mapping[str, Any]) -> str:
    """A letter names the conversation it is about, or the handoff: by its id, or as it was."""
    about = payload.get("handoff", "")
    handoff_id = about["id"] if isinstance(about, dict) else about
    return str(payload.get("conversation") or handoff_id.rpartition("|")[0])
