"""Who is to read an answer again: entries whose `review_by` has come, each told once."""

from collections.abc import Iterable
from datetime import date, datetime

from knowledge.entry import Entry
from storage.database import Connection
from storage.times import stored_time

TOPIC = "review_due"  # of the notices; the key is the entry's id


def due(entries: Iterable[Entry], today: date) -> list[Entry]:
    """Past or on their date, the oldest first."""
    return sorted(
        (entry for entry in entries if entry.review_by <= today),
        key=lambda entry: (entry.review_by, entry.id),
    )


def remind(
    connection: Connection, entries: Iterable[Entry], today: date, now: datetime
) -> list[Entry]:
    """The entries whose owners have not been reminded of this date yet; they count as reminded
    from now on. A notice goes out for each."""
    found = [entry for entry in due(entries, today) if _first_time(connection, entry, now)]
    for entry in found:
        connection.notify(TOPIC, entry.id)
    return found


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
