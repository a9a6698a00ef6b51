"""Mail: to agents when somebody waits, to a customer who left an address when an agent answers, to
who owns an answer when it is to be read again."""

import hashlib
import re
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from bot import desk_words
from bot.delivery import DeliveryError
from bot.desk_card import words_of
from bot.desk_courier import CONSOLE_PATH
from bot.desk_words import first_language
from bot.mail_text import Mail, say
from bot.review_mail import TO_OWNERS, Owners, letters, mail_of
from bot.service_urls import LOOPBACK_HOSTS
from conversations import log, outbox
from conversations.outbox import Letter, Parcel
from handoff import store
from handoff.models import CUSTOMER, SYSTEM, Action, Handoff, News, Status
from handoff.transcript import line_of
from knowledge.entry import Entry
from knowledge.policy import SupportPolicy
from storage.database import Connection, Database

CHANNEL = "mail"
TIMEOUT_S = 20.0
TO_AGENTS, TO_CUSTOMER = "agents", "customer"
MAX_SUBJECT = 150
_WAITING = {
    Action.REQUEST: "request",
    Action.REOPEN: "reopen",
    Action.QUEUE: "again",
    Action.AWAY: "again",
    Action.REMIND: "remind",
    Action.WIDEN: "widen",
}
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class Server:
    """smtp://user:password@host:587 with STARTTLS where it is offered, or smtps://host:465. A
    password is never sent in the clear, except to this machine."""

    host: str
    port: int
    implicit_tls: bool
    user: str
    password: str

    @classmethod
    def read(cls, url: str) -> "Server":
        """Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("an SMTP address is smtp://host:port or smtps://host:port")
        implicit = parts.scheme == "smtps"
        return cls(
            parts.hostname,
            parts.port or (465 if implicit else 587),
            implicit,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )

    @property
    def start_tls(self) -> bool | None:
        """None: where it is offered."""
        if self.implicit_tls:
            return False
        return True if self.user and self.host not in LOOPBACK_HOSTS else None


class Mailer:
    """A courier and a sender. `to` are the agents' addresses, `owners` who hears of reviews."""

    def __init__(
        self,
        database: Database,
        server: Server,
        sender: str,
        to: Sequence[str],
        policy: Callable[[], SupportPolicy],
        base_url: str,
        now: Callable[[], datetime],
        tls: ssl.SSLContext | None = None,
        owners: Owners = lambda *_: {},
    ) -> None:
        self._database = database
        self._server = server
        self._from = sender
        self._to = tuple(to)
        self._policy = policy
        self._base_url = base_url
        self._now = now
        self._tls = tls
        self._owners = owners

    def __call__(self, connection: Connection, news: News, now: datetime) -> None:
        handoff = news.handoff
        if news.action in _WAITING and handoff.status is Status.WAITING:
            payload: dict[str, Any] = {
                "kind": TO_AGENTS,
                "word": _WAITING[news.action],
                "handoff": handoff.id,
            }
            for to in self._to:
                self._post(connection, f"{handoff.id}|{handoff.revision}", to, payload, now)
        elif _is_answer(news) and is_address(handoff.contact):
            payload = {"kind": TO_CUSTOMER, "handoff": handoff.id, "numbers": [news.number]}
            self._post(connection, f"{handoff.id}|{news.number}", handoff.contact, payload, now)

    def remind(self, connection: Connection, due: Sequence[Entry], now: datetime) -> None:
        """Of reviews, in the transaction that says that it was done."""
        for letter in letters(connection, due, self._owners, CHANNEL):
            outbox.post(connection, letter, now)

    def _post(
        self,
        connection: Connection,
        what: str,
        to: str,
        payload: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """SMTP cannot tell that it has a mail already, so none is repeated by itself."""
        kind, handoff = payload["kind"], payload["handoff"]
        letter_id, lane = f"{CHANNEL}|{kind}|{what}|{to}", f"{CHANNEL}|{kind}|{handoff}|{to}"
        outbox.post(connection, Letter(letter_id, lane, CHANNEL, {**payload, "to": to}), now)

    async def deliver(self, parcel: Parcel) -> str:
        """Raises DeliveryError."""
        payload = parcel.payload
        if payload["kind"] == TO_CUSTOMER:
            payload = await self._database.write(outbox.absorb, parcel, TO_CUSTOMER, "numbers")
        mail = await self._database.read(self._mail, payload)
        about = payload.get("handoff", payload["kind"])
        message = self._message(mail, payload["to"], parcel.id, about)
        await self._send(message, payload["to"])
        return str(message["Message-ID"])

    def _mail(self, connection: Connection, payload: Mapping[str, Any]) -> Mail:
        if payload["kind"] == TO_OWNERS:
            return mail_of(payload, self._base_url)
        handoff = store.get(connection, payload["handoff"])
        if payload["kind"] == TO_CUSTOMER:
            rows = (
                log.activity(connection, handoff.conversation_id, n) for n in payload["numbers"]
            )
            said = [line_of(row) for row in rows if row]
            agent = said[-1].name if said else handoff.agent_name
            return self._to_customer(handoff, agent, [words_of(line) for line in said])
        return self._to_agents(handoff, payload["word"])

    def _to_agents(self, handoff: Handoff, word: str) -> Mail:
        language = first_language(self._policy())
        name = handoff.customer_name or say("somebody", language)
        facts = [
            say("asked", language, question=handoff.request.get("question", "")),
            say("why", language, reason=desk_words.say(handoff.reason, language)),
        ]
        if handoff.contact:
            facts.append(say("contact", language, contact=handoff.contact))
        url = f"{self._base_url}{CONSOLE_PATH}?id={quote(handoff.id, safe='')}"
        link = (say("open", language), url)
        footer = say("not_read", language)
        return Mail(say(word, language, name=name), tuple(facts), link, footer, language)

    def _to_customer(self, handoff: Handoff, agent: str, said: Sequence[str]) -> Mail:
        language, policy = handoff.language or "en", self._policy()
        partner = policy.partner.name.get(language) or next(iter(policy.partner.name.values()))
        wrote = say("wrote", language, agent=agent, partner=partner)
        link = (say("go_on", language), str(policy.partner.portal.url))
        subject, footer = say("answer", language, partner=partner), say("not_read", language)
        return Mail(subject, (wrote, *said), link, footer, language)

    def _message(self, mail: Mail, to: str, parcel_id: str, about: str) -> EmailMessage:
        """Values with line breaks in them never become headers. The same parcel has the same
        Message-ID, and mails about one thing, such as a handoff, are one thread."""
        message = EmailMessage()
        message["From"] = self._from
        message["To"] = _address(to)
        message["Subject"] = " ".join(mail.subject.split())[:MAX_SUBJECT]
        message["Date"] = format_datetime(self._now())
        domain = parseaddr(self._from)[1].rpartition("@")[2]
        message["Message-ID"] = f"<{_digest(parcel_id)}@{domain}>"
        message["References"] = f"<{_digest(about)}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(mail.text, cte="base64")
        message.add_alternative(mail.html, subtype="html", cte="base64")
        return message

    async def _send(self, message: EmailMessage, to: str) -> None:
        """Until DATA nothing has been taken; what is lost after that may have been."""
        client = self._client()
        try:
            await client.connect()
            if self._server.user:
                await client.login(self._server.user, self._server.password)
            await client.mail(parseaddr(self._from)[1])
            await client.rcpt(to)
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise _failure(error, unknown=False) from error
        try:
            await client.data(message.as_bytes(policy=SMTP_POLICY))
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise _failure(error, unknown=True) from error
        try:
            await client.quit()
        except (SMTPException, OSError, TimeoutError):
            client.close()

    def _client(self) -> SMTP:
        server = self._server
        return SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.implicit_tls,
            start_tls=server.start_tls,
            tls_context=self._tls,
            timeout=TIMEOUT_S,
        )


def is_address(text: str) -> bool:
    return text.isascii() and _ADDRESS.fullmatch(text) is not None


def _is_answer(news: News) -> bool:
    return news.action is Action.SAY and news.who not in (CUSTOMER, SYSTEM)


def _address(text: str) -> Address:
    """Raises DeliveryError."""
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError) as error:
        raise DeliveryError("this is no e-mail address", permanent=True) from error


def _failure(error: Exception, unknown: bool) -> DeliveryError:
    """A code says whether it may be tried again; silence does not."""
    if isinstance(error, SMTPResponseException) and error.code > 0:
        return DeliveryError(f"the mail server answered {error.code}", permanent=error.code >= 500)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return DeliveryError("the mail server offers no encryption", permanent=True)
    return DeliveryError(f"the mail server: {type(error).__name__}", unknown=unknown)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
