"""A conversation as its agent reads it: what was said, and what only colleagues may read."""

from dataclasses import dataclass
from typing import Any

from conversations.models import Activity
from handoff.lists import visible
from handoff.models import Agent, NotFound
from storage.database import Connection

PAGE = 100


@dataclass(frozen=True, slots=True)
class Said:
    """`client_id` is what the agent's own page called it."""

    activity: Activity
    client_id: str


def after(connection: Connection, agent: Agent, conversation_id: str, number: int) -> list[Said]:
    """What comes after a number, at most PAGE of it."""
    rows = connection.execute(
        "SELECT * FROM activities WHERE conversation_id = %(id)s AND number > %(number)s"
        " ORDER BY number LIMIT %(page)s",
        id=conversation_id,
        number=number,
        page=PAGE,
    )
    return _said(agent, rows)


def before(
    connection: Connection, agent: Agent, conversation_id: str, number: int = 0
) -> list[Said]:
    """The latest PAGE before a number, or of all, oldest first."""
    rows = connection.execute(
        "SELECT * FROM activities WHERE conversation_id = %(id)s AND (%(number)s = 0"
        " OR number < %(number)s) ORDER BY number DESC LIMIT %(page)s",
        id=conversation_id,
        number=number,
        page=PAGE,
    )
    return _said(agent, rows[::-1])


def notes(connection: Connection, agent: Agent, conversation_id: str) -> list[dict[str, Any]]:
    """Of the episodes that the agent may see."""
    rows = connection.execute(
        "SELECT * FROM handoff_notes WHERE conversation_id = %(id)s ORDER BY created_at, id",
        id=conversation_id,
    )
    return [row for row in rows if _may_see(connection, agent, row["handoff_id"])]


def rating(connection: Connection, handoff_id: str) -> dict[str, Any] | None:
    rows = connection.execute("SELECT * FROM help_ratings WHERE handoff_id = %(id)s", id=handoff_id)
    return rows[0] if rows else None


def _said(agent: Agent, rows: list[dict[str, Any]]) -> list[Said]:
    own = f"agent|{agent.id}|"
    return [
        Said(
            Activity.from_row(row),
            external.removeprefix(own) if external.startswith(own) else "",
        )
        for row in rows
        for external in [row["external_id"] or ""]
    ]


def _may_see(connection: Connection, agent: Agent, handoff_id: str) -> bool:
    try:
        visible(connection, agent, handoff_id)
    except NotFound:
        return False
    return True
