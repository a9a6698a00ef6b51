"""Handoffs in the database: one record per conversation and episode, and a row for every change."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from handoff.models import Action, Agent, Handoff, HandoffRequest, NotFound, Status
from storage.database import Connection
from storage.times import stored_time

TOPIC = "handoffs"
SAID = "handoffs said"
"""The keys of both are conversations; what is said changes lists, and nothing of the handoff."""
SELECT = (
    "SELECT h.*, c.channel, c.language, c.user_id AS customer_id, c.user_name AS customer_name"
    " FROM handoffs h JOIN conversations c ON c.id = h.conversation_id"
)


def create(
    connection: Connection,
    conversation_id: str,
    number: int,
    asked: HandoffRequest,
    role: str,
    now: datetime,
) -> Handoff | None:
    """The handoff requested in activity `number`; None if one is open: nothing changes then."""
    created = connection.execute(
        "INSERT INTO handoffs (id, conversation_id, number, status, reason, details, topic, role,"
        " waiting_since, place_since, created_at, updated_at) VALUES (%(id)s, %(conversation)s,"
        " %(number)s, 'waiting', %(reason)s, %(details)s, %(topic)s, %(role)s, %(at)s, %(at)s,"
        " %(at)s, %(at)s)"
        " ON CONFLICT (conversation_id) WHERE status IN ('waiting', 'active') DO NOTHING"
        " RETURNING id",
        id=f"{conversation_id}|{number}",
        conversation=conversation_id,
        number=number,
        reason=asked.reason,
        details=json.dumps(asdict(asked), ensure_ascii=False),
        topic=asked.topic,
        role=role,
        at=stored_time(now),
    )
    return get(connection, created[0]["id"]) if created else None


def get(connection: Connection, handoff_id: str) -> Handoff:
    """Raises NotFound."""
    rows = connection.execute(f"{SELECT} WHERE h.id = %(id)s", id=handoff_id)
    if not rows:
        raise NotFound
    return Handoff.from_row(rows[0])


def open_in(connection: Connection, conversation_id: str) -> Handoff | None:
    rows = connection.execute(
        f"{SELECT} WHERE h.conversation_id = %(id)s AND h.status IN ('waiting', 'active')",
        id=conversation_id,
    )
    return Handoff.from_row(rows[0]) if rows else None


def latest_in(connection: Connection, conversation_id: str, handoff_id: str = "") -> Handoff | None:
    """The conversation's last handoff, or the one with this id if it is the conversation's."""
    rows = connection.execute(
        f"{SELECT} WHERE h.conversation_id = %(conversation)s"
        " AND (h.id = %(id)s OR %(id)s = '') ORDER BY h.created_at DESC, h.number DESC LIMIT 1",
        conversation=conversation_id,
        id=handoff_id,
    )
    return Handoff.from_row(rows[0]) if rows else None


def change(
    connection: Connection,
    before: Handoff,
    action: Action,
    who: Agent,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    expect: str = "",
    /,
    **columns: object,
) -> Handoff | None:
    """Set columns and keep who did it; None when the handoff is not as it was before.

    The one conditional UPDATE that decides between two who act at once: what it was before is its
    status and agent, or what `expect` says in SQL.
    """
    sets = "".join(f", {name} = %({name})s" for name in columns)
    condition = expect or "status = %(was)s AND agent_id = %(was_agent)s"
    changed = connection.execute(
        f"UPDATE handoffs SET updated_at = %(at)s, revision = revision + 1{sets}"
        f" WHERE id = %(id)s AND {condition} RETURNING id",
        id=before.id,
        at=stored_time(now),
        was=before.status,
        was_agent=before.agent_id,
        **columns,
    )
    if not changed:
        return None
    after = get(connection, before.id)
    _keep(connection, before.status, after, action, who, now, details or {})
    return after


def put_in_queue(
    connection: Connection,
    before: Handoff,
    action: Action,
    who: Agent,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    /,
    **columns: object,
) -> Handoff | None:
    """As change: it waits anew from now on, at the place it had before."""
    anew = {
        "status": Status.WAITING,
        "agent_id": "",
        "agent_name": "",
        "waiting_since": stored_time(now),
        "watched": 0,
        "told_next": 0,
    }
    return change(connection, before, action, who, now, details, **anew, **columns)


def first_change(
    connection: Connection, handoff: Handoff, action: Action, who: Agent, now: datetime
) -> None:
    """The row that begins the history."""
    _keep(connection, "", handoff, action, who, now, {})


def _keep(
    connection: Connection,
    was: str,
    handoff: Handoff,
    action: Action,
    who: Agent,
    now: datetime,
    details: Mapping[str, Any],
) -> None:
    connection.execute(
        "INSERT INTO handoff_changes (handoff_id, revision, at, person_id, person_name, action,"
        " from_status, to_status, details) VALUES (%(id)s, %(revision)s, %(at)s, %(person)s,"
        " %(name)s, %(action)s, %(from)s, %(to)s, %(details)s)",
        **{"from": was, "to": handoff.status},
        id=handoff.id,
        revision=handoff.revision,
        at=stored_time(now),
        person=who.id,
        name=who.name,
        action=action,
        details=json.dumps(dict(details), ensure_ascii=False),
    )
    connection.notify(TOPIC, handoff.conversation_id)


def history(connection: Connection, handoff_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        "SELECT * FROM handoff_changes WHERE handoff_id = %(id)s ORDER BY revision", id=handoff_id
    )
    return [{**row, "details": json.loads(row["details"])} for row in rows]


def episodes(connection: Connection, conversation_id: str) -> list[Handoff]:
    rows = connection.execute(
        f"{SELECT} WHERE h.conversation_id = %(id)s ORDER BY h.number", id=conversation_id
    )
    return [Handoff.from_row(row) for row in rows]
