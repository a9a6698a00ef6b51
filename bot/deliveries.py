"""Sends what waits in the outbox, in order per conversation, and keeps what became of it."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog

from bot.delivery import DeliveryError
from conversations import outbox
from conversations.outbox import Parcel
from storage.database import Database, StorageError

logger = structlog.get_logger()


class Sender(Protocol):
    """A channel that is not ours."""

    async def send(self, reference: Mapping[str, Any], activity: dict[str, Any]) -> str:
        """The channel's id of what was sent; raises DeliveryError."""
        ...


class Deliveries:
    def __init__(self, database: Database, sender: Sender, now: Callable[[], datetime]) -> None:
        self._database = database
        self._sender = sender
        self._now = now
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def schedule(self, conversation_id: str) -> None:
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        self._running[conversation_id] = asyncio.create_task(self._run(conversation_id))

    async def settled(self) -> None:
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _run(self, conversation_id: str) -> None:
        try:
            again = True
            while again:
                self._again.discard(conversation_id)
                parcel = await self._database.write(outbox.take, conversation_id, self._now())
                while parcel:
                    parcel = await self._send(parcel)
                again = conversation_id in self._again
        except StorageError as error:
            logger.error("delivery_not_kept", conversation=conversation_id, error=str(error))
        finally:
            del self._running[conversation_id]

    async def _send(self, parcel: Parcel) -> Parcel | None:
        """Send it and keep what became of it; the next one, unless this one has to wait."""
        try:
            remote_id = await self._sender.send(parcel.conversation.reference, parcel.activity.body)
        except DeliveryError as error:
            await self._failed(parcel, error)
            return None
        return await self._database.write(outbox.sent, parcel, remote_id, self._now())

    async def _failed(self, parcel: Parcel, error: DeliveryError) -> None:
        final = "unknown" if error.unknown else "failed" if error.permanent else ""
        logger.warning("delivery_failed", parcel=parcel.id, error=str(error), final=final)
        await self._database.write(outbox.failed, parcel, str(error), final, self._now())
