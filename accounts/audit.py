"""Who did what: signing in, roles, exports, deletions. Rows are added and never changed."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.database import Connection
from storage.times import stored_time

PAGE = 100


class Action(StrEnum):
    """What accounts write; other parts name their own, as `conversation.exported`."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"
    INVITED = "invited"
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    JOINED = "joined"
    RESET_LINK_MADE = "reset_link_made"
    ADMIN_LINK_MADE = "admin_link_made"
    ROLES_CHANGED = "roles_changed"
    DISABLED = "disabled"
    ENABLED = "enabled"


@dataclass(frozen=True, slots=True)
class Event:
    """`person` is the name of who did it, empty when nobody was signed in."""

    id: str
    person: str
    action: str
    subject: str
    details: dict[str, Any]
    created_at: str


def record(
    connection: Connection,
    person_id: str | None,
    action: str,
    subject: str,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    """`subject` is the id of whom or what it was done to; `details` holds no customer's text."""
    connection.execute(
        "INSERT INTO audit (id, person_id, action, subject, details, created_at) VALUES"
        " (%(id)s, %(person)s, %(action)s, %(subject)s, %(details)s, %(at)s)",
        id=secrets.token_urlsafe(12),
        person=person_id,
        action=str(action),
        subject=subject,
        details=json.dumps(details, ensure_ascii=False),
        at=stored_time(now),
    )


def page(
    connection: Connection, before: tuple[str, str] = ("9", ""), action: str = ""
) -> list[Event]:
    """The newest first, `before` the time and id of the last one seen; PAGE of them."""
    rows = connection.execute(
        "SELECT audit.*, COALESCE(people.name, '') AS person, subjects.name AS subject_name"
        " FROM audit LEFT JOIN people ON people.id = audit.person_id"
        " LEFT JOIN people AS subjects ON subjects.id = audit.subject"
        " WHERE (audit.created_at < %(at)s OR (audit.created_at = %(at)s AND audit.id < %(id)s))"
        " AND (%(action)s = '' OR audit.action = %(action)s)"
        " ORDER BY audit.created_at DESC, audit.id DESC LIMIT %(page)s",
        at=before[0],
        id=before[1],
        action=action,
        page=PAGE,
    )
    return [_event(row) for row in rows]


def actions(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT DISTINCT action FROM audit ORDER BY action")
    return [str(row["action"]) for row in rows]


def _event(row: Mapping[str, Any]) -> Event:
    return Event(
        id=row["id"],
        person=row["person"],
        action=row["action"],
        subject=row["subject_name"] or row["subject"],
        details=json.loads(row["details"]),
        created_at=row["created_at"],
    )
