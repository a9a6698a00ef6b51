"""Links that let somebody in once: the first admin's, an invitation, a new password."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from accounts.models import Role, roles_of, roles_text
from accounts.sessions import id_of
from storage.database import Connection
from storage.times import stored_time


class Purpose(StrEnum):
    ADMIN = "admin"
    INVITATION = "invitation"
    RESET = "reset"


LIFETIMES = {
    Purpose.ADMIN: timedelta(hours=24),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Link:
    """`id` is the hash of what stands in the link; `person_id` whose password it renews."""

    id: str
    purpose: Purpose
    person_id: str | None
    email: str
    roles: frozenset[Role]
    expires_at: str

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Link":
        return cls(
            id=row["id"],
            purpose=Purpose(row["purpose"]),
            person_id=row["person_id"],
            email=row["email"],
            roles=roles_of(row["roles"]),
            expires_at=row["expires_at"],
        )


@dataclass(frozen=True, slots=True)
class NewLink:
    """`key` is what stands in the link; only its hash is kept."""

    purpose: Purpose
    key: str
    email: str = ""
    roles: frozenset[Role] = frozenset()
    person_id: str | None = None
    made_by: str | None = None


def new_key() -> str:
    return secrets.token_urlsafe(24)


def make(connection: Connection, new: NewLink, now: datetime) -> None:
    """The older ones for the same are worth nothing then."""
    connection.execute(
        "DELETE FROM links WHERE purpose = %(purpose)s AND email = %(email)s"
        " AND COALESCE(person_id, '') = %(person)s",
        purpose=new.purpose,
        email=new.email,
        person=new.person_id or "",
    )
    connection.execute(
        "INSERT INTO links (id, purpose, person_id, email, roles, made_by, created_at, expires_at)"
        " VALUES (%(id)s, %(purpose)s, %(person)s, %(email)s, %(roles)s, %(by)s, %(at)s, %(end)s)",
        id=id_of(new.key),
        purpose=new.purpose,
        person=new.person_id,
        email=new.email,
        roles=roles_text(new.roles),
        by=new.made_by,
        at=stored_time(now),
        end=stored_time(now + LIFETIMES[new.purpose]),
    )


def find(connection: Connection, key: str, now: datetime) -> Link | None:
    """None if it was used, withdrawn or made too long ago."""
    rows = connection.execute(
        "SELECT * FROM links WHERE id = %(id)s AND used_at IS NULL AND expires_at > %(now)s",
        id=id_of(key),
        now=stored_time(now),
    )
    return Link.from_row(rows[0]) if rows else None


def use(connection: Connection, key: str, now: datetime) -> Link | None:
    """Of two who use it at the same time one gets None."""
    rows = connection.execute(
        "UPDATE links SET used_at = %(now)s WHERE id = %(id)s AND used_at IS NULL"
        " AND expires_at > %(now)s RETURNING *",
        id=id_of(key),
        now=stored_time(now),
    )
    return Link.from_row(rows[0]) if rows else None


def invitations(connection: Connection, now: datetime) -> list[Link]:
    """Those that nobody has accepted yet."""
    rows = connection.execute(
        "SELECT * FROM links WHERE purpose = %(purpose)s AND used_at IS NULL"
        " AND expires_at > %(now)s ORDER BY created_at DESC",
        purpose=Purpose.INVITATION,
        now=stored_time(now),
    )
    return [Link.from_row(row) for row in rows]


def withdraw(connection: Connection, link_id: str) -> Link | None:
    rows = connection.execute(
        "DELETE FROM links WHERE id = %(id)s AND purpose = %(purpose)s AND used_at IS NULL"
        " RETURNING *",
        id=link_id,
        purpose=Purpose.INVITATION,
    )
    return Link.from_row(rows[0]) if rows else None


def withdraw_resets(connection: Connection, person_id: str) -> None:
    connection.execute("DELETE FROM links WHERE person_id = %(person)s", person=person_id)
