"""A desk with people in front of it and behind it, as on an ordinary Monday: for pictures and for
tests that need more than one conversation."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from bot.replies import BOT_ID
from bot.speaker import DeskSpeaker
from config import Settings
from conversations import log
from conversations.log import Participant
from conversations.models import Author, NewActivity
from handoff import presence
from handoff.customers import Customers
from handoff.desk import Desk
from handoff.escalations import Escalations
from handoff.models import Agent, HandoffRequest, Reason, Tried
from handoff.voice import Voice
from knowledge.files import load
from knowledge.live import Knowledge, Live
from knowledge.matching import InThread
from storage.database import Connection
from tests.browser.served import Served
from tests.product import CACHE, matcher_once

MEI = Person("p-mei", "Mei Lin", "mei@partner.example", frozenset({Role.BILLING_ADMIN}), "en")
RAJ = Person("p-raj", "Raj Patel", "raj@partner.example", frozenset({Role.HELPDESK_AGENT}), "en")
ADA = Person("p-ada", "Ada Okafor", "ada@partner.example", frozenset({Role.GLOBAL_ADMIN}), "en")


@dataclass
class Said:
    author: Author
    text: str
    entry: str = ""
    confidence: float | None = None
    more: dict[str, Any] = field(default_factory=dict)


def asked(text: str, **more: Any) -> Said:
    return Said(Author.CUSTOMER, text, more=more)


def answered(text: str, entry: str, confidence: float) -> Said:
    return Said(Author.BOT, text, entry, confidence)


class DeskScene:
    """Everything through the desk's own functions, at the times that are given."""

    def __init__(self, served: Served) -> None:
        settings = replace(Settings(), cache=CACHE)
        content = load(settings.content)
        self.live = Live(Knowledge(1, content, InThread(matcher_once(content, settings))))
        self.served = served
        voice = Voice(DeskSpeaker(self.live), lambda: self.live.knowledge.policy)
        self.desk, self.customers = Desk(voice), Customers(voice)
        self.escalations = Escalations(voice)

    async def signs_in(self, person: Person) -> str:
        """The key that the person's browser holds in its cookie."""
        key = sessions.new_key()
        await self.served.database.write(_sign_in, person, key, self.served.now())
        return key

    async def is_there(self, person: Person) -> None:
        await self.write(presence.seen, agent(person), self.served.now())

    async def asks(
        self,
        conversation: str,
        name: str,
        said: Sequence[Said],
        request: HandoffRequest,
        ago: timedelta,
        channel: str = "web",
        language: str = "en",
    ) -> str:
        """The handoff's id."""
        at = self.served.now() - ago
        reference = _nowhere(conversation) if channel != "web" else None
        who = Participant(conversation, channel, f"dl_{conversation}", name, language, reference)
        number = await self.write(_say, who, said, at)
        await self.write(self.customers.request, conversation, number, request, at)
        return f"{conversation}|{number}"

    async def writes(self, conversation: str, text: str, ago: timedelta = timedelta(0)) -> None:
        at = self.served.now() - ago
        number = await self.write(_append, conversation, asked(text), at)
        await self.write(self.customers.wrote, conversation, number, at)

    async def write(self, act: Any, *given: Any) -> Any:
        return await self.served.database.write(_delivered, act, *given)


def _delivered(connection: Connection, act: Any, *given: Any) -> Any:
    """As if what leaves for nowhere had arrived there."""
    done = act(connection, *given)
    connection.execute("UPDATE outbox SET status = 'sent' WHERE status = 'queued'")
    return done


def _nowhere(conversation: str) -> dict[str, Any]:
    """A place no reply may be sent to."""
    return {
        "serviceUrl": "https://nowhere.example/",
        "channelId": "msteams",
        "conversation": {"id": conversation},
        "bot": {"id": "28:bot"},
        "user": {"id": "29:user"},
    }


def agent(person: Person) -> Agent:
    roles = frozenset(str(role) for role in person.roles)
    return Agent(person.id, person.name, roles, Role.GLOBAL_ADMIN in person.roles)


async def ordinary_monday(scene: DeskScene, language: str = "en") -> dict[str, str]:
    """Handoffs by name: carla waits, tom waits in Teams, li is Mei's, old is resolved..."""
    minute = timedelta(minutes=1)
    tried = Tried(
        "Why is my October invoice higher than in September?",
        "",
        rejected=(("price-change", 0.31), ("proration", 0.24), ("azure-usage-billing", 0.17)),
    )
    first = Tried("How can I pay my invoice?", "payment-methods", 1, 0.98)
    for person in (MEI, RAJ, ADA):
        await scene.is_there(person)
    request = HandoffRequest(Reason.NO_MATCH, tried.question, "en", (first, tried), "invoices")
    made = {
        "carla": await scene.asks(
            "c-carla",
            "Carla Mendes",
            [
                asked("How can I pay my invoice?", locale="en-SG"),
                answered(
                    "You can pay by:\n\n- **bank transfer** to the account on the invoice\n"
                    "- **GIRO** or a credit card in the portal\n\nThere is no surcharge.",
                    "payment-methods",
                    0.98,
                ),
                asked(
                    "Why is my October invoice higher than in September?",
                    channelData={"page": "https://harbourlight.example/billing"},
                ),
                Said(
                    Author.BOT,
                    "I am not sure which of these you mean, so I would rather ask a person.",
                ),
                asked("Yes, a person please. We did not add any licences."),
            ],
            request,
            6 * minute,
        ),
        "wei": await scene.asks(
            "c-wei",
            "陈伟",
            [asked("我们的付款已经扣了两次，请帮忙查一下。")],
            HandoffRequest(
                Reason.ASKED, "我们的付款已经扣了两次，请帮忙查一下。", "zh", (), "payments"
            ),
            14 * minute,
            language="zh",
        ),
        "tom": await scene.asks(
            "c-tom",
            "Tom Berg",
            [asked("Please move the billing date of our Azure plan to the 1st.")],
            HandoffRequest(
                Reason.NEEDS_ACCOUNT,
                "Please move the billing date of our Azure plan to the 1st.",
                "en",
                (),
                "charges",
            ),
            31 * minute,
            channel="msteams",
        ),
        "nadia": await scene.asks(
            "c-nadia",
            "Nadia Rahman",
            [asked("The credit card was declined although it is valid until 2029.")],
            HandoffRequest(
                Reason.REPEATED,
                "The credit card was declined although it is valid until 2029.",
                "en",
                (),
                "payments",
            ),
            47 * minute,
        ),
        "left": await scene.asks(
            "c-jonas",
            "Jonas Weber",
            [asked("Please send a corrected tax invoice for September.")],
            HandoffRequest(
                Reason.ASKED,
                "Please send a corrected tax invoice for September.",
                "en",
                (),
                "invoices",
            ),
            timedelta(hours=13),
        ),
        "old": await scene.asks(
            "c-priya",
            "Priya Nair",
            [asked("Can we get a refund for the unused seats?")],
            HandoffRequest(
                Reason.NEGATIVE_RATING,
                "Can we get a refund for the unused seats?",
                "en",
                (),
                "charges",
            ),
            timedelta(hours=26),
        ),
    }
    await _worked(scene, made, minute)
    return made


async def _worked(scene: DeskScene, made: dict[str, str], minute: timedelta) -> None:
    """What Mei, Raj and Ada have done with it by now."""
    now = scene.served.now()
    mei, ada = agent(MEI), agent(ADA)
    desk = scene.desk
    await scene.write(desk.claim, made["nadia"], mei, now - 40 * minute)
    await scene.write(desk.prioritise, made["nadia"], mei, 1, now - 39 * minute)
    await scene.write(desk.label, made["nadia"], mei, ["card", "vip"], now - 39 * minute)
    text = "Hello Nadia, I can see two attempts this morning. Which bank issued the card?"
    await scene.write(desk.say, made["nadia"], mei, text, "scene-1", now - 38 * minute)
    note = "Two declines with code 51, same card as in August."
    await scene.write(desk.note, made["nadia"], mei, note, "scene-2", now - 37 * minute)
    asked_them = "Declined renewals although the card is valid; please check the billing profile."
    reference = "2611230040001187"
    begin = scene.escalations.begin
    await scene.write(
        begin, made["nadia"], mei, "commercial", reference, asked_them, now - 20 * minute
    )
    await scene.writes(
        "c-nadia", "DBS, and they see no reason. Can I pay by bank transfer instead?", 3 * minute
    )
    late = now - timedelta(hours=12)
    await scene.write(scene.customers.leave_contact, "c-jonas", "jonas.weber@example.com", late)
    await scene.write(desk.claim, made["old"], mei, now - timedelta(hours=25))
    reply = "Refunds for unused seats are possible within seven days; I have filed yours."
    await scene.write(desk.say, made["old"], mei, reply, "scene-3", now - timedelta(hours=25))
    await scene.write(desk.resolve, made["old"], mei, "refunded", now - timedelta(hours=24))
    await scene.write(desk.claim, made["tom"], ada, now - 20 * minute)
    tomorrow = now + timedelta(hours=20)
    await scene.write(desk.snooze, made["tom"], ada, tomorrow, now - 15 * minute)


def _sign_in(connection: Connection, person: Person, key: str, now: datetime) -> None:
    if store.get(connection, person.id) is None:
        store.add(connection, person, "", now)
    sessions.begin(connection, key, person.id, Browser("Tests"), now, Lifetimes())


def _say(connection: Connection, who: Participant, said: Sequence[Said], at: datetime) -> int:
    log.begin(connection, who, at)
    numbers = [_append(connection, who.conversation_id, one, at) for one in said]
    return numbers[-1]


def _append(connection: Connection, conversation: str, one: Said, at: datetime) -> int:
    body = {"type": "message", "text": one.text, **one.more}
    if one.author is Author.BOT:
        body |= {"textFormat": "markdown", "from": {"id": BOT_ID, "name": "Harbourlight Cloud"}}
    new = NewActivity(
        one.author,
        "message",
        body,
        entry_id=one.entry or None,
        version=1 if one.entry else None,
        confidence=one.confidence,
    )
    return log.append(connection, conversation, new, at)[0]
