"""What still has to leave for a place that is not ours: written with what it tells, sent after it.

queued -> sending -> sent | failed | unknown; a parcel found in `sending` after a crash may or may
not have arrived, so it becomes unknown and is not sent again by itself, unless the far side can
tell that it has it already (`repeatable`). Parcels of one lane leave in the order of their numbers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from conversations import log
from conversations.models import Activity, Conversation
from storage.database import Connection
from storage.times import stored_time

MAX_WAIT = timedelta(minutes=15)
GIVE_UP_AFTER = 104
"""Tries; the last is about a day after the first."""
TOPIC = "outbox"
ORDER = "number, created_at, id"
"""Within a lane; two processes that write to one at the same time can give the same number."""
LATE = "late"
LATE_AFTER = 5
"""Tries, in about a minute: what is still queued then is LATE to whoever reads."""
STATUS = f"CASE WHEN status = 'queued' AND attempts >= {LATE_AFTER} THEN '{LATE}' ELSE status END"
ON_ITS_WAY = frozenset({"queued", "sending", LATE})


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing on its way out: an activity of the log, or what the payload says."""

    id: str
    lane: str
    channel: str
    attempts: int
    payload: Mapping[str, Any]
    conversation: Conversation | None = None
    activity: Activity | None = None
    repeatable: bool = False
    alone: bool = False
    """Nothing waited behind it when it was taken."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is put in by its payload. The same id again is the same parcel."""

    id: str
    lane: str
    channel: str
    payload: Mapping[str, Any]
    repeatable: bool = False
    conversation_id: str | None = None


def put(
    connection: Connection,
    conversation_id: str,
    channel: str,
    numbers: Iterable[int],
    now: datetime,
) -> None:
    """Activities of a conversation; whoever puts them in has them sent."""
    for number in numbers:
        _put(connection, conversation_id, channel, number, now)


def hand_over(
    connection: Connection, conversation: Conversation, said: Sequence[Activity], now: datetime
) -> Parcel | None:
    """Put in what was said, at least one thing. The first comes back taken, as one that is being
    sent; None when it has to wait, and then the senders are told."""
    lane, channel = conversation.id, conversation.channel
    numbers = [each.number for each in said]
    if _is_busy(connection, lane):
        put(connection, lane, channel, numbers, now)
        connection.notify(TOPIC, lane)
        return None
    parcel_id = _put(connection, lane, channel, numbers[0], now, taken_at=stored_time(now))
    put(connection, lane, channel, numbers[1:], now)
    alone = len(numbers) == 1
    return Parcel(parcel_id, lane, channel, 1, {}, conversation, said[0], alone=alone)


def post(connection: Connection, letter: Letter, now: datetime) -> None:
    """A letter behind the others of its lane; the senders are told after the commit."""
    connection.execute(
        "INSERT INTO outbox (id, lane, number, channel, conversation_id, payload, repeatable,"
        " next_attempt_at, created_at) VALUES (%(id)s, %(lane)s,"
        " COALESCE((SELECT MAX(number) FROM outbox WHERE lane = %(lane)s), 0) + 1, %(channel)s,"
        " %(conversation)s, %(payload)s, %(repeatable)s, %(at)s, %(at)s)"
        " ON CONFLICT (id) DO NOTHING",
        id=letter.id,
        lane=letter.lane,
        channel=letter.channel,
        conversation=letter.conversation_id,
        payload=json.dumps(letter.payload, ensure_ascii=False),
        repeatable=int(letter.repeatable),
        at=stored_time(now),
    )
    connection.notify(TOPIC, letter.lane)


def take(connection: Connection, lane: str, now: datetime) -> Parcel | None:
    """The lane's next parcel that is due, marked as being sent; order is kept: a parcel that is
    being sent or waits for its next attempt holds back the others, also one that came before it
    but was committed later."""
    rows = connection.execute(
        "UPDATE outbox SET status = 'sending', attempts = attempts + 1, taken_at = %(now)s"
        " WHERE id = (SELECT id FROM outbox WHERE lane = %(lane)s"
        " AND status IN ('queued', 'sending')"
        f" ORDER BY CASE status WHEN 'sending' THEN 0 ELSE 1 END, {ORDER} LIMIT 1)"
        " AND status = 'queued' AND next_attempt_at <= %(now)s RETURNING *",
        lane=lane,
        now=stored_time(now),
    )
    return _parcel(connection, rows[0]) if rows else None


def absorb(connection: Connection, parcel: Parcel, kind: str, key: str) -> Mapping[str, Any]:
    """Let a parcel that is being sent take along what waits right behind it in the lane: letters of
    the same `kind`, whose lists under `key` are added to its own. The payload from now on."""
    rows = connection.execute(
        "SELECT id, payload FROM outbox WHERE lane = %(lane)s AND status = 'queued'"
        f" ORDER BY {ORDER}",
        lane=parcel.lane,
    )
    payload = dict(parcel.payload)
    for row in rows:
        behind = json.loads(row["payload"])
        if behind.get("kind") != kind:
            break
        payload[key] = [*payload[key], *behind[key]]
        _mark(connection, row["id"], "sent")
    connection.execute(
        "UPDATE outbox SET payload = %(payload)s WHERE id = %(id)s",
        payload=json.dumps(payload, ensure_ascii=False),
        id=parcel.id,
    )
    return payload


def sent(connection: Connection, parcel: Parcel, remote_id: str, now: datetime) -> Parcel | None:
    """Keep the far side's id of it; the next parcel of the lane, if one is due. Of what came behind
    one that was alone, the senders are told."""
    _mark(connection, parcel.id, "sent", remote_id=remote_id)
    return None if parcel.alone else take(connection, parcel.lane, now)


def failed(connection: Connection, parcel: Parcel, error: str, final: str, now: datetime) -> None:
    """Try again later with growing waits; `final` ("failed" or "unknown") ends it at once."""
    if final or parcel.attempts >= GIVE_UP_AFTER:
        _mark(connection, parcel.id, final or "failed", error=error)
        return
    wait = min(2**parcel.attempts, MAX_WAIT.total_seconds())
    connection.execute(
        "UPDATE outbox SET status = 'queued', error = %(error)s, next_attempt_at = %(next)s"
        " WHERE id = %(id)s",
        error=error,
        next=stored_time(now + timedelta(seconds=wait)),
        id=parcel.id,
    )


def hold(connection: Connection, parcel_ids: Iterable[str], now: datetime) -> None:
    """They are still being sent."""
    for parcel_id in parcel_ids:
        connection.execute(
            "UPDATE outbox SET taken_at = %(at)s WHERE id = %(id)s AND status = 'sending'",
            id=parcel_id,
            at=stored_time(now),
        )


def give_up_interrupted(connection: Connection, before: datetime) -> None:
    """Parcels that nobody has held since then, so their sender died: nobody knows whether they
    arrived."""
    connection.execute(
        "UPDATE outbox SET status = CASE WHEN repeatable = 1 THEN 'queued' ELSE 'unknown' END"
        " WHERE status = 'sending' AND taken_at < %(at)s",
        at=stored_time(before),
    )


def lanes_due(connection: Connection, now: datetime) -> list[str]:
    rows = connection.execute(
        "SELECT DISTINCT lane FROM outbox WHERE status = 'queued' AND next_attempt_at <= %(now)s",
        now=stored_time(now),
    )
    return [row["lane"] for row in rows]


def number_of(connection: Connection, conversation_id: str, remote_id: str) -> int | None:
    """The log's number of what the far side calls by its own id."""
    rows = connection.execute(
        "SELECT number FROM outbox WHERE lane = %(id)s AND remote_id = %(remote)s",
        id=conversation_id,
        remote=remote_id,
    )
    return int(rows[0]["number"]) if rows else None


def states(connection: Connection, conversation_id: str) -> dict[int, str]:
    """What became of the activities that had to leave: number -> status."""
    rows = connection.execute(
        f"SELECT number, {STATUS} AS status FROM outbox WHERE lane = %(id)s", id=conversation_id
    )
    return {int(row["number"]): str(row["status"]) for row in rows}


def remote_id_of(connection: Connection, parcel_id: str) -> str | None:
    rows = connection.execute("SELECT remote_id FROM outbox WHERE id = %(id)s", id=parcel_id)
    return rows[0]["remote_id"] if rows else None


def _is_busy(connection: Connection, lane: str) -> bool:
    rows = connection.execute(
        "SELECT 1 AS one FROM outbox WHERE lane = %(lane)s AND status IN ('queued', 'sending')"
        " LIMIT 1",
        lane=lane,
    )
    return bool(rows)


def _put(
    connection: Connection, lane: str, channel: str, number: int, now: datetime, taken_at: str = ""
) -> str:
    """Its id; it waits unless it is taken."""
    parcel_id = f"{lane}|{number}"
    connection.execute(
        "INSERT INTO outbox (id, lane, conversation_id, number, channel, status, attempts,"
        " taken_at, next_attempt_at, created_at) VALUES (%(id)s, %(lane)s, %(lane)s, %(number)s,"
        " %(channel)s, %(status)s, %(attempts)s, %(taken_at)s, %(at)s, %(at)s)",
        id=parcel_id,
        lane=lane,
        number=number,
        channel=channel,
        status="sending" if taken_at else "queued",
        attempts=1 if taken_at else 0,
        taken_at=taken_at,
        at=stored_time(now),
    )
    return parcel_id


def _parcel(connection: Connection, row: Mapping[str, Any]) -> Parcel:
    conversation_id, payload = row["conversation_id"], json.loads(row["payload"])
    conversation = log.get(connection, conversation_id) if conversation_id else None
    activity = None
    if conversation_id and row["lane"] == conversation_id:
        activity = log.activity(connection, conversation_id, row["number"])
    return Parcel(
        row["id"],
        row["lane"],
        row["channel"],
        row["attempts"],
        payload,
        conversation,
        activity,
        bool(row["repeatable"]),
    )


def _mark(connection: Connection, parcel_id: str, status: str, **columns: Any) -> None:
    connection.execute(
        "UPDATE outbox SET status = %(status)s, remote_id = %(remote_id)s, error = %(error)s"
        " WHERE id = %(id)s",
        id=parcel_id,
        status=status,
        remote_id=columns.get("remote_id"),
        error=columns.get("error"),
    )
