"""Mail through a real SMTP server on loopback."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP as SmtpServer
from aiosmtpd.smtp import Envelope, Session

from bot.mail import CHANNEL, Mailer, Server, is_address
from storage.database import Database
from tests.bot.outbox_of import OutboxOffice
from tests.handoff.office import MEI, MONDAY, POLICY
from tests.knowledge.samples import content_of

AGENTS = ("desk@partner.example", "boss@partner.example")
OWNERS = {"mei@partner.example": "en", "li@partner.example": "zh"}
SENDER = "Billing <billing@partner.example>"


class Postbox:
    """Keeps what it is sent. `answers` come first: a reply to RCPT or DATA, or "cut" after DATA."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.on_rcpt: deque[str] = deque()
        self.on_data: deque[str] = deque()

    async def handle_RCPT(
        self, server: SmtpServer, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.on_rcpt:
            return self.on_rcpt.popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SmtpServer, session: Session, envelope: Envelope) -> str:
        answer = self.on_data.popleft() if self.on_data else "250 OK"
        if answer.startswith(("2", "cut")):
            content = envelope.original_content or b""
            mail = message_from_bytes(content, policy=policy.default)
            self.mails.append((envelope.rcpt_tos[0], mail))
        if answer == "cut" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return answer


@pytest.fixture
async def postbox() -> AsyncIterator[tuple[Postbox, int]]:
    box, loop = Postbox(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SmtpServer(box, hostname="mail.example", loop=loop), "127.0.0.1", 0
    )
    yield box, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
def box(postbox: tuple[Postbox, int]) -> Postbox:
    return postbox[0]


@pytest.fixture
def mailer(database: Database, postbox: tuple[Postbox, int]) -> Mailer:
    server, here = Server.read(f"smtp://127.0.0.1:{postbox[1]}"), "https://b.example"
    given = (database, server, SENDER, AGENTS, lambda: POLICY, here, lambda: MONDAY)
    return Mailer(*given, owners=lambda *_: OWNERS)


@pytest.fixture
async def office(database: Database, mailer: Mailer) -> AsyncIterator[OutboxOffice]:
    office = OutboxOffice(database, mailer, CHANNEL, mailer.deliver)
    yield office
    await office.deliver()
    office.deliveries.close()


async def test_each_agents_address_hears_that_somebody_waits(
    office: OutboxOffice, box: Postbox
) -> None:
    await office.asks()
    assert set((await office.deliver()).values()) == {"sent"}
    assert sorted(to for to, _ in box.mails) == sorted(AGENTS)
    mail = box.mails[0][1]
    assert mail["Subject"] == "Carla asks for a person"
    assert "human please" in text_of(mail)
    assert "https://b.example/agent?id=carla%7C1" in text_of(mail)
    assert mail["From"] == SENDER and mail["Auto-Submitted"] == "auto-generated"


async def test_they_hear_whenever_somebody_waits_again(office: OutboxOffice, box: Postbox) -> None:
    handoff_id = await office.asks()
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    await office.database.write(office.desk.give_back, handoff_id, MEI, "", MONDAY)
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    gone = MONDAY + timedelta(minutes=2)
    await office.database.write(office.watch.look, gone)
    await office.database.write(office.desk.claim, handoff_id, MEI, gone)
    await office.database.write(office.desk.resolve, handoff_id, MEI, "answered", gone)
    number = await office.says("one more thing", now=gone)
    await office.database.write(office.customers.reopen, "carla", number, gone)
    await office.deliver(gone)
    assert [mail["Subject"] for to, mail in box.mails if to == AGENTS[0]] == [
        "Carla asks for a person",
        "Nobody has it now, it waits: Carla",
        "Nobody has it now, it waits: Carla",
        "Carla has written again and waits",
    ]


async def test_the_customer_who_left_an_address_gets_the_agents_answer(
    office: OutboxOffice, box: Postbox
) -> None:
    handoff_id = await answered(office, "carla@example.com", "It is <b>due</b>\non Friday.")
    await office.deliver()
    (mail,) = [mail for to, mail in box.mails if to == "carla@example.com"]
    assert "Mei of" in text_of(mail) and "It is <b>due</b>\non Friday." in text_of(mail)
    assert "are not read" in text_of(mail) and str(POLICY.partner.portal.url) in text_of(mail)
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "It is &lt;b&gt;due&lt;/b&gt;<br>on Friday." in html
    assert handoff_id not in mail["Message-ID"]


async def test_in_the_customers_language(office: OutboxOffice, box: Postbox) -> None:
    def speak_chinese(connection: Any) -> None:
        connection.execute("UPDATE conversations SET language = 'zh'")

    handoff_id = await answered(office, "carla@example.com", "周五到期", say=False)
    await office.database.write(speak_chinese)
    await office.database.write(office.desk.say, handoff_id, MEI, "周五到期", "1", MONDAY)
    await office.deliver()
    (mail,) = [mail for to, mail in box.mails if to == "carla@example.com"]
    assert (
        "的答复" in mail["Subject"] and "无人查看" in text_of(mail) and "周五到期" in text_of(mail)
    )


async def test_owners_are_told_once_what_is_to_be_read_again(
    office: OutboxOffice, mailer: Mailer, box: Postbox, tmp_path: Path
) -> None:
    [late_fee] = content_of(tmp_path / "content").entries
    hundred = [late_fee.model_copy(update={"id": f"late-fee-{n}"}) for n in range(100)]
    for _ in range(2):
        await office.database.write(mailer.remind, [late_fee, *hundred], MONDAY)
    await office.deliver()
    mails = dict(box.mails)
    assert sorted(to for to, _ in box.mails) == sorted(OWNERS)
    mail = mails["mei@partner.example"]
    assert mail["Subject"] == "Answers to read again: 101"
    assert "What does a late payment cost? (2027-05-31)" in text_of(mail)
    assert "And 51 more." in text_of(mail)
    assert "https://b.example/editor?only=review_due" in text_of(mail)
    assert "待复核的答案：101" in mails["li@partner.example"]["Subject"]


async def test_answers_that_wait_together_are_one_mail(office: OutboxOffice, box: Postbox) -> None:
    box.on_data.extend(["451 later"] * 3)
    handoff_id = await answered(office, "carla@example.com", "one")
    await office.deliver()
    for number in ("two", "three"):
        await office.database.write(office.desk.say, handoff_id, MEI, number, number, MONDAY)
    await office.deliver(MONDAY + timedelta(minutes=5))
    (mail,) = [mail for to, mail in box.mails if to == "carla@example.com"]
    assert all(word in text_of(mail) for word in ("one", "two", "three"))


async def test_nobody_without_an_address_is_mailed(office: OutboxOffice, box: Postbox) -> None:
    await answered(office, "+65 6123 4567", "hello")
    await office.deliver()
    assert {to for to, _ in box.mails} == set(AGENTS)


@pytest.mark.parametrize("where", ["on_rcpt", "on_data"])
async def test_refused_for_now_it_is_tried_again(
    office: OutboxOffice, box: Postbox, where: str
) -> None:
    getattr(box, where).extend(["451 greylisted"] * 2)
    await office.asks()
    assert set((await office.deliver()).values()) == {"queued"}
    assert box.mails == []
    assert set((await office.deliver(MONDAY + timedelta(minutes=1))).values()) == {"sent"}


@pytest.mark.parametrize("where", ["on_rcpt", "on_data"])
async def test_refused_for_good_it_failed(office: OutboxOffice, box: Postbox, where: str) -> None:
    getattr(box, where).extend(["550 nobody here"] * 2)
    await office.asks()
    assert set((await office.deliver()).values()) == {"failed"}
    assert box.mails == []


async def test_lost_after_data_nobody_knows_and_it_is_not_sent_again_by_itself(
    office: OutboxOffice, box: Postbox
) -> None:
    box.on_data.extend(["cut"] * 2)
    await office.asks()
    assert set((await office.deliver()).values()) == {"unknown"}
    assert set((await office.deliver(MONDAY + timedelta(hours=1))).values()) == {"unknown"}
    assert len(box.mails) == 2


async def test_a_server_that_is_away_is_tried_again(database: Database) -> None:
    server = Server.read("smtp://127.0.0.1:1")
    mailer = Mailer(database, server, SENDER, AGENTS, lambda: POLICY, "", lambda: MONDAY)
    office = OutboxOffice(database, mailer, CHANNEL, mailer.deliver)
    await office.asks()
    assert set((await office.deliver()).values()) == {"queued"}
    office.deliveries.close()


@pytest.mark.parametrize(
    "name", ["Eve\r\nBcc: all@example.com", "Eve\nSubject: x", "Eve\x00\u2028X: y", "=?utf-8?q?a?="]
)
async def test_a_customers_name_never_becomes_a_header(
    office: OutboxOffice, box: Postbox, name: str
) -> None:
    def rename(connection: Any) -> None:
        connection.execute("UPDATE conversations SET user_name = %(name)s", name=name)

    await office.asks()
    if "\x00" in name:
        name = name.replace("\x00", "")
    await office.database.write(rename)
    assert set((await office.deliver()).values()) == {"sent"}
    for _, mail in box.mails:
        assert set(mail.keys()) == EXPECTED_HEADERS
        assert len(mail.get_all("Subject", [])) == 1


EXPECTED_HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "References",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
}


@pytest.mark.parametrize(
    "text", ["a@b.c\r\nBcc: x@y.z", "a@b.c, d@e.f", "<a@b.c>", "a b@c.d", "ä@b.c", "", "+65 6123"]
)
def test_such_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_a_password_is_never_sent_in_the_clear() -> None:
    assert Server.read("smtp://me:p%40ss@mail.example").start_tls is True
    assert Server.read("smtp://me:p%40ss@mail.example").password == "p@ss"
    assert Server.read("smtps://me:x@mail.example").port == 465
    assert Server.read("smtp://127.0.0.1:25").start_tls is None
    for wrong in ("http://mail.example", "smtp://", "mail.example:25"):
        with pytest.raises(ValueError, match="SMTP"):
            Server.read(wrong)


async def answered(office: OutboxOffice, contact: str, text: str, say: bool = True) -> str:
    handoff_id = await office.asks()
    await office.database.write(office.customers.leave_contact, "carla", contact, MONDAY)
    await office.database.write(office.desk.claim, handoff_id, MEI, MONDAY)
    if say:
        await office.database.write(office.desk.say, handoff_id, MEI, text, "0", MONDAY)
    return handoff_id


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
