"""What agents propose for the knowledge base: a question and the reply that helped. Editors take
it up; it is theirs to write."""

from datetime import datetime
from typing import Any

from handoff import store
from handoff.models import Agent, DeskError
from storage.database import Connection
from storage.times import stored_time

STATUSES = ("open", "taken", "declined")


def propose(
    connection: Connection,
    handoff_id: str,
    agent: Agent,
    question: str,
    answer: str,
    language: str,
    client_id: str,
    now: datetime,
) -> str:
    """Its id; the same client id again is the same proposal."""
    handoff = store.get(connection, handoff_id)
    if not question.strip() or not answer.strip():
        raise DeskError("A proposal has a question and a reply.")
    proposal_id = f"{agent.id}|{client_id}"
    connection.execute(
        "INSERT INTO proposals (id, handoff_id, question, answer, language, person_id,"
        " person_name, created_at) VALUES (%(id)s, %(handoff)s, %(question)s, %(answer)s,"
        " %(language)s, %(person)s, %(name)s, %(at)s) ON CONFLICT (id) DO NOTHING",
        id=proposal_id,
        handoff=handoff.id,
        question=question.strip(),
        answer=answer.strip(),
        language=language,
        person=agent.id,
        name=agent.name,
        at=stored_time(now),
    )
    connection.notify("proposals", proposal_id)
    return proposal_id


def all_open(connection: Connection) -> list[dict[str, Any]]:
    """Oldest first: the editors' list."""
    return connection.execute("SELECT * FROM proposals WHERE status = 'open' ORDER BY created_at")


def settle(connection: Connection, proposal_id: str, status: str) -> bool:
    """An editor took it up or declined it; False when somebody else did before."""
    if status not in STATUSES:
        raise DeskError("There is no such status.")
    return bool(
        connection.execute(
            "UPDATE proposals SET status = %(status)s WHERE id = %(id)s AND status = 'open'"
            " RETURNING id",
            status=status,
            id=proposal_id,
        )
    )


def reopen(connection: Connection, proposal_id: str) -> None:
    """An editor takes the decision back."""
    connection.execute("UPDATE proposals SET status = 'open' WHERE id = %(id)s", id=proposal_id)
    connection.notify("proposals", proposal_id)
