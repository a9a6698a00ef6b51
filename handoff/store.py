"""Handoff requests in the database."""

import json
from dataclasses import asdict
from datetime import datetime

from conversations.models import Owner, stored_time
from handoff.models import HandoffRequest
from storage.database import Connection


def request(
    connection: Connection, conversation_id: str, number: int, asked: HandoffRequest, now: datetime
) -> bool:
    """Store the request made in activity `number` and let the customer wait for a person.

    False if one is open already: nothing changes then.
    """
    at = stored_time(now)
    created = connection.execute(
        "INSERT INTO handoffs"
        " (id, conversation_id, status, reason, details, created_at, updated_at) VALUES"
        " (%(id)s, %(conversation)s, 'waiting', %(reason)s, %(details)s, %(at)s, %(at)s)"
        " ON CONFLICT (conversation_id) WHERE status IN ('waiting', 'active') DO NOTHING"
        " RETURNING id",
        id=f"{conversation_id}|{number}",
        conversation=conversation_id,
        reason=asked.reason,
        details=json.dumps(asdict(asked), ensure_ascii=False),
        at=at,
    )
    if created:
        connection.execute(
            "UPDATE conversations SET owner = %(owner)s WHERE id = %(id)s",
            owner=Owner.WAITING,
            id=conversation_id,
        )
        connection.notify("handoffs", conversation_id)
    return bool(created)
