"""Which agent somebody in Teams is: by the settings' list of people, never by a name or an address
that Teams tells."""

from collections.abc import Mapping

from accounts import store
from accounts.models import Person
from accounts.permissions import Permission, may
from handoff.models import Agent
from storage.database import Connection
from web.agent_people import agent_of

PREFIX = "teams:"


class AgentsInTeams:
    """`people` maps a user's object id to an account's id or sign-in address."""

    def __init__(self, people: Mapping[str, str], everybody: bool) -> None:
        self._people = {object_id.lower(): account for object_id, account in people.items()}
        self._everybody = everybody

    def __call__(
        self, connection: Connection, object_id: str, name: str, anyone: bool
    ) -> Agent | None:
        """An account that may not answer customers may not here either, whoever else may."""
        if not object_id:
            return None
        account = self._people.get(object_id.lower())
        if account is None:
            open_to_all = anyone and self._everybody
            return Agent(f"{PREFIX}{object_id}", name or object_id) if open_to_all else None
        person = _person(connection, account)
        return agent_of(person) if person and may(person, Permission.ANSWER) else None


def _person(connection: Connection, account: str) -> Person | None:
    found = store.with_password(connection, account)
    return found[0] if found else store.get(connection, account)
