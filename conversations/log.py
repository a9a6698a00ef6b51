"""The conversation log: one append-only, numbered list of activities per conversation.

Short functions of a connection; the caller runs each inside one transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conversations.models import Activity, Conversation, NewActivity, Owner
from storage.database import Connection, Row
from storage.json_text import json_text
from storage.times import stored_time

PAGE = 200


@dataclass(frozen=True, slots=True)
class Participant:
    """Who speaks in which conversation; `reference` is what a channel needs to answer there."""

    conversation_id: str
    channel: str
    user_id: str
    user_name: str = ""
    language: str = ""
    reference: Mapping[str, Any] | None = None


def begin(connection: Connection, who: Participant, now: datetime) -> None:
    """Make the conversation if it is new, or take over its newer reference."""
    connection.execute(
        "INSERT INTO conversations (id, channel, user_id, user_name, language, reference,"
        " created_at, updated_at) VALUES (%(id)s, %(channel)s, %(user_id)s, %(user_name)s,"
        " %(language)s, %(reference)s, %(at)s, %(at)s) ON CONFLICT (id) DO UPDATE"
        " SET reference = excluded.reference WHERE excluded.reference <> '{}'"
        " AND excluded.reference <> conversations.reference",
        id=who.conversation_id,
        channel=who.channel,
        user_id=who.user_id,
        user_name=who.user_name,
        language=who.language,
        reference=json_text(who.reference or {}),
        at=stored_time(now),
    )


def arrive(
    connection: Connection, who: Participant, new: NewActivity, now: datetime
) -> tuple[Conversation, int, bool]:
    """Append what a participant sends, to a conversation that may be new.

    The conversation as it is after it, the activity's number, and whether it is new.
    """
    found = _counted(connection, who, now)
    if not found:
        begin(connection, who, now)
        found = _counted(connection, who, now)
    conversation = Conversation.from_row(found[0])
    number = int(found[0]["next_number"]) - 1
    number, fresh = _numbered(connection, conversation.id, number, new, now)
    return conversation, number, fresh


def append(
    connection: Connection, conversation_id: str, new: NewActivity, now: datetime
) -> tuple[int, bool]:
    """The activity's number, and whether it is new; the same external id again is the same row."""
    number = _take_numbers(connection, conversation_id, 1, now)
    return _numbered(connection, conversation_id, number, new, now)


def _counted(connection: Connection, who: Participant, now: datetime) -> list[Row]:
    """Take a number and the newer reference; no row when there is no such conversation."""
    return connection.execute(
        "UPDATE conversations SET next_number = next_number + 1, updated_at = %(at)s,"
        " reference = CASE WHEN %(reference)s = '{}' THEN reference ELSE %(reference)s END"
        " WHERE id = %(id)s RETURNING *",
        id=who.conversation_id,
        reference=json_text(who.reference or {}),
        at=stored_time(now),
    )


def _numbered(
    connection: Connection, conversation_id: str, number: int, new: NewActivity, now: datetime
) -> tuple[int, bool]:
    """The counter was taken before: it locks the conversation, so that two deliveries of one
    activity cannot both find it missing. One that is known gives its number back."""
    if _insert(connection, conversation_id, number, new, now):
        connection.notify("activities", conversation_id)
        return number, True
    _take_numbers(connection, conversation_id, -1, now)
    known = connection.execute(
        "SELECT number FROM activities"
        " WHERE conversation_id = %(id)s AND external_id = %(external_id)s",
        id=conversation_id,
        external_id=new.external_id,
    )
    return int(known[0]["number"]), False


def append_replies(
    connection: Connection,
    conversation: Conversation,
    replies: Sequence[NewActivity],
    state: Mapping[str, Any],
    language: str,
    now: datetime,
) -> list[int] | None:
    """Commit what the bot says and its new state, if the owner is still whom it spoke for.

    None means that somebody else owns the conversation by now: nothing was written.
    """
    still_ours = connection.execute(
        "UPDATE conversations SET next_number = next_number + %(count)s, state = %(state)s,"
        " language = %(language)s, updated_at = %(at)s WHERE id = %(id)s AND tenure = %(tenure)s"
        " RETURNING next_number",
        count=len(replies),
        state=json_text(state),
        language=language,
        at=stored_time(now),
        id=conversation.id,
        tenure=conversation.tenure,
    )
    if not still_ours:
        return None
    first = int(still_ours[0]["next_number"]) - len(replies)
    for number, reply in enumerate(replies, first):
        _insert(connection, conversation.id, number, reply, now)
    if replies:
        connection.notify("activities", conversation.id)
    return list(range(first, first + len(replies)))


def since(connection: Connection, conversation_id: str, number: int) -> list[Activity]:
    """The activities after a number, oldest first, at most PAGE of them."""
    rows = connection.execute(
        "SELECT * FROM activities WHERE conversation_id = %(id)s AND number > %(number)s"
        " ORDER BY number LIMIT %(page)s",
        id=conversation_id,
        number=number,
        page=PAGE,
    )
    return [Activity.from_row(row) for row in rows]


def get(connection: Connection, conversation_id: str) -> Conversation | None:
    rows = connection.execute("SELECT * FROM conversations WHERE id = %(id)s", id=conversation_id)
    return Conversation.from_row(rows[0]) if rows else None


def activity(connection: Connection, conversation_id: str, number: int) -> Activity | None:
    rows = connection.execute(
        "SELECT * FROM activities WHERE conversation_id = %(id)s AND number = %(number)s",
        id=conversation_id,
        number=number,
    )
    return Activity.from_row(rows[0]) if rows else None


def last_number(connection: Connection, conversation_id: str) -> int:
    rows = connection.execute(
        "SELECT next_number FROM conversations WHERE id = %(id)s", id=conversation_id
    )
    return int(rows[0]["next_number"]) - 1 if rows else 0


def set_owner(
    connection: Connection, conversation_id: str, owner: Owner, reopen_until: str = ""
) -> None:
    connection.execute(
        "UPDATE conversations SET owner = %(owner)s, tenure = tenure + 1,"
        " reopen_until = %(until)s WHERE id = %(id)s",
        owner=owner,
        until=reopen_until,
        id=conversation_id,
    )


def _take_numbers(connection: Connection, conversation_id: str, count: int, now: datetime) -> int:
    rows = connection.execute(
        "UPDATE conversations SET next_number = next_number + %(count)s, updated_at = %(at)s"
        " WHERE id = %(id)s RETURNING next_number",
        count=count,
        at=stored_time(now),
        id=conversation_id,
    )
    return int(rows[0]["next_number"]) - count


def _insert(
    connection: Connection, conversation_id: str, number: int, new: NewActivity, now: datetime
) -> bool:
    """False when an activity with its external id is there."""
    rows = connection.execute(
        "INSERT INTO activities (conversation_id, number, external_id, author, type, body,"
        " entry_id, version, confidence, created_at) VALUES (%(id)s, %(number)s, %(external_id)s,"
        " %(author)s, %(type)s, %(body)s, %(entry_id)s, %(version)s, %(confidence)s, %(at)s)"
        " ON CONFLICT (conversation_id, external_id) DO NOTHING RETURNING number",
        id=conversation_id,
        number=number,
        external_id=new.external_id,
        author=new.author,
        type=new.type,
        body=json_text(new.body),
        entry_id=new.entry_id,
        version=new.version,
        confidence=new.confidence,
        at=stored_time(now),
    )
    return bool(rows)
