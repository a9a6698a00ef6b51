"""What nobody did: requests that are not taken, agents whose connection is lost, snoozes that end.

Looked at every few seconds by every process; each change is conditional, so one of them does it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from conversations import log
from conversations.models import Owner
from handoff import queue, store
from handoff.desk import CONSOLE
from handoff.models import SYSTEM, Action, Handoff, Status
from handoff.voice import Voice
from knowledge.handoff_rules import Unclaimed
from storage.database import Connection, Database, StorageError
from storage.times import stored_time

LOOK_EVERY_S = 5.0
REMINDED, WIDENED, TOLD = 1, 2, 3


class Watch:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    async def keep(self, database: Database, now: Callable[[], datetime]) -> None:
        """Forever."""
        while True:
            with suppress(StorageError):
                await database.write(self.look, now())
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self, connection: Connection, now: datetime) -> None:
        """One transaction's work."""
        for handoff_id in queue.due_to_wake(connection, now):
            self._wake(connection, store.get(connection, handoff_id), now)
        for handoff_id in queue.waiting(connection):
            self._unclaimed(connection, store.get(connection, handoff_id), now)
        for handoff_id in self._deserted(connection, now):
            self._back_to_queue(connection, store.get(connection, handoff_id), now)
        for handoff_id in self._too_old(connection, now):
            self._expire(connection, store.get(connection, handoff_id), now)

    def _wake(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        woken = store.change(connection, handoff, Action.WAKE, SYSTEM, now, snoozed_until="")
        if woken:
            self._voice.happened(connection, Action.WAKE, woken, now)

    def _unclaimed(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        """Minutes of opening hours since it was asked: remind, let everybody see, say the truth."""
        asked = datetime.fromisoformat(handoff.created_at)
        waited = self._voice.policy.open_time(asked, now) / timedelta(minutes=1)
        level = _level(waited, self._voice.policy.handoff.unclaimed)
        if level <= handoff.watched:
            return
        action = {REMINDED: Action.REMIND, WIDENED: Action.WIDEN, TOLD: Action.LATE}[level]
        changed = store.change(
            connection,
            handoff,
            action,
            SYSTEM,
            now,
            {"minutes": round(waited)},
            "status = 'waiting' AND watched < %(watched)s",
            watched=level,
            widened=int(handoff.widened or level >= WIDENED),
        )
        if changed is None:
            return
        if level == TOLD:
            place = self._voice.place(connection, changed, now)
            self._voice.tell(
                connection, changed, now, "still_waiting", buttons=("leave_queue",), **place
            )
        self._voice.happened(connection, action, changed, now)

    def _deserted(self, connection: Connection, now: datetime) -> list[str]:
        """Taken in the console by somebody whose pages have been gone for the grace time."""
        grace = timedelta(seconds=self._voice.policy.handoff.grace_seconds)
        rows = connection.execute(
            "SELECT h.id FROM handoffs h JOIN presence p ON p.person_id = h.agent_id"
            " WHERE h.status = 'active' AND h.claimed_in = %(console)s AND h.contact = ''"
            " AND h.snoozed_until = '' AND p.seen_at < %(gone)s AND h.updated_at < %(gone)s",
            console=CONSOLE,
            gone=stored_time(now - grace),
        )
        return [row["id"] for row in rows]

    def _back_to_queue(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        changed = store.change(
            connection,
            handoff,
            Action.AWAY,
            SYSTEM,
            now,
            {"agent": handoff.agent_name},
            status=Status.WAITING,
            agent_id="",
            agent_name="",
            watched=0,
        )
        if changed:
            log.set_owner(connection, handoff.conversation_id, Owner.WAITING)
            self._voice.tell(connection, changed, now, "agent_away", agent=handoff.agent_name)
            self._voice.happened(connection, Action.AWAY, changed, now)

    def _too_old(self, connection: Connection, now: datetime) -> list[str]:
        limit = now - timedelta(days=self._voice.policy.handoff.expire_days)
        rows = connection.execute(
            "SELECT id FROM handoffs WHERE status = 'waiting' AND updated_at < %(limit)s",
            limit=stored_time(limit),
        )
        return [row["id"] for row in rows]

    def _expire(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        changed = store.change(
            connection,
            handoff,
            Action.EXPIRE,
            SYSTEM,
            now,
            status=Status.EXPIRED,
            closed_at=stored_time(now),
        )
        if changed:
            log.set_owner(connection, handoff.conversation_id, Owner.BOT)
            self._voice.tell(connection, changed, now, "expired")
            self._voice.happened(connection, Action.EXPIRE, changed, now)


def _level(waited: float, unclaimed: Unclaimed) -> int:
    if waited >= unclaimed.tell_customer_minutes:
        return TOLD
    if waited >= unclaimed.widen_minutes:
        return WIDENED
    return REMINDED if waited >= unclaimed.remind_minutes else 0
