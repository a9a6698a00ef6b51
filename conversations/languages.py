"""In which language the bot spoke in a part of a conversation; the conversation itself keeps only
the last one."""

import json
from collections.abc import Sequence

from storage.database import Connection

AT_ONCE = 200

Span = tuple[str, int, int]  # a conversation, its first activity's number, and the one after it


def spoken(connection: Connection, spans: Sequence[Span]) -> list[str]:
    """Of the last thing that the bot said in each; empty where it said nothing."""
    found: dict[Span, str] = {}
    for begin in range(0, len(spans), AT_ONCE):
        found |= _spoken(connection, spans[begin : begin + AT_ONCE])
    return [found.get(span, "") for span in spans]


def _spoken(connection: Connection, spans: Sequence[Span]) -> dict[Span, str]:
    values = ", ".join(f"(%(id{n})s, %(first{n})s, %(after{n})s)" for n in range(len(spans)))
    named: dict[str, object] = {}
    for n, (conversation_id, first, after) in enumerate(spans):
        named |= {f"id{n}": conversation_id, f"first{n}": first, f"after{n}": after}
    rows = connection.execute(
        f"WITH spans (id, first, after) AS (VALUES {values})"
        " SELECT s.id, s.first, s.after, a.body FROM spans s JOIN activities a"
        " ON a.conversation_id = s.id AND a.number = (SELECT MAX(b.number) FROM activities b"
        " WHERE b.conversation_id = s.id AND b.number >= s.first AND b.number < s.after"
        " AND b.author = 'bot' AND b.type = 'message')",
        **named,
    )
    return {(row["id"], int(row["first"]), int(row["after"])): _locale(row["body"]) for row in rows}


def _locale(body: str) -> str:
    return str(json.loads(body).get("locale") or "")
