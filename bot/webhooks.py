"""What happens to handoffs, told to other systems by signed webhooks; each may come twice, and says
so by its delivery id."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiohttp import ClientTimeout
from yarl import URL

from bot.calls import call
from bot.delivery import DeliveryError
from bot.desk_card import words_of
from bot.handoff_events import INITIATE, initiation
from bot.http import Http
from bot.public_addresses import PublicResolver, may_be_called
from bot.signing import signed
from conversations import log, outbox
from conversations.outbox import Letter, Parcel
from handoff.models import CUSTOMER, Action, Handoff, News
from handoff.transcript import line_of
from storage.database import Connection, Database
from storage.json_text import json_text
from storage.times import stored_time

CHANNEL = "webhook"
TIMEOUT_S = 5.0


class Webhooks:
    """A courier and a sender. `secrets`: the first one signs."""

    def __init__(
        self,
        database: Database,
        urls: Sequence[str],
        secrets: Sequence[str],
        allow_private: bool,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._urls = {_short(url): url for url in urls}
        self._secret = secrets[0]
        self._allow_private = allow_private
        self._now = now
        resolver = None if allow_private else PublicResolver
        self._http = Http(ClientTimeout(total=TIMEOUT_S), resolver)

    def __call__(self, connection: Connection, news: News, now: datetime) -> None:
        payload = dict(_payload(connection, news, now))
        what = f"{news.handoff.id}|{news.handoff.revision}|{news.action}|{_which(news)}"
        for short in self._urls:
            letter_id, lane = f"{CHANNEL}|{short}|{what}", f"{CHANNEL}|{short}|{news.handoff.id}"
            outbox.post(
                connection,
                Letter(letter_id, lane, CHANNEL, {"url": short, **payload}, repeatable=True),
                now,
            )

    async def deliver(self, parcel: Parcel) -> str:
        """Raises DeliveryError."""
        url = self._urls.get(parcel.payload["url"])
        if url is None:
            raise DeliveryError("this webhook is not configured any more", permanent=True)
        if not self._allow_private and not may_be_called(url):
            raise DeliveryError("this address is not allowed", permanent=True)
        delivery = str(uuid5(NAMESPACE_URL, parcel.id))
        body = await self._database.read(_body, parcel, delivery)
        headers = signed(self._secret, body, delivery, self._now())
        await call(self._http, "POST", URL(url), headers, body)
        return delivery

    async def close(self) -> None:
        await self._http.close()


def _payload(connection: Connection, news: News, now: datetime) -> Iterator[tuple[str, Any]]:
    """How things stand when it happens; a transcript is made when it is sent."""
    yield "event", _event(news)
    yield "at", stored_time(now)
    yield "handoff", shape(news.handoff)
    yield "who", {"id": news.who.id, "name": news.who.name}
    yield "details", {name: news.details[name] for name in news.details if name != "client_id"}
    if news.number:
        yield "number", news.number
    if news.action is Action.REQUEST:
        yield "upto", log.last_number(connection, news.handoff.conversation_id)


def shape(handoff: Handoff) -> dict[str, Any]:
    return {
        "id": handoff.id,
        "conversation": handoff.conversation_id,
        "status": handoff.status,
        "revision": handoff.revision,
        "reason": handoff.reason,
        "question": handoff.request.get("question", ""),
        "topic": handoff.topic,
        "role": handoff.role,
        "priority": handoff.priority,
        "labels": list(handoff.labels),
        "contact": handoff.contact,
        "agent": {"id": handoff.agent_id, "name": handoff.agent_name} if handoff.agent_id else None,
        "customer": {"id": handoff.customer_id, "name": handoff.customer_name},
        "channel": handoff.channel,
        "language": handoff.language,
        "created_at": handoff.created_at,
        "closed_at": handoff.closed_at,
        "disposition": handoff.disposition,
    }


def _event(news: News) -> str:
    if news.action is Action.SAY:
        return "message.customer" if news.who == CUSTOMER else "message.agent"
    return INITIATE if news.action is Action.REQUEST else f"handoff.{news.action}"


def _which(news: News) -> str:
    """Tells apart what does not change the handoff's revision."""
    return f"{news.who.id}|{news.details.get('client_id', news.number)}"


def _body(connection: Connection, parcel: Parcel, delivery: str) -> bytes:
    """What was told when it happened, with the rows of the log that it speaks of."""
    told = {name: parcel.payload[name] for name in ("event", "at", "handoff", "who", "details")}
    body = {**told, "delivery": delivery}
    handoff = told["handoff"]
    if number := parcel.payload.get("number"):
        said = log.activity(connection, handoff["conversation"], number)
        if said:
            line = line_of(said)
            names = ("number", "type", "author", "name", "at")
            text = words_of(line)
            body["message"] = {**{name: getattr(line, name) for name in names}, "text": text}
    if upto := parcel.payload.get("upto"):
        body["activity"] = initiation(connection, handoff["id"], upto)
    return json_text(body).encode()


def _short(url: str) -> str:
    """The outbox is shown to people; an address can hold a secret."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]
