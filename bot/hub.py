"""A handoff hub on Direct Line 3.0: it gets `handoff.initiate`, and what the customer writes; its
statuses move the handoff, and what its people write goes to the customer."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from yarl import URL

from bot.calls import call
from bot.delivery import DeliveryError
from bot.desk_words import say
from bot.handoff_events import STATUS, apply_status, initiation
from bot.http import Http
from bot.service_urls import address
from conversations import log, outbox
from conversations.masking import mask_cards
from conversations.models import EDITS
from conversations.outbox import Letter, Parcel
from handoff import store
from handoff.desk import MAX_CHARACTERS, Desk
from handoff.models import CUSTOMER, Action, Agent, DeskError, Handoff, News, Status
from handoff.transcript import Line, line_of
from storage.database import Connection, Database, StorageError
from storage.times import stored_time

CHANNEL = "hub"
ASK_EVERY_S = 3.0
HUB_ID, HUB_NAME = "hub", "Helpdesk"
INITIATE, SAY, END = "initiate", "say", "end"
_BEGINS = {Action.REQUEST, Action.REOPEN, Action.QUEUE, Action.AWAY}
_ENDS = {
    Action.CLAIM,
    Action.ASSIGN,
    Action.RESOLVE,
    Action.TO_BOT,
    Action.LEAVE,
    Action.END,
    Action.EXPIRE,
}
_OWN = "billing-"

_log = structlog.get_logger()


class Hub:
    """A courier, a sender, and what asks the hub for news. `url` ends before /conversations."""

    def __init__(
        self,
        database: Database,
        url: str,
        secret: str,
        now: Callable[[], datetime],
        http: Http | None = None,
    ) -> None:
        self._database = database
        self._url = url
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._now = now
        self._http = http or Http()

    def __call__(self, connection: Connection, news: News, now: datetime) -> None:
        handoff, by_hub = news.handoff, news.who.id == HUB_ID
        if news.action in _BEGINS and handoff.status is Status.WAITING and not by_hub:
            upto = log.last_number(connection, handoff.conversation_id)
            self._post(connection, handoff, {"kind": INITIATE, "upto": upto}, handoff.revision, now)
        elif news.action is Action.SAY and news.who == CUSTOMER and _is_heard(handoff):
            self._post(connection, handoff, {"kind": SAY, "number": news.number}, news.number, now)
        elif news.action in _ENDS and not by_hub:
            self._post(connection, handoff, {"kind": END}, handoff.revision, now)

    def _post(
        self,
        connection: Connection,
        handoff: Handoff,
        what: Mapping[str, Any],
        which: int,
        now: datetime,
    ) -> None:
        payload = {**what, "handoff": handoff.id}
        letter_id = f"{CHANNEL}|{what['kind']}|{handoff.id}|{which}"
        outbox.post(connection, Letter(letter_id, f"{CHANNEL}|{handoff.id}", CHANNEL, payload), now)

    async def deliver(self, parcel: Parcel) -> str:
        """Raises DeliveryError."""
        handoff_id = parcel.payload["handoff"]
        where = await self._database.read(_conversation_of, handoff_id)
        if where is None and parcel.payload["kind"] == END:
            return ""
        where = where or await self._begin(handoff_id)
        activity = await self._database.read(_activity, parcel)
        url = address(self._url, "conversations", where, "activities")
        body = json.dumps(activity, ensure_ascii=False).encode()
        answer = await call(self._http, "POST", url, self._headers, body, repeatable=False)
        return _text_of(answer.body, "id")

    async def _begin(self, handoff_id: str) -> str:
        """An empty conversation that nobody comes to know of does no harm."""
        url = address(self._url, "conversations")
        answer = await call(self._http, "POST", url, self._headers, b"{}")
        where = _text_of(answer.body, "conversationId")
        if not where:
            raise DeliveryError("the hub did not begin a conversation")
        return await self._database.write(_remember, handoff_id, where, self._now())

    async def keep_asking(self, desk: Desk) -> None:
        """Forever; every process asks, and what two of them hear is done once."""
        while True:
            with suppress(StorageError):
                await self.ask(desk)
            await asyncio.sleep(ASK_EVERY_S)

    async def ask(self, desk: Desk) -> None:
        """Hear what is new in each conversation with the hub."""
        for row in await self._database.read(_conversations):
            try:
                await self._hear(desk, row["handoff_id"], row["conversation_id"], row["watermark"])
            except DeliveryError as error:
                _log.warning("hub_not_asked", handoff=row["handoff_id"], error=str(error))

    async def _hear(self, desk: Desk, handoff_id: str, where: str, watermark: str) -> None:
        url = address(self._url, "conversations", where, "activities")
        url = url.with_query({"watermark": watermark} if watermark else {})
        said = _object(await self._got(url))
        activities = said.get("activities")
        for activity in activities if isinstance(activities, list) else []:
            if isinstance(activity, Mapping):
                await self._did(desk, handoff_id, activity)
        reached = str(said.get("watermark") or watermark)
        if reached != watermark:
            await self._database.write(_reached, handoff_id, reached)

    async def _got(self, url: URL) -> bytes:
        return (await call(self._http, "GET", url, self._headers)).body

    async def _did(self, desk: Desk, handoff_id: str, activity: Mapping[str, Any]) -> None:
        """What the desk refuses is not asked for again."""
        try:
            await self._database.write(_apply, desk, handoff_id, activity, self._now())
        except DeskError as error:
            _log.info("hub_refused", handoff=handoff_id, reason=type(error).__name__)

    async def close(self) -> None:
        await self._http.close()


def _apply(
    connection: Connection,
    desk: Desk,
    handoff_id: str,
    activity: Mapping[str, Any],
    now: datetime,
) -> None:
    """Raises DeskError."""
    sender = activity.get("from")
    sender = sender if isinstance(sender, Mapping) else {}
    if str(sender.get("id") or "").startswith(_OWN):
        return
    who = Agent(HUB_ID, str(sender.get("name") or HUB_NAME)[:100])
    value, text = activity.get("value"), activity.get("text")
    if activity.get("name") == STATUS and isinstance(value, Mapping):
        apply_status(connection, desk, handoff_id, value, who, now)
    elif activity.get("type") == "message" and isinstance(text, str) and text.strip():
        client_id = f"{HUB_ID}:{activity.get('id')}"
        said = mask_cards(text[:MAX_CHARACTERS])[0]
        desk.say(connection, handoff_id, who, said, client_id, now)


def _activity(connection: Connection, parcel: Parcel) -> dict[str, Any]:
    kind, handoff = parcel.payload["kind"], store.get(connection, parcel.payload["handoff"])
    sender = {"id": f"{_OWN}{handoff.conversation_id}", "name": handoff.customer_name}
    if kind == INITIATE:
        return {**initiation(connection, handoff.id, parcel.payload["upto"]), "from": sender}
    if kind == END:
        return {"type": "endOfConversation", "code": "completedSuccessfully", "from": sender}
    said = log.activity(connection, handoff.conversation_id, parcel.payload["number"])
    text = _text(line_of(said), handoff.language) if said else ""
    return {"type": "message", "from": sender, "text": text, "locale": handoff.language}


def _text(line: Line, language: str) -> str:
    if line.type in EDITS:
        return say(
            line.type, language, name=line.name or say(line.author, language), text=line.text
        )
    return line.text


def _is_heard(handoff: Handoff) -> bool:
    return handoff.agent_id in ("", HUB_ID)


def _conversation_of(connection: Connection, handoff_id: str) -> str | None:
    rows = connection.execute(
        "SELECT conversation_id FROM hub_conversations WHERE handoff_id = %(id)s", id=handoff_id
    )
    return str(rows[0]["conversation_id"]) if rows else None


def _remember(connection: Connection, handoff_id: str, where: str, now: datetime) -> str:
    """The first one stays."""
    connection.execute(
        "INSERT INTO hub_conversations (handoff_id, conversation_id, created_at)"
        " VALUES (%(id)s, %(where)s, %(at)s) ON CONFLICT (handoff_id) DO NOTHING",
        id=handoff_id,
        where=where,
        at=stored_time(now),
    )
    return _conversation_of(connection, handoff_id) or where


def _conversations(connection: Connection) -> list[dict[str, Any]]:
    return connection.execute(
        "SELECT hub.* FROM hub_conversations hub JOIN handoffs h ON h.id = hub.handoff_id"
        " WHERE h.status IN ('waiting', 'active') ORDER BY hub.created_at"
    )


def _reached(connection: Connection, handoff_id: str, watermark: str) -> None:
    connection.execute(
        "UPDATE hub_conversations SET watermark = %(to)s WHERE handoff_id = %(id)s",
        to=watermark,
        id=handoff_id,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _text_of(body: bytes, name: str) -> str:
    return str(_object(body).get(name) or "")
