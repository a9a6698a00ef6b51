"""What an agent does with a handoff. Each method is one transaction's work: `database.write` it.

Raises DeskError with a sentence for the agent when it cannot be done.
"""

from datetime import datetime

from conversations import log
from conversations.models import Owner
from handoff import store
from handoff.models import (
    CONSOLE,
    Action,
    Agent,
    Handoff,
    News,
    Status,
)
from handoff.models import DeskError as DeskError
from handoff.sorting import Sorting
from storage.database import Connection
from storage.times import stored_time

MAX_CHARACTERS = 4000
DISPOSITIONS = ("answered", "refunded", "changed", "escalated", "no_reply", "not_ours", "other")
BACK_TO_BOT = "bot"
CLOSED = (Status.RESOLVED, Status.EXPIRED)
"""An agent can take these up again; not what the customer did not want to wait for."""


class Desk(Sorting):
    def claim(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        now: datetime,
        where: str = CONSOLE,
    ) -> Handoff:
        """Take it, or take up again what was closed; of many who try at once one has it, and the
        others are told who."""
        before = store.get(connection, handoff_id)
        if before.status is Status.ACTIVE and before.agent_id == agent.id:
            return before
        if before.status in CLOSED and store.open_in(connection, before.conversation_id):
            raise DeskError("The customer has asked for a person again: take that request.")
        claimed = self._changed(
            connection,
            before,
            Action.CLAIM,
            agent,
            now,
            None,
            "status IN ('waiting', 'resolved', 'expired')",
            status=Status.ACTIVE,
            agent_id=agent.id,
            agent_name=agent.name,
            claimed_in=where,
            claimed_at=before.claimed_at or stored_time(now),
            snoozed_until="",
            closed_at="",
            disposition="",
        )
        self._agent_joins(connection, claimed, "joined", now)
        self._voice.happened(connection, Action.CLAIM, claimed, now, agent)
        return claimed

    def say(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        text: str,
        client_id: str,
        now: datetime,
    ) -> int:
        """The number of the agent's message; the same client id again is the same message."""
        handoff = self._own(connection, handoff_id, agent)
        text = _checked(text)
        said = self._voice.speaker.said(handoff, agent, text, f"agent|{agent.id}|{client_id}")
        number, fresh = self._voice.append(connection, handoff, said, now)
        if fresh:
            self._replied(connection, handoff, now)
            self._voice.announce(connection, News(Action.SAY, handoff, agent, number), now)
        return number

    def note(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        text: str,
        client_id: str,
        now: datetime,
    ) -> None:
        """For colleagues only: it never enters the log, which is what customers can read."""
        handoff = store.get(connection, handoff_id)
        fresh = connection.execute(
            "INSERT INTO handoff_notes (id, handoff_id, conversation_id, after_number, person_id,"
            " person_name, text, created_at) VALUES (%(id)s, %(handoff)s, %(conversation)s,"
            " %(after)s, %(person)s, %(name)s, %(text)s, %(at)s) ON CONFLICT (id) DO NOTHING"
            " RETURNING id",
            id=f"{agent.id}|{client_id}",
            handoff=handoff_id,
            conversation=handoff.conversation_id,
            after=log.last_number(connection, handoff.conversation_id),
            person=agent.id,
            name=agent.name,
            text=_checked(text),
            at=stored_time(now),
        )
        if fresh:
            connection.notify(store.TOPIC, handoff.conversation_id)
            details = {"text": text, "client_id": client_id}
            self._voice.happened(connection, Action.NOTE, handoff, now, agent, **details)

    def assign(
        self, connection: Connection, handoff_id: str, agent: Agent, to: Agent, now: datetime
    ) -> Handoff:
        """Give it to a colleague, with or without having had it oneself; who has it already is not
        given it again."""
        before = self._open(connection, handoff_id)
        if before.agent_id == to.id:
            return before
        changed = self._changed(
            connection,
            before,
            Action.ASSIGN,
            agent,
            now,
            {"to": to.name},
            status=Status.ACTIVE,
            agent_id=to.id,
            agent_name=to.name,
            claimed_in=CONSOLE,
            claimed_at=before.claimed_at or stored_time(now),
        )
        self._agent_joins(connection, changed, "passed_on", now)
        self._voice.happened(connection, Action.ASSIGN, changed, now, agent, to=to.name)
        return changed

    def give_back(
        self, connection: Connection, handoff_id: str, agent: Agent, role: str, now: datetime
    ) -> Handoff:
        """Back to the queue, of another role or the same; if it waits there nothing changes."""
        before = self._open(connection, handoff_id)
        role = role or before.role
        if before.status is Status.WAITING and role == before.role:
            return before
        changed = store.put_in_queue(
            connection, before, Action.QUEUE, agent, now, {"role": role}, role=role, widened=0
        )
        if changed is None:
            raise self._refusal(connection, before.id)
        if before.status is Status.ACTIVE:
            log.set_owner(connection, before.conversation_id, Owner.WAITING)
        self._voice.tell_place(connection, changed, now, "back_in_queue")
        self._voice.happened(connection, Action.QUEUE, changed, now, agent)
        return changed

    def give_to_bot(
        self, connection: Connection, handoff_id: str, agent: Agent, now: datetime
    ) -> Handoff:
        return self._close(connection, handoff_id, agent, BACK_TO_BOT, now)

    def resolve(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        disposition: str,
        now: datetime,
    ) -> Handoff:
        if disposition not in DISPOSITIONS:
            raise DeskError("Say how it ended.")
        return self._close(connection, handoff_id, agent, disposition, now)

    def _close(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        disposition: str,
        now: datetime,
    ) -> Handoff:
        before = self._own(connection, handoff_id, agent)
        action = Action.TO_BOT if disposition == BACK_TO_BOT else Action.RESOLVE
        changed = self._changed(
            connection,
            before,
            action,
            agent,
            now,
            {"disposition": disposition},
            status=Status.RESOLVED,
            disposition=disposition,
            closed_at=stored_time(now),
            snoozed_until="",
        )
        if action is Action.TO_BOT:
            log.set_owner(connection, before.conversation_id, Owner.BOT)
            self._voice.tell(connection, changed, now, "back_to_bot", agent=agent.name)
            self._voice.ask_rating(connection, changed, now)
        else:
            self._voice.close(connection, changed, now, agent.name)
        self._voice.happened(connection, action, changed, now, agent)
        return changed

    def _agent_joins(
        self, connection: Connection, handoff: Handoff, message: str, now: datetime
    ) -> None:
        log.set_owner(connection, handoff.conversation_id, Owner.AGENT)
        self._voice.tell_joined(connection, handoff, now, message)

    def _replied(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        """The first human reply is what waiting is measured by."""
        connection.execute(
            "UPDATE handoffs SET replied_at = %(at)s WHERE id = %(id)s AND replied_at = ''",
            at=stored_time(now),
            id=handoff.id,
        )
        connection.notify(store.SAID, handoff.conversation_id)


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise DeskError("Write something first.")
    if len(text) > MAX_CHARACTERS:
        raise DeskError(f"This is too long (at most {MAX_CHARACTERS} characters).")
    return text
