"""Who is at the desk: the agent that a signed-in person is, and the colleagues to give work to."""

from datetime import datetime
from typing import Any

from accounts import store
from accounts.models import Person, Role
from accounts.permissions import Permission, may
from handoff import presence
from handoff.models import Agent, DeskError
from storage.database import Connection

AGENT_ROLES = (Role.BILLING_ADMIN, Role.HELPDESK_AGENT, Role.SALES_AGENT, Role.USER_ADMIN)
"""The roles that requests are routed to."""


def agent_of(person: Person) -> Agent:
    """What an agent may see follows from the person's roles, here and nowhere else."""
    roles = frozenset(str(role) for role in person.roles)
    return Agent(person.id, person.name, roles, sees_all=Role.GLOBAL_ADMIN in person.roles)


def colleague(connection: Connection, person_id: str) -> Agent:
    """Somebody who can be given a conversation. Raises DeskError."""
    person = store.get(connection, person_id)
    if person is None or not may(person, Permission.ANSWER):
        raise DeskError("Choose somebody who answers customers.")
    return agent_of(person)


def everybody(connection: Connection, now: datetime) -> list[dict[str, Any]]:
    """Who answers customers, with how they are at the desk now."""
    at_the_desk = {each.person_id: each for each in presence.everybody(connection, now)}
    return [
        _shape(person, at_the_desk.get(person.id))
        for person in store.everybody(connection)
        if may(person, Permission.ANSWER)
    ]


def _shape(person: Person, present: presence.Present | None) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "roles": sorted(person.roles),
        "availability": present.availability if present else presence.Availability.AWAY,
        "capacity": present.capacity if present else presence.DEFAULT_CAPACITY,
        "connected": bool(present and present.connected),
        "active": present.active if present else 0,
    }
