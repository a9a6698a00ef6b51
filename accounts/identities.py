"""People who sign in through a provider: known by issuer, tenant and subject, never by e-mail."""

from dataclasses import dataclass
from datetime import datetime

from accounts import sessions, store
from accounts.models import Person, Role
from storage.database import Connection
from storage.times import stored_time


@dataclass(frozen=True, slots=True)
class Identity:
    """`tenant` is "" where the provider has none."""

    issuer: str
    tenant: str
    subject: str


def arrive(connection: Connection, identity: Identity, claimed: Person, now: datetime) -> Person:
    """The person behind the identity, with the roles the provider gives now; new the first time,
    unless there are none.

    `claimed` is who the provider says it is; its id is used for a new one. Who has no roles left
    is signed out everywhere.
    """
    known = _known(connection, identity)
    if known is None and not claimed.roles:
        return claimed
    if known is None:
        store.add(connection, claimed, "", now)
        _remember(connection, identity, claimed.id, now)
        return claimed
    if known.roles != claimed.roles:
        store.set_roles(connection, known.id, claimed.roles, now)
    if not claimed.roles:
        sessions.end_all(connection, known.id)
    store.set_email(connection, known.id, claimed.email, now)
    return store.get(connection, known.id) or known


def roles_from(mapping: tuple[tuple[str, Role], ...], given: object) -> frozenset[Role]:
    """What the claim `roles` names, in our words; others are nobody's business here."""
    return frozenset(role for name, role in mapping if isinstance(given, list) and name in given)


def _known(connection: Connection, identity: Identity) -> Person | None:
    rows = connection.execute(
        "SELECT people.* FROM identities JOIN people ON people.id = identities.person_id"
        " WHERE issuer = %(issuer)s AND tenant = %(tenant)s AND subject = %(subject)s",
        issuer=identity.issuer,
        tenant=identity.tenant,
        subject=identity.subject,
    )
    return Person.from_row(rows[0]) if rows else None


def _remember(connection: Connection, identity: Identity, person_id: str, now: datetime) -> None:
    connection.execute(
        "INSERT INTO identities (issuer, tenant, subject, person_id, created_at) VALUES"
        " (%(issuer)s, %(tenant)s, %(subject)s, %(person)s, %(at)s)",
        issuer=identity.issuer,
        tenant=identity.tenant,
        subject=identity.subject,
        person=person_id,
        at=stored_time(now),
    )
