"""What nobody did: requests that are not taken, agents whose connection is lost, snoozes that end.

Looked at every few seconds by every process; each change is conditional, so one of them does it.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from conversations import log
from conversations.models import Owner
from handoff import queue, store
from handoff.models import CONSOLE, SYSTEM, Action, Handoff, Status
from handoff.voice import Voice
from knowledge.handoff_rules import Unclaimed
from storage.database import Connection, Database, StorageError
from storage.times import stored_time

LOOK_EVERY_S = 5.0
LONG_AGO = datetime.min.replace(tzinfo=UTC)
A_DAY = timedelta(days=1)
REMINDED, WIDENED, TOLD = 1, 2, 3


class Watch:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    async def keep(self, database: Database, now: Callable[[], datetime]) -> None:
        """Forever."""
        began = now()
        while True:
            with suppress(StorageError):
                await database.write(self.look, now(), began)
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self, connection: Connection, now: datetime, began: datetime = LONG_AGO) -> None:
        """One transaction's work. Until the grace time after `began`, the agents' pages may have
        found nobody to connect to: they are missed only then."""
        for handoff_id in queue.due_to_wake(connection, now):
            self._wake(connection, store.get(connection, handoff_id), now)
        for handoff_id in queue.untaken(connection):
            self._unclaimed(connection, store.get(connection, handoff_id), now)
        if now - began > self._grace:
            for handoff_id in self._deserted(connection, now):
                self._back_to_queue(connection, store.get(connection, handoff_id), now)
        for handoff_id in self._too_old(connection, now):
            self._expire(connection, store.get(connection, handoff_id), now)
        if self._voice.policy.is_open(now):
            self._voice.tell_next(connection, now)

    @property
    def _grace(self) -> timedelta:
        return timedelta(seconds=self._voice.policy.handoff.grace_seconds)

    def _wake(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        woken = store.change(connection, handoff, Action.WAKE, SYSTEM, now, snoozed_until="")
        if woken:
            self._voice.happened(connection, Action.WAKE, woken, now)

    def _unclaimed(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        """Minutes of opening hours since it waits: remind, let everybody see, say the truth."""
        since = datetime.fromisoformat(handoff.waiting_since)
        waited = self._voice.policy.open_time(since, now) / timedelta(minutes=1)
        level = _level(waited, self._voice.policy.handoff.unclaimed)
        if handoff.contact:
            level = self._level_of_message(handoff, level, now)
        if level > handoff.watched:
            self._reached(connection, handoff, level, round(waited), now)

    def _level_of_message(self, handoff: Handoff, level: int, now: datetime) -> int:
        """Nobody is there to be told; the agents are reminded every day that it lies there."""
        idle = now - datetime.fromisoformat(handoff.updated_at)
        if handoff.watched < WIDENED or idle < A_DAY or not self._voice.policy.is_open(now):
            return min(level, WIDENED)
        return max(handoff.watched, TOLD) + 1

    def _reached(
        self,
        connection: Connection,
        handoff: Handoff,
        level: int,
        minutes: int,
        now: datetime,
    ) -> None:
        action = {WIDENED: Action.WIDEN, TOLD: Action.LATE}.get(level, Action.REMIND)
        changed = store.change(
            connection,
            handoff,
            action,
            SYSTEM,
            now,
            {"minutes": minutes},
            "status = 'waiting' AND watched < %(watched)s",
            watched=level,
            widened=int(handoff.widened or level >= WIDENED),
        )
        if changed is None:
            return
        if action is Action.LATE:
            buttons = ("leave_queue",)
            self._voice.tell_place(connection, changed, now, "still_waiting", buttons=buttons)
        self._voice.happened(connection, action, changed, now)

    def _deserted(self, connection: Connection, now: datetime) -> list[str]:
        """Of somebody in the console whose pages have been gone for the grace time, or were never
        there."""
        rows = connection.execute(
            "SELECT h.id FROM handoffs h LEFT JOIN presence p ON p.person_id = h.agent_id"
            " WHERE h.status = 'active' AND h.claimed_in = %(console)s AND h.contact = ''"
            " AND h.snoozed_until = '' AND COALESCE(p.seen_at, '') < %(gone)s"
            " AND h.updated_at < %(gone)s",
            console=CONSOLE,
            gone=stored_time(now - self._grace),
        )
        return [row["id"] for row in rows]

    def _back_to_queue(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        agent = handoff.agent_name
        details = {"agent": agent}
        changed = store.put_in_queue(connection, handoff, Action.AWAY, SYSTEM, now, details)
        if changed:
            log.set_owner(connection, handoff.conversation_id, Owner.WAITING)
            self._voice.tell_place(connection, changed, now, "agent_away", agent=agent)
            self._voice.happened(connection, Action.AWAY, changed, now)

    def _too_old(self, connection: Connection, now: datetime) -> list[str]:
        """Not the messages left: who left one is not in the chat to read that it was closed."""
        limit = now - timedelta(days=self._voice.policy.handoff.expire_days)
        rows = connection.execute(
            "SELECT id FROM handoffs WHERE status = 'waiting' AND contact = ''"
            " AND updated_at < %(limit)s",
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
            self._voice.ask_rating(connection, changed, now)
            self._voice.happened(connection, Action.EXPIRE, changed, now)


def _level(waited: float, unclaimed: Unclaimed) -> int:
    if waited >= unclaimed.tell_customer_minutes:
        return TOLD
    if waited >= unclaimed.widen_minutes:
        return WIDENED
    return REMINDED if waited >= unclaimed.remind_minutes else 0
