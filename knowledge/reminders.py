"""Who is to read an answer again: entries whose `review_by` has come, each told once."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from knowledge.entry import Entry
from storage.database import Connection
from storage.times import stored_time

Reminder = Callable[[Connection, Sequence[Entry], datetime], None]
"""Tells the owners in the same transaction."""


def nobody(connection: Connection, due: Sequence[Entry], now: datetime) -> None:
    """Where there is no way to reach anybody."""


def due(entries: Iterable[Entry], today: date) -> list[Entry]:
    """Past or on their date, the oldest first."""
    return sorted(
        (entry for entry in entries if entry.review_by <= today),
        key=lambda entry: (entry.review_by, entry.id),
    )


def remind(
    connection: Connection,
    entries: Iterable[Entry],
    today: date,
    now: datetime,
    reminder: Reminder,
) -> None:
    """Of the entries whose owners have not been reminded of this date yet."""
    found = [entry for entry in due(entries, today) if _first_time(connection, entry, now)]
    if found:
        reminder(connection, found, now)


def _first_time(connection: Connection, entry: Entry, now: datetime) -> bool:
    return bool(
        connection.execute(
            "INSERT INTO review_reminders (entry_id, review_by, reminded_at)"
            " VALUES (%(id)s, %(review_by)s, %(at)s) ON CONFLICT DO NOTHING RETURNING entry_id",
            id=entry.id,
            review_by=entry.review_by.isoformat(),
            at=stored_time(now),
        )
    )
