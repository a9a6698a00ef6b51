"""How the desk is heard: customers are told in their chat, whoever listens gets the news.

Both happen inside the transaction of what is told, so neither can be missing or be said twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from conversations import log, outbox
from conversations.models import WEB, NewActivity, Owner
from handoff import presence, queue, store
from handoff.models import SYSTEM, Action, Agent, Handoff, News, Told
from handoff.satisfaction import rated
from knowledge.policy import SupportPolicy
from storage.database import Connection
from storage.times import stored_time

NOBODY_KNOWS = -1
END_BUTTON = "end_help"
Courier = Callable[[Connection, News, datetime], None]
"""Puts what an outside system is to hear of it into the outbox."""


class Speaker(Protocol):
    """Makes activities that the customer's channel can show."""

    def told(self, handoff: Handoff, told: Told, now: datetime) -> NewActivity: ...

    def said(self, handoff: Handoff, agent: Agent, text: str, external_id: str) -> NewActivity: ...

    def is_pressed(self, button: str, text: str, now: datetime) -> bool:
        """Whether the text is what this button sends, in any language."""
        ...


class Voice:
    """`elsewhere`: whether people may answer from a desk where nobody can see who is present."""

    def __init__(
        self,
        speaker: Speaker,
        policy: Callable[[], SupportPolicy],
        couriers: Sequence[Courier] = (),
        elsewhere: Callable[[Connection], bool] = lambda _: False,
    ) -> None:
        self.speaker = speaker
        self._policy = policy
        self._couriers = couriers
        self._elsewhere = elsewhere

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

    def tell_place(
        self, connection: Connection, handoff: Handoff, now: datetime, message: str, **told: object
    ) -> None:
        """As tell, with what a message about waiting needs to be true."""
        wait = queue.wait_of(connection, handoff, self.policy.open_time)
        if wait.place == 1:
            queue.knows_to_be_next(connection, handoff.id)
        place = {"place": wait.place, "minutes": wait.minutes}
        present = self._present(connection, handoff, now)
        self.tell(connection, handoff, now, message, **place, present=present, **told)

    def tell_next(self, connection: Connection, now: datetime) -> None:
        """Each who has come to the front hears it once."""
        for handoff_id in queue.come_to_the_front(connection):
            if queue.knows_to_be_next(connection, handoff_id):
                self.tell(connection, store.get(connection, handoff_id), now, "next_in_queue")

    def tell_joined(
        self, connection: Connection, handoff: Handoff, now: datetime, message: str
    ) -> None:
        agent = handoff.agent_name
        self.tell(connection, handoff, now, message, agent=agent, buttons=(END_BUTTON,))

    def close(
        self, connection: Connection, handoff: Handoff, now: datetime, agent: str = ""
    ) -> None:
        """By the agent, or by the customer; who writes again soon is back there."""
        until = stored_time(now + self.policy.handoff.reopen_within)
        log.set_owner(connection, handoff.conversation_id, Owner.BOT, until)
        self.tell(connection, handoff, now, "closed", agent=agent)
        self.ask_rating(connection, handoff, now)

    def ask_rating(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        """Whoever ended it; once, and only where somebody has helped."""
        if handoff.claimed_at and not rated(connection, handoff.id):
            self.tell(connection, handoff, now, "rate_help", rates=handoff.id)

    def _present(self, connection: Connection, handoff: Handoff, now: datetime) -> int:
        there = presence.there_for(connection, handoff, now)
        return NOBODY_KNOWS if not there and self._elsewhere(connection) else there
