"""The agents' channel in Teams: what its people press and write there becomes work of the desk.

Nothing that is written in that channel is ever a customer's message.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from bot import desk_threads
from bot.desk_card import CLAIM, GIVE_BACK, RESOLVE, card
from bot.desk_courier import BY_TEAMS, CHANNEL, DeskCourier, Teams
from bot.desk_input import (
    Written,
    is_in_channel,
    name_of,
    object_id,
    pressed,
    read,
    thread_of,
    version_of,
    wants_to_connect,
)
from bot.desk_threads import Place, channel_of, reference
from bot.desk_words import say, say_error
from bot.inbound import Inbound, InvokeAnswer
from bot.mentions import mentions
from bot.replies import ADAPTIVE_CARD
from bot.thread_edits import ThreadEdits
from conversations import outbox
from conversations.outbox import Letter, Parcel
from handoff import queue, store
from handoff.desk import Desk
from handoff.models import TEAMS, Agent, DeskError, Handoff, NotOpen, NotYours, Status
from storage.database import Connection, Database

REPLIES = f"{CHANNEL}-replies"
_ERROR = "application/vnd.microsoft.error"


class Colleagues(Protocol):
    """Who somebody in Teams is at the desk; None for somebody who may not answer customers.

    `anyone`: also who has no account, where the settings let every member of the channel answer.
    """

    def __call__(
        self, connection: Connection, object_id: str, name: str, anyone: bool
    ) -> Agent | None: ...


class TeamsDesk:
    def __init__(
        self,
        database: Database,
        desk: Desk,
        courier: DeskCourier,
        colleagues: Colleagues,
        edits: ThreadEdits,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._desk = desk
        self._courier = courier
        self._colleagues = colleagues
        self._edits = edits
        self._now = now

    async def receive(self, inbound: Inbound) -> bool:
        """Whether it was for the desk and not a customer's. Raises StorageError."""
        activity = inbound.activity
        if not is_in_channel(activity):
            return False
        place = await self._database.read(desk_threads.connected, self._courier.fixed)
        at_home = place is not None and place.is_home_of(activity)
        if not at_home and not wants_to_connect(activity):
            return activity["type"] == "message" and not mentions(activity)
        return await self._database.write(self._received, activity, at_home, self._now())

    async def invoke(self, inbound: Inbound) -> InvokeAnswer:
        """A button of a card: answered with the card as it is now, to a loser with who has it."""
        place = await self._database.read(desk_threads.connected, self._courier.fixed)
        handoff_id, verb, data = pressed(inbound.activity)
        if place is None or not place.is_home_of(inbound.activity) or not handoff_id:
            return _refused("BadRequest", "This card is not in use here.")
        notice = ""
        try:
            await self._database.write(
                self._act, inbound.activity, handoff_id, verb, data, self._now()
            )
        except DeskError as error:
            notice = say_error(error, self._language)
        try:
            view = await self._database.read(self._courier.view, handoff_id)
        except DeskError as error:
            return _refused("NotFound", say_error(error, self._language))
        shown = card(view, self._language, self._courier.console, notice)
        return InvokeAnswer(200, {"statusCode": 200, "type": ADAPTIVE_CARD, "value": shown})

    @property
    def _language(self) -> str:
        return self._courier.language

    def _act(
        self,
        connection: Connection,
        activity: Mapping[str, Any],
        handoff_id: str,
        verb: str,
        data: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Raises DeskError."""
        sender = activity["from"]
        agent = self._agent(connection, object_id(sender), name_of(sender))
        if agent is None:
            raise DeskError(say("not_an_agent", self._language))
        if verb == CLAIM:
            self._desk.claim(connection, handoff_id, agent, now, TEAMS)
        elif verb in (RESOLVE, GIVE_BACK):
            self._check_owner(connection, handoff_id, agent)
            if verb == RESOLVE:
                ended = str(data.get("disposition", ""))
                self._desk.resolve(connection, handoff_id, agent, ended, now)
            else:
                self._desk.give_back(connection, handoff_id, agent, "", now)

    def _check_owner(self, connection: Connection, handoff_id: str, agent: Agent) -> None:
        handoff = store.get(connection, handoff_id)
        if not handoff.status.is_open:
            raise NotOpen
        if handoff.agent_id != agent.id:
            raise NotYours(handoff.agent_name)

    def _received(
        self, connection: Connection, activity: Mapping[str, Any], at_home: bool, now: datetime
    ) -> bool:
        written = read(activity)
        if at_home:
            self._learn_place(connection, activity, now)
        if wants_to_connect(activity):
            self._connect(connection, written, now)
            return True
        handoff = desk_threads.of_conversation(connection, written.conversation_id)
        if activity["type"] == "message":
            self._written(connection, written, handoff, now)
        elif handoff and activity["type"] == "messageUpdate":
            self._edits.changed(
                connection, handoff, written.id, written.text, version_of(activity), now
            )
        elif handoff and activity["type"] == "messageDelete":
            self._edits.withdrawn(connection, handoff, written.id, now)
        return True

    def _written(
        self, connection: Connection, written: Written, handoff: Handoff | None, now: datetime
    ) -> None:
        if handoff is None:
            if written.to_bot:
                self._reply(connection, written, "desk_help", now)
            return
        agent = self._agent(connection, written.object_id, written.name)
        if agent is None:
            once = f"{handoff.id}|{written.object_id}"
            self._tell(connection, handoff, f"stranger|{once}", "not_an_agent", now)
        elif not written.text:
            self._tell(connection, handoff, written.id, "only_text", now)
        elif handoff.status is Status.ACTIVE and handoff.agent_id == agent.id:
            self._say(connection, handoff, agent, written, now)
        else:
            self._note(connection, handoff, agent, written, now)

    def _say(
        self,
        connection: Connection,
        handoff: Handoff,
        agent: Agent,
        written: Written,
        now: datetime,
    ) -> None:
        try:
            self._desk.say(
                connection, handoff.id, agent, written.text, f"{BY_TEAMS}{written.id}", now
            )
        except DeskError as error:
            text = say_error(error, self._language)
            self._courier.line(connection, handoff.id, f"refused|{written.id}", text, now)

    def _note(
        self,
        connection: Connection,
        handoff: Handoff,
        agent: Agent,
        written: Written,
        now: datetime,
    ) -> None:
        """Told once to each person who has it, or would have it; for a closed one every time."""
        text, client_id = written.text[:4000], f"{BY_TEAMS}{written.id}"
        self._desk.note(connection, handoff.id, agent, text, client_id, now)
        once = f"{handoff.id}|{agent.id}|{handoff.agent_id}"
        if handoff.status is Status.ACTIVE:
            self._tell(connection, handoff, once, "note_of_other", now, agent=handoff.agent_name)
        elif handoff.status is Status.WAITING:
            self._tell(connection, handoff, once, "note_unclaimed", now)
        else:
            self._tell(connection, handoff, written.id, "note_closed", now)

    def _connect(self, connection: Connection, written: Written, now: datetime) -> None:
        place = Place(channel_of(written.activity), str(written.activity["serviceUrl"]))
        known = desk_threads.connected(connection, self._courier.fixed)
        agent = self._colleagues(connection, written.object_id, written.name, anyone=False)
        is_home = known is not None and known.channel_id == place.channel_id
        if self._courier.fixed and not is_home:
            self._reply(connection, written, "connect_fixed", now)
        elif agent is None and not is_home:
            self._reply(connection, written, "connect_refused", now)
        else:
            self._remember(connection, place, agent.id if agent else "", now)
            self._reply(connection, written, "connected", now)
            for handoff_id in [] if is_home else queue.untaken(connection):
                self._courier.show(connection, store.get(connection, handoff_id), now)

    def _learn_place(
        self, connection: Connection, activity: Mapping[str, Any], now: datetime
    ) -> None:
        """Microsoft may serve the channel from elsewhere one day."""
        place = Place(channel_of(activity), str(activity["serviceUrl"]))
        if desk_threads.connected(connection, self._courier.fixed) != place:
            self._remember(connection, place, "", now)

    def _remember(self, connection: Connection, place: Place, who: str, now: datetime) -> None:
        key = desk_threads.FIXED if self._courier.fixed else desk_threads.CHOSEN
        desk_threads.connect(connection, place, who, now, key)

    def _agent(self, connection: Connection, object_id: str, name: str) -> Agent | None:
        return self._colleagues(connection, object_id, name, anyone=True)

    def _tell(
        self,
        connection: Connection,
        handoff: Handoff,
        once: str,
        word: str,
        now: datetime,
        **values: object,
    ) -> None:
        text = say(word, self._language, **values)
        self._courier.line(connection, handoff.id, f"{word}|{once}", text, now)

    def _reply(self, connection: Connection, written: Written, word: str, now: datetime) -> None:
        where = reference(str(written.activity["serviceUrl"]), thread_of(written))
        activity = {"type": "message", "text": say(word, self._language), "textFormat": "plain"}
        letter_id = f"{word}|{written.conversation_id}|{written.id}"
        payload = {"reference": where, "activity": activity}
        lane = f"{REPLIES}|{where['conversation']['id']}"
        outbox.post(connection, Letter(letter_id, lane, REPLIES, payload), now)


def deliver_reply(teams: Teams) -> Callable[[Parcel], Awaitable[str]]:
    """The sender of what answers somebody in a channel, outside of any handoff's thread."""

    async def deliver(parcel: Parcel) -> str:
        return await teams.send(parcel.payload["reference"], parcel.payload["activity"])

    return deliver


def _refused(code: str, message: str) -> InvokeAnswer:
    body = {"statusCode": 400, "type": _ERROR, "value": {"code": code, "message": message}}
    return InvokeAnswer(200, body)
