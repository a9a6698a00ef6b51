"""What a customer does at the desk: asks for a person, writes, leaves an address, stops, rates."""

from collections.abc import Callable
from datetime import datetime

from conversations import log
from conversations.models import Author, Owner
from handoff import presence, satisfaction, store
from handoff.models import (
    CUSTOMER,
    TEAMS,
    Action,
    Agent,
    AskAgain,
    Handoff,
    HandoffRequest,
    LeaveContact,
    LeaveQueue,
    News,
    RateHelp,
    Reopen,
    Status,
    Wish,
)
from handoff.voice import END_BUTTON, Voice
from storage.database import Connection
from storage.times import stored_time

BUTTONS = ("leave_queue", "stay_quiet")
BY_CUSTOMER = "customer"
"""The disposition of what the customer ended."""


class Customers:
    """Each method is one transaction's work, and is called within one."""

    def __init__(
        self, voice: Voice, route_of: Callable[[str], str | None] = lambda entry_id: None
    ) -> None:
        """`route_of` an entry: the role that takes over from it, where it names one itself."""
        self._voice = voice
        self._route_of = route_of

    def grant(
        self,
        connection: Connection,
        conversation_id: str,
        number: int,
        wish: Wish,
        now: datetime,
    ) -> None:
        """What the customer's activity `number` asks of the desk."""
        match wish:
            case HandoffRequest():
                self.request(connection, conversation_id, number, wish, now)
            case LeaveContact(contact):
                self.leave_contact(connection, conversation_id, contact, now)
            case LeaveQueue():
                self.leave_queue(connection, conversation_id, now)
            case AskAgain():
                self.remind(connection, conversation_id, now)
            case Reopen():
                self.reopen(connection, conversation_id, number, now)
            case RateHelp():
                self.rate(connection, conversation_id, wish, now)

    def request(
        self,
        connection: Connection,
        conversation_id: str,
        number: int,
        asked: HandoffRequest,
        now: datetime,
    ) -> bool:
        """A person is asked for in activity `number`; the customer is told when one will come.

        False if one was asked for before: nothing changes then, and nobody is told anything.
        """
        routes = self._voice.policy.handoff
        role = self._route_of(asked.entry_id) or routes.role_for(asked.topic, asked.entry_id)
        handoff = store.create(connection, conversation_id, number, asked, role, now)
        if handoff is None:
            return False
        store.first_change(connection, handoff, Action.REQUEST, CUSTOMER, now)
        log.set_owner(connection, conversation_id, Owner.WAITING)
        self._tell_waiting(connection, handoff, now)
        self._voice.happened(connection, Action.REQUEST, handoff, now, CUSTOMER)
        self._tell_what_came_meanwhile(connection, handoff, now)
        return True

    def _tell_what_came_meanwhile(
        self, connection: Connection, handoff: Handoff, now: datetime
    ) -> None:
        """Written after the request, before its turn ran: it was the bot's then, and is not now."""
        for activity in log.since(connection, handoff.conversation_id, handoff.number):
            if activity.author is Author.CUSTOMER and activity.type == "message":
                news = News(Action.SAY, handoff, CUSTOMER, activity.number)
                self._voice.announce(connection, news, now)

    def wrote(
        self, connection: Connection, conversation_id: str, number: int, now: datetime
    ) -> None:
        """A message while a person is wanted or there: it goes to the agent, and ends a snooze."""
        handoff = store.open_in(connection, conversation_id)
        if handoff is None:
            return
        if handoff.snoozed_until:
            handoff = self._wake(connection, handoff, CUSTOMER, now)
        news = News(Action.SAY, handoff, CUSTOMER, number)
        self._voice.announce(connection, news, now)
        connection.notify(store.SAID, conversation_id)
        if handoff.status is Status.ACTIVE and self._wants_to_end(connection, handoff, number, now):
            self._end(connection, handoff, now)

    def leave_contact(
        self, connection: Connection, conversation_id: str, contact: str, now: datetime
    ) -> None:
        """An address, checked before: the request becomes a message to be answered there."""
        handoff = store.open_in(connection, conversation_id)
        if handoff is None:
            return
        changed = store.change(
            connection,
            handoff,
            Action.CONTACT,
            CUSTOMER,
            now,
            {"contact": contact},
            contact=contact,
        )
        if changed:
            self._voice.tell(connection, changed, now, "contact_kept", contact=contact)
            self._voice.happened(connection, Action.CONTACT, changed, now, CUSTOMER)

    def remind(self, connection: Connection, conversation_id: str, now: datetime) -> None:
        handoff = store.open_in(connection, conversation_id)
        if handoff and handoff.status is Status.WAITING:
            self._voice.tell_place(connection, handoff, now, "already_waiting", buttons=BUTTONS)

    def leave_queue(self, connection: Connection, conversation_id: str, now: datetime) -> None:
        handoff = store.open_in(connection, conversation_id)
        if handoff is None or handoff.status is not Status.WAITING:
            return
        changed = store.change(
            connection,
            handoff,
            Action.LEAVE,
            CUSTOMER,
            now,
            status=Status.ABANDONED,
            closed_at=stored_time(now),
        )
        if changed:
            log.set_owner(connection, conversation_id, Owner.BOT)
            self._voice.tell(connection, changed, now, "left_queue")
            self._voice.ask_rating(connection, changed, now)
            self._voice.happened(connection, Action.LEAVE, changed, now, CUSTOMER)

    def reopen(
        self, connection: Connection, conversation_id: str, number: int, now: datetime
    ) -> None:
        """A question soon after a person helped: to the same agent if present, else the queue."""
        handoff = store.latest_in(connection, conversation_id)
        if handoff is None or handoff.status.is_open:
            return
        back = self._agent_of(connection, handoff, now)
        reopened = (connection, handoff, Action.REOPEN, CUSTOMER, now, None)
        anew: dict[str, object] = {"closed_at": "", "disposition": ""}
        if back:
            anew |= {"status": Status.ACTIVE, "agent_id": back.id, "agent_name": back.name}
            changed = store.change(*reopened, **anew)
        else:
            anew |= {"widened": 0, "place_since": stored_time(now)}
            changed = store.put_in_queue(*reopened, **anew)
        if changed is None:
            return
        log.set_owner(connection, conversation_id, Owner.AGENT if back else Owner.WAITING)
        if back:
            self._voice.tell_joined(connection, changed, now, "passed_on")
        else:
            self._voice.tell_place(connection, changed, now, "reopened")
        self._voice.happened(connection, Action.REOPEN, changed, now, CUSTOMER, number=number)

    def rate(
        self, connection: Connection, conversation_id: str, rating: RateHelp, now: datetime
    ) -> bool:
        """Once an episode, after its end; a comment that comes later is added. False if refused."""
        handoff = store.latest_in(connection, conversation_id, rating.handoff_id)
        if handoff is None or handoff.status.is_open:
            return False
        if satisfaction.rate(connection, rating, now):
            self._voice.tell(connection, handoff, now, "rated_help")
            connection.notify(store.TOPIC, conversation_id)
            return True
        return False

    def _tell_waiting(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        if self._voice.policy.is_open(now):
            self._voice.tell_place(connection, handoff, now, "waiting", buttons=BUTTONS)
        else:
            self._voice.tell(connection, handoff, now, "waiting_closed", buttons=BUTTONS)

    def _wants_to_end(
        self, connection: Connection, handoff: Handoff, number: int, now: datetime
    ) -> bool:
        said = log.activity(connection, handoff.conversation_id, number)
        text = said.body.get("text") if said else None
        return isinstance(text, str) and self._voice.speaker.is_pressed(END_BUTTON, text, now)

    def _end(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        changed = store.change(
            connection,
            handoff,
            Action.END,
            CUSTOMER,
            now,
            status=Status.RESOLVED,
            disposition=BY_CUSTOMER,
            closed_at=stored_time(now),
        )
        if changed:
            self._voice.close(connection, changed, now)
            self._voice.happened(connection, Action.END, changed, now, CUSTOMER)

    def _wake(self, connection: Connection, handoff: Handoff, who: Agent, now: datetime) -> Handoff:
        woken = store.change(connection, handoff, Action.WAKE, who, now, snoozed_until="")
        return woken or handoff

    def _agent_of(self, connection: Connection, handoff: Handoff, now: datetime) -> Agent | None:
        """Who helped before, if free to help now; in Teams nobody can tell, so it is assumed in
        opening hours."""
        if not handoff.agent_id:
            return None
        if handoff.claimed_in == TEAMS and self._voice.policy.is_open(now):
            return Agent(handoff.agent_id, handoff.agent_name)
        present = presence.everybody(connection, now)
        return next(
            (
                Agent(each.person_id, each.name)
                for each in present
                if each.person_id == handoff.agent_id and each.is_free
            ),
            None,
        )
