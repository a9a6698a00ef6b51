"""Sessions: the browser holds a random key, the database its hash."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Person, Session
from accounts.store import PEOPLE
from storage.database import Connection
from storage.times import stored_time

SEEN_EVERY = timedelta(minutes=1)
"""Sooner than this nobody is noted as seen again: a page is not a write."""
MAX_AGENT = 300


@dataclass(frozen=True, slots=True)
class Lifetimes:
    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from."""

    agent: str = ""
    address: str = ""


def new_key() -> str:
    return secrets.token_urlsafe(32)


def id_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def csrf_token(key: str) -> str:
    """Bound to the session, and useless for finding its key."""
    return hmac.new(key.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()[:40]


def begin(
    connection: Connection,
    key: str,
    person_id: str,
    browser: Browser,
    now: datetime,
    lifetimes: Lifetimes,
) -> None:
    """Also forgets what expired, whoever's it was."""
    at = stored_time(now)
    connection.execute("DELETE FROM sessions WHERE expires_at <= %(at)s", at=at)
    connection.execute(
        "INSERT INTO sessions (id, person_id, created_at, seen_at, expires_at, agent, address)"
        " VALUES (%(id)s, %(person)s, %(at)s, %(at)s, %(expires)s, %(agent)s, %(address)s)",
        id=id_of(key),
        person=person_id,
        at=at,
        expires=stored_time(now + lifetimes.absolute),
        agent=browser.agent[:MAX_AGENT],
        address=browser.address,
    )
    connection.execute(
        "UPDATE people SET signed_in_at = %(at)s WHERE id = %(id)s", at=at, id=person_id
    )


def find(
    connection: Connection, session_id: str, now: datetime, lifetimes: Lifetimes
) -> tuple[Person, Session] | None:
    """Who it is, unless the session ended or the person was disabled."""
    rows = connection.execute(
        "SELECT people.*, sessions.created_at AS began_at,"
        " sessions.seen_at, sessions.expires_at, sessions.agent, sessions.address"
        " FROM sessions JOIN people ON people.id = sessions.person_id"
        " WHERE sessions.id = %(id)s AND sessions.expires_at > %(now)s"
        " AND sessions.seen_at > %(idle)s AND people.disabled = 0",
        id=session_id,
        now=stored_time(now),
        idle=stored_time(now - lifetimes.idle),
    )
    if not rows:
        return None
    person = Person.from_row(rows[0])
    row = {**rows[0], "id": session_id, "created_at": rows[0]["began_at"]}
    return person, _session(row, person.id)


def seen(connection: Connection, session_ids: list[str], now: datetime) -> None:
    for session_id in session_ids:
        connection.execute(
            "UPDATE sessions SET seen_at = %(at)s WHERE id = %(id)s AND seen_at < %(before)s",
            at=stored_time(now),
            before=stored_time(now - SEEN_EVERY),
            id=session_id,
        )


def of_person(
    connection: Connection, person_id: str, now: datetime, lifetimes: Lifetimes
) -> list[Session]:
    """Those that are open, the last seen first."""
    rows = connection.execute(
        "SELECT * FROM sessions WHERE person_id = %(person)s AND expires_at > %(now)s"
        " AND seen_at > %(idle)s ORDER BY seen_at DESC, id",
        person=person_id,
        now=stored_time(now),
        idle=stored_time(now - lifetimes.idle),
    )
    return [_session(row, person_id) for row in rows]


def end(connection: Connection, session_id: str, person_id: str) -> bool:
    """Whether there was such a session of that person."""
    rows = connection.execute(
        "DELETE FROM sessions WHERE id = %(id)s AND person_id = %(person)s RETURNING id",
        id=session_id,
        person=person_id,
    )
    connection.notify(PEOPLE, person_id)
    return bool(rows)


def end_by_key(connection: Connection, key: str) -> None:
    """Whoever's it was: the browser goes on as somebody else."""
    rows = connection.execute(
        "DELETE FROM sessions WHERE id = %(id)s RETURNING person_id", id=id_of(key)
    )
    for row in rows:
        connection.notify(PEOPLE, str(row["person_id"]))


def end_all(connection: Connection, person_id: str, but: str = "") -> int:
    """How many ended; the session `but` stays."""
    rows = connection.execute(
        "DELETE FROM sessions WHERE person_id = %(person)s AND id <> %(but)s RETURNING id",
        person=person_id,
        but=but,
    )
    connection.notify(PEOPLE, person_id)
    return len(rows)


def _session(row: dict[str, object], person_id: str) -> Session:
    return Session(
        id=str(row["id"]),
        person_id=person_id,
        created_at=str(row["created_at"]),
        seen_at=str(row["seen_at"]),
        expires_at=str(row["expires_at"]),
        agent=str(row["agent"]),
        address=str(row["address"]),
    )
