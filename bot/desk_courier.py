"""What leaves for the agents' channel in Teams: a card per handoff, its changes, what is said.

One lane per handoff, so its thread begins before anything goes into it. A letter that changes the
card says only that it has changed: whoever sends it draws the card as the handoff is by then, and
those behind it find nothing left to do. That, and messages that wait together going as one, keeps a
busy channel within Teams' limits.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from bot import desk_threads
from bot.delivery import DeliveryError
from bot.desk_card import View, card_activity, lines_before, words_of
from bot.desk_threads import Place, Thread
from bot.desk_words import first_language, say
from conversations import log, outbox
from conversations.models import EDITS, Author
from conversations.outbox import Letter, Parcel
from handoff import store
from handoff.models import CUSTOMER, Action, Handoff, News, Status
from handoff.queue import wait_of
from handoff.transcript import Line, line_of
from knowledge.policy import SupportPolicy
from storage.database import Connection, Database

CHANNEL = "teams-desk"
CONSOLE_PATH = "/agent"
BY_TEAMS = "teams:"
"""How the ids begin under which the desk keeps what was written in a thread."""

CARD, SAY, LINE = "card", "say", "line"
_LINES = {
    Action.REMIND: "still_waiting",
    Action.WIDEN: "for_everybody",
    Action.REOPEN: "reopened",
    Action.QUEUE: "waits_again",
    Action.AWAY: "waits_again",
}


class Teams(Protocol):
    """The connector's side; each raises DeliveryError."""

    async def send(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> str: ...

    async def update(self, reference: Mapping[str, Any], activity: Mapping[str, Any]) -> str: ...

    async def begin_thread(
        self, service_url: str, channel_id: str, activity: Mapping[str, Any]
    ) -> tuple[str, str]: ...


class DeskCourier:
    """`fixed` is the channel of the settings, None when an agent may connect one."""

    def __init__(
        self,
        database: Database,
        teams: Teams,
        policy: Callable[[], SupportPolicy],
        fixed: Place | None,
        base_url: str,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._teams = teams
        self._policy = policy
        self._now = now
        self.fixed = fixed
        self.console = f"{base_url}{CONSOLE_PATH}"

    @property
    def language(self) -> str:
        return first_language(self._policy())

    def __call__(self, connection: Connection, news: News, now: datetime) -> None:
        thread = desk_threads.of_handoff(connection, news.handoff.id)
        if thread is None and desk_threads.connected(connection, self.fixed) is None:
            return
        if news.action is Action.SAY:
            self._said(connection, news, news.number, now)
        elif news.action is Action.NOTE:
            self._noted(connection, news, now)
        else:
            self.show(connection, news.handoff, now)
            self._line_about(connection, news, now)

    def show(self, connection: Connection, handoff: Handoff, now: datetime) -> None:
        """Put the card into the channel, or bring it up to date. Only what can be done twice is
        repeated by itself: beginning a thread is not."""
        begun = desk_threads.of_handoff(connection, handoff.id) is not None
        payload = {"kind": CARD, "handoff": handoff.id, "revision": handoff.revision}
        letter_id = f"{CARD}|{handoff.id}|{handoff.revision}"
        self._post(connection, letter_id, handoff.id, payload, now, repeatable=begun)

    def line(
        self, connection: Connection, handoff_id: str, letter_id: str, text: str, now: datetime
    ) -> None:
        """Say something in the thread; the same letter id again says nothing."""
        payload = {"kind": LINE, "handoff": handoff_id, "text": text}
        self._post(connection, f"{LINE}|{letter_id}", handoff_id, payload, now)

    def _said(self, connection: Connection, news: News, number: int, now: datetime) -> None:
        """Not what was typed in the thread itself."""
        if number and not _from_thread(connection, news, number):
            payload = {"kind": SAY, "handoff": news.handoff.id, "numbers": [number]}
            letter_id = f"{SAY}|{news.handoff.id}|{number}"
            self._post(connection, letter_id, news.handoff.id, payload, now)

    def _noted(self, connection: Connection, news: News, now: datetime) -> None:
        client_id = str(news.details.get("client_id", ""))
        if not client_id.startswith(BY_TEAMS):
            text = say(
                "note_in_console", self.language, name=news.who.name, text=news.details["text"]
            )
            letter_id = f"note|{news.who.id}|{client_id}"
            self.line(connection, news.handoff.id, letter_id, text, now)

    def _line_about(self, connection: Connection, news: News, now: datetime) -> None:
        """What should be noticed: a card that changes in place alerts nobody."""
        if news.action not in _LINES:
            return
        handoff = news.handoff
        since = datetime.fromisoformat(handoff.waiting_since)
        minutes = round(self._policy().open_time(since, now).total_seconds() / 60)
        text = say(_LINES[news.action], self.language, minutes=minutes)
        self.line(connection, handoff.id, f"{handoff.id}|{handoff.revision}", text, now)
        if news.action is Action.REOPEN:
            self._said(connection, news, int(news.details.get("number", 0)), now)

    def _post(
        self,
        connection: Connection,
        letter_id: str,
        handoff_id: str,
        payload: Mapping[str, Any],
        now: datetime,
        repeatable: bool = False,
    ) -> None:
        lane = f"{CHANNEL}|{handoff_id}"
        outbox.post(connection, Letter(letter_id, lane, CHANNEL, payload, repeatable), now)

    async def deliver(self, parcel: Parcel) -> str:
        """Raises DeliveryError."""
        send = {CARD: self._deliver_card, SAY: self._deliver_said, LINE: self._deliver_line}
        return await send[parcel.payload["kind"]](parcel)

    async def _deliver_card(self, parcel: Parcel) -> str:
        read = self._database.read
        thread = await read(desk_threads.of_handoff, parcel.payload["handoff"])
        if thread and thread.shown >= parcel.payload["revision"]:
            return thread.activity_id
        view = await read(self.view, parcel.payload["handoff"])
        activity = card_activity(view, self.language, self.console)
        if thread is None:
            return await self._begin(parcel, view.handoff, activity)
        await self._teams.update(thread.reference, {**activity, "id": thread.activity_id})
        await self._database.write(desk_threads.shows, view.handoff)
        return thread.activity_id

    async def _begin(self, parcel: Parcel, handoff: Handoff, activity: dict[str, Any]) -> str:
        place = await self._database.read(desk_threads.connected, self.fixed)
        if place is None:
            raise DeliveryError("no channel is connected", permanent=True)
        if await self._database.read(_may_have_begun, parcel):
            raise DeliveryError("whether its card was delivered is not known", permanent=True)
        where, root = await self._teams.begin_thread(place.service_url, place.channel_id, activity)
        await self._database.write(
            desk_threads.begin, handoff, where, root, place.service_url, self._now()
        )
        return root

    async def _deliver_said(self, parcel: Parcel) -> str:
        thread = await self._thread(parcel)
        payload = await self._database.write(outbox.absorb, parcel, SAY, "numbers")
        text = await self._database.read(self._texts, payload["handoff"], payload["numbers"])
        return await self._teams.send(thread.reference, _plain(text)) if text else ""

    async def _deliver_line(self, parcel: Parcel) -> str:
        thread = await self._thread(parcel)
        return await self._teams.send(thread.reference, _plain(parcel.payload["text"]))

    async def _thread(self, parcel: Parcel) -> Thread:
        found = await self._database.read(desk_threads.of_handoff, parcel.payload["handoff"])
        if found is None:
            raise DeliveryError("its card was not delivered", permanent=True)
        return found

    def view(self, connection: Connection, handoff_id: str) -> View:
        """As things stand now."""
        handoff, now = store.get(connection, handoff_id), self._now()
        lines, left_out = lines_before(connection, handoff)
        place = 0
        if handoff.status is Status.WAITING and not handoff.contact:
            place = wait_of(connection, handoff, self._policy().open_time).place
        return View(handoff, lines, left_out, place, now.isoformat())

    def _texts(self, connection: Connection, handoff_id: str, numbers: list[int]) -> str:
        conversation_id = store.get(connection, handoff_id).conversation_id
        rows = (log.activity(connection, conversation_id, number) for number in numbers)
        said = (self._text(line_of(row)) for row in rows if row)
        return "\n\n".join(text for text in said if text)

    def _text(self, line: Line) -> str:
        name = line.name or say(line.author, self.language)
        if line.type in EDITS:
            return say(line.type, self.language, name=name, text=line.text)
        if not line.text or line.author == Author.CUSTOMER:
            return line.text and f"{name}: {line.text}"
        return say("said_in_console", self.language, name=line.name, text=words_of(line))


def _plain(text: str) -> dict[str, Any]:
    """People's words go as they are: as Markdown they could be links, or lists, or nothing."""
    return {"type": "message", "text": text, "textFormat": "plain"}


def _from_thread(connection: Connection, news: News, number: int) -> bool:
    if news.who == CUSTOMER:
        return False
    rows = connection.execute(
        "SELECT external_id FROM activities WHERE conversation_id = %(id)s AND number = %(number)s",
        id=news.handoff.conversation_id,
        number=number,
    )
    written_there = f"agent|{news.who.id}|{BY_TEAMS}"
    return bool(rows) and str(rows[0]["external_id"] or "").startswith(written_there)


def _may_have_begun(connection: Connection, parcel: Parcel) -> bool:
    """Another letter of the lane may have begun a thread that we do not know of."""
    return bool(
        connection.execute(
            "SELECT id FROM outbox WHERE lane = %(lane)s AND id <> %(id)s AND status = 'unknown'"
            " AND repeatable = 0 AND id LIKE 'card|%%'",
            lane=parcel.lane,
            id=parcel.id,
        )
    )
