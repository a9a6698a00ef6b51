"""Store functions as the product has them, small."""

from storage.database import Connection

NOW = "2026-01-01T00:00:00+00:00"


class Refused(Exception):
    """What a store function raises for its own reasons."""


def begin(connection: Connection, conversation: str) -> None:
    connection.execute(
        "INSERT INTO conversations (id, channel, user_id, created_at, updated_at)"
        " VALUES (%(id)s, 'web', 'customer', %(now)s, %(now)s)",
        id=conversation,
        now=NOW,
    )


def append(connection: Connection, conversation: str, body: str = "hello") -> int:
    number: int = connection.execute(
        "UPDATE conversations SET next_number = next_number + 1 WHERE id = %(id)s"
        " RETURNING next_number - 1 AS number",
        id=conversation,
    )[0]["number"]
    connection.execute(
        "INSERT INTO activities (conversation_id, number, author, type, body, created_at)"
        " VALUES (%(id)s, %(number)s, 'customer', 'message', %(body)s, %(now)s)",
        id=conversation,
        number=number,
        body=body,
        now=NOW,
    )
    connection.notify("conversation", conversation)
    return number


def append_and_refuse(connection: Connection, conversation: str) -> None:
    append(connection, conversation)
    raise Refused


def numbers(connection: Connection, conversation: str) -> list[int]:
    rows = connection.execute(
        "SELECT number FROM activities WHERE conversation_id = %(id)s ORDER BY number",
        id=conversation,
    )
    return [row["number"] for row in rows]


def bodies(connection: Connection, conversation: str) -> list[str]:
    rows = connection.execute(
        "SELECT body FROM activities WHERE conversation_id = %(id)s ORDER BY number",
        id=conversation,
    )
    return [row["body"] for row in rows]
