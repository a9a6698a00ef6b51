"""What a user admin does to other people's accounts, with the rules that protect the admins.

Each is one transaction that reads both people anew: what a page showed may be old.
"""

from datetime import datetime

from accounts import audit, links, sessions, store
from accounts.audit import Action
from accounts.links import NewLink, Purpose
from accounts.models import Person, Role, roles_text
from accounts.permissions import may_change
from storage.database import Connection


class NotAllowed(Exception):
    """Only a global admin touches a global admin, and nobody shuts out themselves."""


class LastAdmin(Exception):
    """Nobody would be left who can give roles."""


class Taken(Exception):
    """Somebody signs in with that address already."""


def change_roles(
    connection: Connection, actor_id: str, person_id: str, roles: frozenset[Role], now: datetime
) -> None:
    """A provider's people get their roles from the provider."""
    subject = _subject(connection, actor_id, person_id, roles)
    if not subject.local:
        raise NotAllowed
    if roles == subject.roles:
        return
    if Role.GLOBAL_ADMIN in subject.roles - roles:
        _keep_an_admin(connection, subject, now)
    store.set_roles(connection, person_id, roles, now)
    details = {"before": roles_text(subject.roles), "after": roles_text(roles)}
    audit.record(connection, actor_id, Action.ROLES_CHANGED, person_id, details, now)


def disable(connection: Connection, actor_id: str, person_id: str, now: datetime) -> None:
    """Ends the sessions and the links too."""
    subject = _subject(connection, actor_id, person_id)
    if subject.disabled:
        return
    if Role.GLOBAL_ADMIN in subject.roles:
        _keep_an_admin(connection, subject, now)
    if actor_id == person_id:
        raise NotAllowed
    store.set_disabled(connection, person_id, True, now)
    sessions.end_all(connection, person_id)
    links.withdraw_resets(connection, person_id)
    audit.record(connection, actor_id, Action.DISABLED, person_id, {}, now)


def enable(connection: Connection, actor_id: str, person_id: str, now: datetime) -> None:
    if _subject(connection, actor_id, person_id).disabled:
        store.set_disabled(connection, person_id, False, now)
        audit.record(connection, actor_id, Action.ENABLED, person_id, {}, now)


def end_sessions(connection: Connection, actor_id: str, person_id: str, now: datetime) -> None:
    _subject(connection, actor_id, person_id)
    count = sessions.end_all(connection, person_id)
    audit.record(connection, actor_id, Action.SESSIONS_ENDED, person_id, {"count": count}, now)


def make_reset_link(
    connection: Connection, actor_id: str, person_id: str, key: str, now: datetime
) -> None:
    subject = _subject(connection, actor_id, person_id)
    if not subject.local or subject.disabled:
        raise NotAllowed
    links.make(
        connection,
        NewLink(Purpose.RESET, key, subject.email, person_id=person_id, made_by=actor_id),
        now,
    )
    audit.record(connection, actor_id, Action.RESET_LINK_MADE, person_id, {}, now)


def invite(connection: Connection, actor: Person, new: NewLink, now: datetime) -> None:
    """Raises Taken for an address that signs in already."""
    if not may_change(_fresh(connection, actor.id), NOBODY, new.roles):
        raise NotAllowed
    if store.with_password(connection, new.email) is not None:
        raise Taken
    links.make(connection, new, now)
    details = {"email": new.email, "roles": roles_text(new.roles)}
    audit.record(connection, actor.id, Action.INVITED, new.email, details, now)


def withdraw(connection: Connection, actor_id: str, link_id: str, now: datetime) -> None:
    link = links.withdraw(connection, link_id)
    if link is None:
        return
    if not may_change(_fresh(connection, actor_id), NOBODY, link.roles):
        raise NotAllowed
    details = {"email": link.email}
    audit.record(connection, actor_id, Action.INVITATION_WITHDRAWN, link.email, details, now)


def join(
    connection: Connection, key: str, person: Person, password: str, now: datetime
) -> Person | None:
    """Accept an invitation: the link says the address and the roles, the person the rest.

    None if the link is worth nothing any more; raises Taken.
    """
    link = links.use(connection, key, now)
    if link is None or link.purpose is Purpose.RESET:
        return None
    joined = Person(person.id, person.name, link.email or person.email, link.roles, person.language)
    if not store.add(connection, joined, password, now):
        raise Taken
    details = {"roles": roles_text(link.roles)}
    audit.record(connection, joined.id, Action.JOINED, joined.id, details, now)
    return joined


def renew_password(connection: Connection, key: str, password: str, now: datetime) -> Person | None:
    """By a reset link; every session of the person ends."""
    link = links.use(connection, key, now)
    if link is None or link.person_id is None:
        return None
    change_password(connection, link.person_id, password, now)
    return store.get(connection, link.person_id)


def change_password(connection: Connection, person_id: str, password: str, now: datetime) -> None:
    """`password` is its hash. Every session ends, and so do the links."""
    store.set_password(connection, person_id, password, now)
    sessions.end_all(connection, person_id)
    links.withdraw_resets(connection, person_id)
    audit.record(connection, person_id, Action.PASSWORD_CHANGED, person_id, {}, now)


def admin_link(connection: Connection, key: str, now: datetime) -> None:
    """For whoever can read what the server prints."""
    roles = frozenset({Role.GLOBAL_ADMIN})
    links.make(connection, NewLink(Purpose.ADMIN, key, roles=roles), now)
    audit.record(connection, None, Action.ADMIN_LINK_MADE, "", {}, now)


def first_admin_link(connection: Connection, key: str, now: datetime) -> bool:
    """Made only while there is no global admin; whether it was."""
    if store.global_admins(connection, now):
        return False
    admin_link(connection, key, now)
    return True


NOBODY = Person("", "", "", frozenset(), "en")
"""Whom an invitation is for, before it is accepted."""


def _subject(
    connection: Connection,
    actor_id: str,
    person_id: str,
    roles: frozenset[Role] = frozenset(),
) -> Person:
    """Raises NotAllowed, also for somebody who is not there."""
    subject = store.get(connection, person_id)
    if subject is None or not may_change(_fresh(connection, actor_id), subject, roles):
        raise NotAllowed
    return subject


def _fresh(connection: Connection, actor_id: str) -> Person:
    actor = store.get(connection, actor_id)
    if actor is None:
        raise NotAllowed
    return actor


def _keep_an_admin(connection: Connection, subject: Person, now: datetime) -> None:
    if not store.global_admins(connection, now) - {subject.id}:
        raise LastAdmin
