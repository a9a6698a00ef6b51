"""A month of questions, some of them without an answer: for the editors' learning pages."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from accounts.models import Role
from app import EDITING, create_app
from config import Settings
from conversations import log, ratings
from conversations.log import Participant
from conversations.models import Author, NewActivity
from conversations.ratings import Rating
from handoff import proposals
from handoff.models import Agent
from knowledge.editing import Editing
from knowledge.learning import missed as misses
from knowledge.learning.missed import NOTHING, Given, Miss
from storage.database import Connection
from tests.product import CACHE, Clock, in_threads
from tests.staff import Staff, database_of, signed_in

MEI = Agent("p-mei", "Mei Lin", frozenset({"billing_admin"}))
BITCOIN = "Can I pay my invoice with Bitcoin?"
REPLY = (
    "We cannot take Bitcoin. Please pay by bank transfer or card; the details are on the invoice."
)


@dataclass
class Told:
    """One conversation: what was asked, and what became of it."""

    name: str
    question: str
    days_ago: float
    language: str = "en"
    channel: str = "web"
    kind: Miss | None = None
    entry: str = ""
    rating: str = ""
    accepted: str = ""
    reason: str = ""
    replies: tuple[str, ...] = ()
    score: int = 0
    user: str = ""
    more: tuple[str, ...] = field(default=())


@asynccontextmanager
async def editor(
    database_url: str, *roles: Role, told: bool = True, **changes: Any
) -> AsyncIterator[Staff]:
    """Signed in to the product after that month; an editor unless other roles are given."""
    clock = Clock()
    kept = {"database_url": database_url, "cache": CACHE, "dev": True, "encoder": "none"}
    with TemporaryDirectory() as folder:
        settings = Settings(**{**kept, "content": small_content(Path(folder)), **changes})
        app = await create_app(settings, clock, in_threads(settings))
    async with TestClient(TestServer(app)) as client:
        database = database_of(client)
        if told:
            await database.write(month, clock())
            await app[EDITING].learning.gather()
        async with signed_in(client, database, *(roles or (Role.CONTENT_EDITOR,))) as staff:
            yield staff


def small_content(folder: Path) -> Path:
    """The shipped policy and messages, and the entries about payments: fitted in no time."""
    shipped = Settings().content
    (folder / "entries").mkdir()
    for name in ("policy.yaml", "messages.yaml", "entries/payments.yaml", "out_of_scope.yaml"):
        (folder / name).write_bytes((shipped / name).read_bytes())
    return folder


def editing(staff: Staff) -> Editing:
    assert staff.client.app is not None
    return staff.client.app[EDITING]


async def page_of(staff: Staff, path: str) -> str:
    response = await staff.get(path)
    text = unescape(await response.text())
    assert response.status == 200, text
    return text


def tell(connection: Connection, told: Told, now: datetime) -> None:
    """As turns and the desk leave it in the tables."""
    at = now - timedelta(days=told.days_ago)
    who = Participant(told.name, told.channel, told.user or told.name, "", told.language)
    log.begin(connection, who, at)
    for text in (*told.more, told.question):
        body = {"type": "message", "text": text}
        number, _ = log.append(
            connection, told.name, NewActivity(Author.CUSTOMER, "message", body), at
        )
    if told.kind:
        candidates = [(told.accepted or "payment-methods", 0.31), ("credit-note", 0.12)]
        asked = (told.name, number, told.question, told.language)
        was_given = told.entry and told.kind in (Miss.RATED, Miss.HANDOFF)
        given = Given(told.entry, 1) if was_given else NOTHING
        misses.missed(connection, *asked, told.kind, candidates, at, given)
    said = NewActivity(
        Author.BOT,
        "message",
        {"type": "message", "text": "…"},
        entry_id=told.entry or None,
        version=1 if told.entry else None,
        confidence=0.9 if told.entry else None,
    )
    log.append(connection, told.name, said, at + timedelta(seconds=1))
    if told.accepted:
        misses.accepted(connection, told.name, number + 2, told.accepted)
    if told.rating:
        rating = Rating(told.rating == "positive")
        ratings.rate(connection, told.name, rating, at + timedelta(minutes=1))
    if told.reason:
        _helped(connection, told, number, at)


def _helped(connection: Connection, told: Told, number: int, at: datetime) -> None:
    handoff_id = f"{told.name}|{number}"
    closed = at + timedelta(hours=1)
    stamp = [
        when.isoformat(timespec="milliseconds").replace("+00:00", "Z") for when in (at, closed)
    ]
    connection.execute(
        "INSERT INTO handoffs (id, conversation_id, status, reason, details, number, topic,"
        " created_at, updated_at, closed_at) VALUES (%(id)s, %(conversation)s, 'resolved',"
        " %(reason)s, %(details)s, %(number)s, 'payments', %(at)s, %(closed)s, %(closed)s)",
        id=handoff_id,
        conversation=told.name,
        reason=told.reason,
        details=json.dumps({"question": told.question}),
        number=number,
        at=stamp[0],
        closed=stamp[1],
    )
    for text in told.replies:
        body = {"type": "message", "text": text}
        log.append(connection, told.name, NewActivity(Author.AGENT, "message", body), closed)
    if told.score:
        connection.execute(
            "INSERT INTO help_ratings (handoff_id, score, created_at)"
            " VALUES (%(id)s, %(score)s, %(at)s)",
            id=handoff_id,
            score=told.score,
            at=stamp[1],
        )


def month(connection: Connection, now: datetime) -> None:
    """Missed: Bitcoin (5), parking (2), a late file (1); answered and rated ones besides."""
    asked = Miss.ASKED_BACK
    stories = [
        *(Told(f"b{n}", text, 3 * n + 1, kind=Miss.NO_MATCH) for n, text in enumerate(BITCOINS)),
        Told("b9", BITCOIN, 2, "en", "msteams", Miss.HANDOFF, reason="no_match", score=5,
             replies=("Hello, Mei here.", f"{REPLY} Write to carla@shop.example.")),
        Told("z1", "可以用比特币付款吗？", 4, "zh", kind=Miss.NO_MATCH),
        Told("p1", "Where can I park at your office?", 9, kind=Miss.NO_MATCH),
        Told("p2", "Is there parking at your office?", 20, kind=Miss.NO_MATCH),
        Told("f1", "Why does the reconciliation file come so late?", 6, kind=Miss.RATED,
             entry="credit-note", rating="negative"),
        Told("a1", "settle the bill how", 5, kind=asked, accepted="payment-methods"),
        Told("a2", "settle the bill how", 6, kind=asked, accepted="payment-methods"),
        Told("a3", "money back how long", 6, kind=asked, accepted="refund"),
        Told("a4", "怎么把钱退回来", 7, "zh", kind=asked, accepted="refund"),
        *(Told(f"g{n}", "How can I pay my invoice?", 0.7 * n + 0.2, entry="payment-methods",
               rating=("", "positive", "", "negative")[n % 4], channel=("web", "msteams")[n % 2])
          for n in range(34)),
        *(Told(f"h{n}", "可以退款吗？", 1.3 * n + 0.4, "zh", entry="refund",
               rating=("positive", "", "")[n % 3]) for n in range(18)),
        *(Told(f"r{n}", "I want to talk to a person", 2.9 * n + 0.9, reason=reason, score=score)
          for n, (reason, score) in enumerate(
              [("asked", 5), ("asked", 4), ("needs_account", 0), ("negative_rating", 2)])),
    ]  # fmt: skip
    for told in stories:
        tell(connection, told, now)
    proposals.propose(
        connection, "b9|1", MEI, BITCOIN, REPLY, "en", "client-0001", now - timedelta(days=2)
    )


BITCOINS = (
    BITCOIN,
    "can i pay with bitcoin",
    "may I pay you with bitcoin please? I am carla@shop.example",
)
