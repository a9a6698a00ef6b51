"""When and in which order handoffs are looked at; and the checks that every action begins with."""

import json
from collections.abc import Mapping
from datetime import datetime

from handoff import store
from handoff.models import (
    Action,
    Agent,
    AlreadyClaimed,
    DeskError,
    Handoff,
    NotOpen,
    NotYours,
    Status,
)
from handoff.voice import Voice
from storage.database import Connection
from storage.times import stored_time

PRIORITIES = {-1: "low", 0: "normal", 1: "high", 2: "urgent"}
MAX_LABELS, MAX_LABEL = 20, 40


class Sorting:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def snooze(
        self, connection: Connection, handoff_id: str, agent: Agent, until: datetime, now: datetime
    ) -> Handoff:
        """Out of sight until then, or until the customer writes."""
        if until <= now:
            raise DeskError("Choose a time to come.")
        at = stored_time(until)
        return self._set(
            connection, handoff_id, Action.SNOOZE, agent, now, {"until": at}, snoozed_until=at
        )

    def prioritise(
        self, connection: Connection, handoff_id: str, agent: Agent, priority: int, now: datetime
    ) -> Handoff:
        if priority not in PRIORITIES:
            raise DeskError("There is no such priority.")
        details = {"priority": PRIORITIES[priority]}
        return self._set(
            connection, handoff_id, Action.PRIORITY, agent, now, details, priority=priority
        )

    def label(
        self,
        connection: Connection,
        handoff_id: str,
        agent: Agent,
        labels: list[str],
        now: datetime,
    ) -> Handoff:
        kept = sorted({label.strip()[:MAX_LABEL] for label in labels if label.strip()})[:MAX_LABELS]
        stored = json.dumps(kept, ensure_ascii=False)
        return self._set(
            connection, handoff_id, Action.LABELS, agent, now, {"labels": kept}, labels=stored
        )

    def _set(
        self,
        connection: Connection,
        handoff_id: str,
        action: Action,
        agent: Agent,
        now: datetime,
        details: Mapping[str, object],
        **columns: object,
    ) -> Handoff:
        before = self._open(connection, handoff_id)
        changed = self._changed(connection, before, action, agent, now, details, **columns)
        self._voice.happened(connection, action, changed, now, agent, **details)
        return changed

    def _changed(
        self,
        connection: Connection,
        before: Handoff,
        action: Action,
        agent: Agent,
        now: datetime,
        details: Mapping[str, object] | None = None,
        expect: str = "",
        /,
        **columns: object,
    ) -> Handoff:
        """As store.change; raises DeskError, which says what it is now, when somebody was first."""
        changed = store.change(connection, before, action, agent, now, details, expect, **columns)
        if changed is None:
            raise self._refusal(connection, before.id)
        return changed

    def _open(self, connection: Connection, handoff_id: str) -> Handoff:
        handoff = store.get(connection, handoff_id)
        if not handoff.status.is_open:
            raise NotOpen
        return handoff

    def _own(self, connection: Connection, handoff_id: str, agent: Agent) -> Handoff:
        handoff = self._open(connection, handoff_id)
        if handoff.agent_id != agent.id:
            raise NotYours(handoff.agent_name)
        return handoff

    def _refusal(self, connection: Connection, handoff_id: str) -> DeskError:
        now_it_is = store.get(connection, handoff_id)
        if now_it_is.status is Status.ACTIVE:
            return AlreadyClaimed(now_it_is.agent_name)
        return NotOpen()
