"""How the desk is heard: customers are told in their chat, whoever listens gets the news.

Both happen inside the transaction of what is told, so neither can be missing or be said twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from conversations import log, outbox
from conversations.models import WEB, NewActivity
from handoff import presence
from handoff.models import SYSTEM, Action, Agent, Handoff, News, Told
from handoff.queue import Wait, wait_of
from knowledge.policy import SupportPolicy
from storage.database import Connection

Courier = Callable[[Connection, News, datetime], None]
"""Puts what an outside system is to hear of it into the outbox."""


class Speaker(Protocol):
    """Makes activities that the customer's channel can show."""

    def told(self, handoff: Handoff, told: Told, now: datetime) -> NewActivity: ...

    def said(self, handoff: Handoff, agent: Agent, text: str, external_id: str) -> NewActivity: ...


class Voice:
    def __init__(
        self,
        speaker: Speaker,
        policy: Callable[[], SupportPolicy],
        couriers: Sequence[Courier] = (),
    ) -> None:
        self.speaker = speaker
        self._policy = policy
        self._couriers = couriers

    @property
    def policy(self) -> SupportPolicy:
        """The version in force."""
        return self._policy()

    def tell(
        self, connection: Connection, handoff: Handoff, now: datetime, message: str, **told: object
    ) -> int:
        """The number of the row. `told` are the message's values; see Told for the others."""
        buttons, rates = told.pop("buttons", ()), told.pop("rates", "")
        said = Told(message, told, buttons, rates)  # type: ignore[arg-type]
        return self.append(connection, handoff, self.speaker.told(handoff, said, now), now)[0]

    def append(
        self, connection: Connection, handoff: Handoff, activity: NewActivity, now: datetime
    ) -> tuple[int, bool]:
        """Into the log, and on its way where the log is not the delivery."""
        number, fresh = log.append(connection, handoff.conversation_id, activity, now)
        if fresh and handoff.channel != WEB:
            outbox.put(connection, handoff.conversation_id, handoff.channel, [number], now)
            connection.notify(outbox.TOPIC, handoff.conversation_id)
        return number, fresh

    def announce(self, connection: Connection, news: News, now: datetime) -> None:
        for courier in self._couriers:
            courier(connection, news, now)

    def happened(
        self,
        connection: Connection,
        action: Action,
        handoff: Handoff,
        now: datetime,
        who: Agent = SYSTEM,
        **details: object,
    ) -> None:
        self.announce(connection, News(action, handoff, who, details=details), now)

    def wait(self, connection: Connection, handoff: Handoff, now: datetime) -> Wait:
        return wait_of(connection, handoff, self.policy.open_time, now)

    def place(self, connection: Connection, handoff: Handoff, now: datetime) -> dict[str, int]:
        """What a message about waiting needs to be true."""
        wait = self.wait(connection, handoff, now)
        present = presence.free_for(connection, handoff.role, now)
        return {"place": wait.place, "minutes": wait.minutes, "present": present}
