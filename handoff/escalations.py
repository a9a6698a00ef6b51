"""What the partner cannot solve and passes on to Microsoft, with its reference and what became of
it. The vehicles are the policy's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handoff import store
from handoff.models import Action, Agent, DeskError, Handoff
from handoff.voice import Voice
from knowledge.policy import SupportPolicy
from storage.database import Connection, Row
from storage.times import stored_time

COMMERCIAL = "commercial"
STATUSES = ("open", "answered", "closed")
CHANGED = "Somebody else changed this conversation; look again."


@dataclass(frozen=True, slots=True)
class Vehicle:
    id: str
    name: str
    ours: bool


def vehicles(policy: SupportPolicy, language: str) -> list[Vehicle]:
    """Commercial support is open to every partner; of the technical ones, those the partner has
    come first."""
    name = _in_language(policy.escalation.commercial.vehicle, language)
    technical = [
        Vehicle(v.id, _in_language(v.name, language), bool(v.ours))
        for v in policy.escalation.technical
    ]
    ordered = sorted(technical, key=lambda vehicle: not vehicle.ours)
    return [Vehicle(COMMERCIAL, name, True), *ordered]


def _in_language(text: str | Mapping[str, str], language: str) -> str:
    return text if isinstance(text, str) else text.get(language) or next(iter(text.values()))


class Escalations:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def begin(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        vehicle_id: str,
        reference: str,
        asked: str,
        now: datetime,
    ) -> str:
        """Keep it, and tell the customer that it was passed on; its id. Raises DeskError."""
        handoff = store.get(connection, handoff_id)
        vehicle = self._vehicle(vehicle_id, handoff.language)
        if not asked.strip():
            raise DeskError("Say what Microsoft is asked.")
        details = {"vehicle": vehicle_id, "reference": reference.strip()}
        changed = store.change(connection, handoff, Action.ESCALATE, agent, now, details)
        if changed is None:
            raise DeskError(CHANGED)
        escalation_id = f"{handoff_id}|{changed.revision}"
        self._insert(connection, escalation_id, handoff, agent, details, asked.strip(), now)
        self._voice.tell(
            connection,
            changed,
            now,
            "escalated",
            vehicle=vehicle.name,
            reference=reference.strip(),
        )
        self._voice.happened(connection, Action.ESCALATE, changed, now, agent, **details)
        return escalation_id

    def update(
        self,
        connection: Connection,
        escalation_id: str,
        agent: Agent,
        status: str,
        reference: str,
        now: datetime,
    ) -> None:
        """What has become of it: a row of its handoff's history too. Raises DeskError."""
        if status not in STATUSES:
            raise DeskError("There is no such status.")
        before, reference = self._get(connection, escalation_id), reference.strip()
        if (before["status"], before["reference"]) == (status, reference):
            return
        changed = connection.execute(
            "UPDATE escalations SET status = %(status)s, reference = %(reference)s,"
            " updated_at = %(at)s WHERE id = %(id)s AND status = %(was)s RETURNING id",
            status=status,
            reference=reference,
            at=stored_time(now),
            id=escalation_id,
            was=before["status"],
        )
        handoff = store.get(connection, before["handoff_id"])
        details = {"was": before["status"], "became": status, "reference": reference}
        after = store.change(connection, handoff, Action.ESCALATION, agent, now, details)
        if not changed or after is None:
            raise DeskError(CHANGED)
        self._voice.happened(connection, Action.ESCALATION, after, now, agent, **details)

    def _get(self, connection: Connection, escalation_id: str) -> Row:
        rows = connection.execute("SELECT * FROM escalations WHERE id = %(id)s", id=escalation_id)
        if not rows:
            raise DeskError("There is no such escalation.")
        return rows[0]

    def _vehicle(self, vehicle_id: str, language: str) -> Vehicle:
        known = {each.id: each for each in vehicles(self._voice.policy, language)}
        if vehicle_id not in known:
            raise DeskError(f"Choose one of {', '.join(known)}.")
        return known[vehicle_id]

    def _insert(
        self,
        connection: Connection,
        escalation_id: str,
        handoff: Handoff,
        agent: Agent,
        details: dict[str, str],
        asked: str,
        now: datetime,
    ) -> None:
        connection.execute(
            "INSERT INTO escalations (id, handoff_id, conversation_id, vehicle, reference, asked,"
            " status, person_id, person_name, created_at, updated_at) VALUES (%(id)s,"
            " %(handoff)s, %(conversation)s, %(vehicle)s, %(reference)s, %(asked)s, 'open',"
            " %(person)s, %(name)s, %(at)s, %(at)s)",
            id=escalation_id,
            handoff=handoff.id,
            conversation=handoff.conversation_id,
            asked=asked,
            person=agent.id,
            name=agent.name,
            at=stored_time(now),
            **details,
        )


def all_open(connection: Connection) -> list[dict[str, Any]]:
    """Oldest first: the list with ages."""
    return connection.execute(
        "SELECT e.*, c.user_name AS customer_name, c.channel FROM escalations e"
        " JOIN conversations c ON c.id = e.conversation_id WHERE e.status <> 'closed'"
        " ORDER BY e.created_at"
    )


def of_handoff(connection: Connection, handoff_id: str) -> list[dict[str, Any]]:
    return connection.execute(
        "SELECT * FROM escalations WHERE handoff_id = %(id)s ORDER BY created_at", id=handoff_id
    )
