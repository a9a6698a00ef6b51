"""Sends what waits in the outbox, in order per lane, and keeps what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.delivery import DeliveryError
from conversations import outbox
from conversations.outbox import Parcel
from storage.database import Database, StorageError

HOLD_AFTER = timedelta(seconds=5)

logger = structlog.get_logger()

Sender = Callable[[Parcel], Awaitable[str]]
"""Gives the far side's id of what was sent; raises DeliveryError."""


class Deliveries:
    """`senders` by channel. A channel without one is not configured any more: its parcels fail."""

    def __init__(
        self, database: Database, senders: Mapping[str, Sender], now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._senders = senders
        self._now = now
        self._running: dict[str, asyncio.Task[None]] = {}
        self._waiting: set[str] = set()
        self._taken: dict[str, Parcel] = {}
        self._sending: dict[str, datetime] = {}
        self.close = database.listen(outbox.TOPIC, self._heard)

    def schedule(self, lane: str) -> None:
        """Something waits there."""
        self._waiting.add(lane)
        self._start(lane)

    def send(self, parcel: Parcel) -> None:
        """One that was taken when it was put in."""
        self._taken[parcel.lane] = parcel
        self._start(parcel.lane)

    async def give_up_interrupted(self, after: timedelta) -> None:
        """The parcels of senders that gave no sign for so long; ours give theirs first."""
        now = self._now()
        slow = [each for each, since in self._sending.items() if now - since > HOLD_AFTER]
        if slow:
            await self._database.write(outbox.hold, slow, now)
        await self._database.write(outbox.give_up_interrupted, now - after)

    async def settled(self) -> None:
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _heard(self, lane: str) -> None:
        """Of missed notices the sweep takes care."""
        if lane:
            self.schedule(lane)

    def _start(self, lane: str) -> None:
        if lane not in self._running:
            self._running[lane] = asyncio.create_task(self._run(lane))

    async def _run(self, lane: str) -> None:
        try:
            while lane in self._taken or lane in self._waiting:
                parcel = self._taken.pop(lane, None) or await self._take(lane)
                while parcel:
                    parcel = await self._send(parcel)
        except StorageError as error:
            logger.error("delivery_not_kept", lane=lane, error=str(error))
        finally:
            del self._running[lane]
            if lane in self._taken:
                self._start(lane)

    async def _take(self, lane: str) -> Parcel | None:
        self._waiting.discard(lane)
        return await self._database.write(outbox.take, lane, self._now())

    async def _send(self, parcel: Parcel) -> Parcel | None:
        """Send it and keep what became of it; the next one, unless this one has to wait. After any
        other exception nobody knows whether it arrived."""
        self._sending[parcel.id] = self._now()
        try:
            remote_id = await self._handed_over(parcel)
        except DeliveryError as error:
            await self._failed(parcel, error)
            return None
        except Exception as error:
            logger.exception("delivery_broken", parcel=parcel.id)
            reason = type(error).__name__
            await self._failed(parcel, DeliveryError(reason, unknown=not parcel.repeatable))
            return None
        finally:
            del self._sending[parcel.id]
        return await self._database.write(outbox.sent, parcel, remote_id, self._now())

    async def _handed_over(self, parcel: Parcel) -> str:
        if parcel.channel not in self._senders:
            raise DeliveryError(f"{parcel.channel} is not configured", permanent=True)
        return await self._senders[parcel.channel](parcel)

    async def _failed(self, parcel: Parcel, error: DeliveryError) -> None:
        final = "unknown" if error.unknown else "failed" if error.permanent else ""
        logger.warning("delivery_failed", parcel=parcel.id, error=str(error), final=final)
        await self._database.write(outbox.failed, parcel, str(error), final, self._now())
