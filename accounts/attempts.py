"""How often somebody may be wrong: counted in the database, so for all processes together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.store import login_of
from storage.database import Connection
from storage.times import stored_time

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Counted:
    """Who is counted, and how many wrong ones are allowed in WINDOW after the first."""

    who: str
    limit: int


def for_account(email: str) -> Counted:
    """Hashed: people type passwords into the wrong field."""
    hashed = hashlib.sha256(login_of(email).encode("utf-8", "replace")).hexdigest()
    return Counted(f"account:{hashed[:40]}", 5)


def for_address(address: str) -> Counted:
    return Counted(f"address:{address}", 20)


def take(connection: Connection, counted: Sequence[Counted], now: datetime) -> float:
    """Count a try as wrong before it is looked at, so that many at once are no way around.

    The seconds to wait if one of the limits is reached; nothing is counted then.
    """
    at, before = stored_time(now), stored_time(now - WINDOW)
    connection.execute("DELETE FROM attempts WHERE since <= %(before)s", before=before)
    taken = [_one_more(connection, each, at) for each in counted]
    over = [
        since for each, (wrong, since) in zip(counted, taken, strict=True) if wrong > each.limit
    ]
    if not over:
        return 0
    for each in counted:
        _one_less(connection, each)
    return max((datetime.fromisoformat(since) + WINDOW - now).total_seconds() for since in over)


def forgive(connection: Connection, counted: Sequence[Counted]) -> None:
    """The try was right: the account starts again, the address gets this one back."""
    for each in counted:
        if each.who.startswith("account:"):
            connection.execute("DELETE FROM attempts WHERE who = %(who)s", who=each.who)
        else:
            _one_less(connection, each)


def _one_more(connection: Connection, counted: Counted, at: str) -> tuple[int, str]:
    rows = connection.execute(
        "INSERT INTO attempts (who, wrong, since) VALUES (%(who)s, 1, %(at)s)"
        " ON CONFLICT (who) DO UPDATE SET wrong = attempts.wrong + 1 RETURNING wrong, since",
        who=counted.who,
        at=at,
    )
    return int(rows[0]["wrong"]), str(rows[0]["since"])


def _one_less(connection: Connection, counted: Counted) -> None:
    connection.execute("UPDATE attempts SET wrong = wrong - 1 WHERE who = %(who)s", who=counted.who)
