"""The lists agents work from: which handoffs an agent may see, view by view, with the last words.

What stands in SQL here is Agent.may_see; a test holds the two together.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from conversations.models import Author
from handoff.models import Agent, Handoff, NotFound
from handoff.store import get
from storage.database import Connection

PAGE = 100
CANDIDATES = 400
"""Found conversations looked at; most searches end far below."""


class View(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    SNOOZED = "snoozed"
    MESSAGES = "messages"  # left with an address, while nobody was there
    ESCALATED = "escalated"
    RESOLVED = "resolved"


_OPEN = "h.status IN ('waiting', 'active')"
_ESCALATED = (
    "EXISTS (SELECT 1 FROM escalations e WHERE e.handoff_id = h.id AND e.status <> 'closed')"
)
_VIEWS: Mapping[View, str] = {
    View.MINE: "h.status = 'active' AND h.agent_id = %(me)s AND h.snoozed_until = ''",
    View.UNASSIGNED: "h.status = 'waiting' AND h.contact = '' AND h.snoozed_until = ''",
    View.ALL: f"{_OPEN} AND h.snoozed_until = ''",
    View.SNOOZED: f"{_OPEN} AND h.snoozed_until <> ''",
    View.MESSAGES: "h.status = 'waiting' AND h.contact <> '' AND h.snoozed_until = ''",
    View.ESCALATED: _ESCALATED,
    View.RESOLVED: "h.status IN ('resolved', 'abandoned', 'expired')",
}
_FIRST_COME = "h.priority DESC, h.place_since, h.id"
_ORDERS: Mapping[View, str] = {
    View.SNOOZED: "h.snoozed_until, h.id",
    View.ESCALATED: "escalated_at, h.id",
    View.RESOLVED: "h.closed_at DESC, h.id",
}
_LAST_WORDS = (
    "(SELECT b.{column} FROM activities b WHERE b.conversation_id = h.conversation_id"
    " AND b.type = 'message' AND b.author IN ('customer', 'agent')"
    " ORDER BY b.number DESC LIMIT 1)"
)
_LAST_NUMBER, _LAST_AUTHOR = (_LAST_WORDS.format(column=name) for name in ("number", "author"))
_SELECT = (
    "SELECT h.*, c.channel, c.language, c.user_id AS customer_id, c.user_name AS customer_name,"
    " a.author AS last_author, a.body AS last_body, a.created_at AS last_at,"
    " (SELECT MIN(e.created_at) FROM escalations e WHERE e.handoff_id = h.id"
    " AND e.status <> 'closed') AS escalated_at"
    " FROM handoffs h JOIN conversations c ON c.id = h.conversation_id"
    " LEFT JOIN activities a ON a.conversation_id = h.conversation_id"
    f" AND a.number = {_LAST_NUMBER}"
)
_PEOPLE = ("c.user_name", "c.user_id", "h.contact", "h.labels", "h.agent_name")
_IN_PEOPLE = " OR ".join(f"LOWER({column}) LIKE %(like)s ESCAPE '!'" for column in _PEOPLE)
_IN_TRANSCRIPT = "b.type = 'message' AND LOWER(b.body) LIKE %(body)s ESCAPE '!'"
_FOUND = (
    f"({_IN_PEOPLE} OR EXISTS (SELECT 1 FROM escalations e WHERE e.handoff_id = h.id"
    " AND LOWER(e.reference) LIKE %(like)s ESCAPE '!')"
    " OR EXISTS (SELECT 1 FROM activities b WHERE b.conversation_id = h.conversation_id"
    f" AND {_IN_TRANSCRIPT}))"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an agent wants listed. `words` are searched for in every view the agent may see."""

    view: View = View.UNASSIGNED
    words: str = ""
    role: str = ""
    channel: str = ""
    language: str = ""
    limit: int = PAGE


@dataclass(frozen=True, slots=True)
class Listed:
    """`words` are the last said by customer or agent, or those that were searched for."""

    handoff: Handoff
    words: str
    author: str
    at: str
    escalated_at: str
    awaits: bool
    """The customer spoke last."""


def visible(connection: Connection, agent: Agent, handoff_id: str) -> Handoff:
    """The handoff, if there is one and the agent may see it. Raises NotFound for both."""
    handoff = get(connection, handoff_id)
    if not agent.may_see(handoff):
        raise NotFound
    return handoff


def listed(connection: Connection, agent: Agent, asked: Asked) -> list[Listed]:
    """At most `limit` of them, first those to take up first; of a search, the newest."""
    limit = CANDIDATES if asked.words else asked.limit
    where, params = _where(agent, asked)
    order = "h.updated_at DESC, h.id" if asked.words else _ORDERS.get(asked.view, _FIRST_COME)
    sql = f"{_SELECT} WHERE {where} ORDER BY {order} LIMIT %(limit)s"
    rows = connection.execute(sql, **params, limit=limit)
    if not asked.words:
        return [_listed(row) for row in rows]
    found = (_found(connection, _listed(row), asked.words) for row in rows)
    return [each for each in found if each][: asked.limit]


def counts(connection: Connection, agent: Agent) -> dict[str, int]:
    """How many are in each view of open ones, and as `awaiting` how many of the agent's own the
    customer spoke in last."""
    may_see, params = seen(agent)
    views = [view for view in View if view is not View.RESOLVED]
    sums = [f"SUM(CASE WHEN {_VIEWS[view]} THEN 1 ELSE 0 END) AS {view}_n" for view in views]
    awaiting = f"{_VIEWS[View.MINE]} AND {_LAST_AUTHOR} = 'customer'"
    sums.append(f"SUM(CASE WHEN {awaiting} THEN 1 ELSE 0 END) AS awaiting_n")
    rows = connection.execute(
        f"SELECT {', '.join(sums)} FROM handoffs h WHERE ({_OPEN} OR {_ESCALATED}) AND {may_see}",
        **params,
    )
    return {name.removesuffix("_n"): int(n or 0) for name, n in rows[0].items()}


def _where(agent: Agent, asked: Asked) -> tuple[str, dict[str, object]]:
    may_see, params = seen(agent)
    conditions = [may_see, _FOUND if asked.words else _VIEWS[asked.view]]
    if asked.words:
        params |= _patterns(asked.words)
    for column, value in (
        ("h.role", asked.role),
        ("c.channel", asked.channel),
        ("c.language", asked.language),
    ):
        if value:
            name = column.partition(".")[2]
            conditions.append(f"{column} = %({name})s")
            params[name] = value
    return " AND ".join(conditions), params


def seen(agent: Agent) -> tuple[str, dict[str, object]]:
    """Agent.may_see as a condition."""
    params: dict[str, object] = {"me": agent.id}
    if agent.sees_all:
        return "1 = 1", params
    roles = {f"role{at}": role for at, role in enumerate(sorted(agent.roles))}
    names = ", ".join(f"%({name})s" for name in roles)
    in_role = f" OR h.role IN ({names})" if roles else ""
    return f"(h.widened = 1 OR h.agent_id = %(me)s{in_role})", params | roles


def _patterns(words: str) -> dict[str, object]:
    """In the body's JSON quotes and line ends are escaped."""
    lower = words.lower()
    return {"like": _like(lower), "body": _like(json.dumps(lower, ensure_ascii=False)[1:-1])}


def _like(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, f"!{special}")
    return f"%{text}%"


def _listed(row: Mapping[str, Any]) -> Listed:
    return Listed(
        Handoff.from_row(row),
        _text(row["last_body"]),
        row["last_author"] or "",
        row["last_at"] or "",
        row["escalated_at"] or "",
        row["last_author"] == Author.CUSTOMER,
    )


def _found(connection: Connection, one: Listed, words: str) -> Listed | None:
    """With the words in which it was found. The pattern also meets the JSON around the texts."""
    rows = connection.execute(
        "SELECT b.author, b.body, b.created_at FROM activities b"
        f" WHERE b.conversation_id = %(id)s AND {_IN_TRANSCRIPT} ORDER BY b.number DESC LIMIT 50",
        id=one.handoff.conversation_id,
        **_patterns(words),
    )
    for row in rows:
        text = _text(row["body"])
        if words.lower() in text.lower():
            around = _around(text, text.lower().index(words.lower()))
            return Listed(
                one.handoff, around, row["author"], row["created_at"], one.escalated_at, one.awaits
            )
    return one if _is_about(connection, one.handoff, words.lower()) else None


def _is_about(connection: Connection, handoff: Handoff, words: str) -> bool:
    known = (handoff.customer_name, handoff.customer_id, handoff.contact, handoff.agent_name)
    if any(words in each.lower() for each in (*known, *handoff.labels)):
        return True
    rows = connection.execute(
        "SELECT reference FROM escalations WHERE handoff_id = %(id)s", id=handoff.id
    )
    return any(words in row["reference"].lower() for row in rows)


def _around(text: str, at: int) -> str:
    start = max(0, at - 30)
    return ("…" if start else "") + text[start : start + 160]


def _text(body: str | None) -> str:
    text = json.loads(body).get("text") if body else ""
    return text[:300] if isinstance(text, str) else ""
