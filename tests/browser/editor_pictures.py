"""The pictures of the editor that the README shows.

python -m tests.browser.editor_pictures [FOLDER] [NAME ...]
"""

import shutil
import sys
from pathlib import Path
from typing import Any

from app import EDITING
from knowledge import drafts, versions
from knowledge.parts import Body, Kind, Part
from knowledge.versions import Who
from storage.database import Connection
from tests.browser.editor_screens import ERIK, HEIGHT, PATIENCE_MS, PAULA, signs_in
from tests.browser.pictures import README, Look, Shot, Stage, main
from tests.browser.served import Served
from tests.knowledge.samples import SHIPPED
from tests.product import MONDAY_MORNING, Clock
from tests.web.learning import month

GOLDEN = """\
question,language,expected
when must the money be with you,en,payment-due
how long do we have to pay a bill,en,payment-due
could we pay the invoice in parts,en,payment-plan
what if we are ten days late,en,late-payment
we cannot pay it all at once,en,payment-plan
how much is the fee for paying late,en,late-fee
can we pay by card,en,payment-methods
is it possible to get our money back,en,refund
账单最晚什么时候付,zh,payment-due
逾期十天会怎么样,zh,late-payment
可以分几次付清吗,zh,payment-plan
能用信用卡付款吗,zh,payment-methods
book me a table for two,en,
明天会下雨吗,zh,
"""
EUROS: Body = {
    "id": "pay-in-euros",
    "topic": "payments",
    "questions": {
        "en": [
            "Can I pay in euros?",
            "Do you take euros?",
            "can we transfer EUR instead of SGD",
            "what if the money reaches you too late",
        ],
        "zh": ["可以用欧元付款吗？", "收欧元吗"],
    },
    "answer": {
        "en": "Yes, by **bank transfer** at your bank's rate, within 30 days."
        " Please give {{ payment.bank.reference }} as the reference.",
        "zh": "可以，请在 14 天内按银行汇率以欧元**转账**，并备注{{ payment.bank.reference }}。",
    },
    "owner": "billing_admin",
    "review_by": "2027-05-31",
    "follow_ups": ["payment-methods", "bank-details"],
}
IN_PARTS = ("Can we pay the invoice in several parts?", "pay in parts", "split the payment")
ASKED = {"question": "are euros fine for you too", "language": "en", "expected": [EUROS["id"]]}


def content(folder: Path) -> Path:
    """What is shipped, with golden questions that take no time to ask."""
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("golden.csv"))
    (folder / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    return folder


def three_drafts(connection: Connection) -> None:
    """A new entry with its golden question; and questions that another entry should keep."""
    newest = versions.head(connection).version
    invoices, golden = Part(Kind.ENTRY, "invoice-schedule"), Part(Kind.GOLDEN)
    bodies = versions.bodies_of(connection, newest, [invoices, golden])
    asked = bodies[invoices]["questions"]
    wider = {**asked, "en": [*asked["en"], *IN_PARTS]}
    for part, body in (
        (Part(Kind.ENTRY, EUROS["id"]), EUROS),
        (invoices, {**bodies[invoices], "questions": wider}),
        (golden, [*bodies[golden], ASKED]),
    ):
        who = Who(ERIK.id, ERIK.name)
        drafts.save(connection, part, body, 0, newest, who, MONDAY_MORNING)


async def written(look: Look) -> None:
    """The two languages contradict each other, and a question is another entry's."""
    await look.goes("/editor/entries/pay-in-euros")
    await look.page.locator('[data-found="answer.zh"] .finding').wait_for()
    await look.page.locator(".questions .finding").first.wait_for(timeout=PATIENCE_MS)
    await look.page.locator("#widget-preview .bubble").wait_for()


async def trying(look: Look) -> None:
    await look.goes("/editor/try?q=do+you+taek+euros+as+well")
    await look.page.locator("#live meter").first.wait_for()
    await look.page.locator("#draft .working").wait_for(state="detached", timeout=PATIENCE_MS)
    await look.page.locator("#draft .said").wait_for(timeout=PATIENCE_MS)


async def publish(look: Look) -> None:
    await look.goes("/editor/publish")
    await look.page.get_by_role("textbox").first.wait_for()
    await look.page.locator("#report .golden-sum").first.wait_for(timeout=PATIENCE_MS)


async def unanswered(look: Look) -> None:
    await look.goes("/editor/unanswered")
    await look.page.locator("#group-title").wait_for()


async def figures(look: Look) -> None:
    await look.goes("/editor/dashboard")


async def entries(look: Look) -> None:
    await look.goes("/editor")


SHOWN: dict[str, Shot] = {
    "editor-try": (trying, "en", "light", "wide"),
    "editor-publish": (publish, "en", "dark", "wide"),
    "editor-unanswered": (unanswered, "en", "light", "wide"),
    "editor-figures": (figures, "en", "light", "wide"),
    "editor-phone": (entries, "en", "light", "narrow"),
    "editor-chinese": (written, "zh", "light", "wide"),
    "editor": (written, "en", "light", "wide"),
}


async def after_a_month(data: Path, **settings: Any) -> Served:
    """Of questions, grouped."""
    served = Served(data, Clock(), content=content(data / "content"), **settings)
    await served.start()
    await served.database.write(month, served.now())
    app = served._server.app
    assert app is not None
    await app[EDITING].learning.gather()
    return served


async def begun(data: Path) -> Stage:
    """With drafts, too."""
    served = await after_a_month(data)
    await served.database.write(three_drafts)
    return Stage(served, PAULA, await signs_in(served, PAULA), height=HEIGHT)


if __name__ == "__main__":
    main(begun, SHOWN, README, sys.argv[1:])
