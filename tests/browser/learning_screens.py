"""A picture of every page on which editors learn from what happened, bring in and give away.

python -m tests.browser.learning_screens [FOLDER] [STATE ...]
"""

import sys
from pathlib import Path

from playwright.async_api import FilePayload

from knowledge import drafts, releases, versions
from knowledge.check_said import SENTENCES
from knowledge.entry import Problem
from knowledge.parts import Kind, Part
from knowledge.preparing import Found, GoldenRun, Moved
from knowledge.releases import Release, Status
from knowledge.versions import Who
from storage.database import Connection
from storage.times import stored_time
from tests.browser.editor_pictures import EUROS, after_a_month
from tests.browser.editor_screens import ERIK, HEIGHT, PAULA, signs_in
from tests.browser.pictures import STATES, Look, Scene, Stage, every_state, main
from tests.product import MONDAY_MORNING

WRONG = (
    "Question,Answer\nDo you take cash?,No.\nDo you take gold?,\nWhere do I park?,{{ parking }}\n"
)
FILE = """\
Question\tAnswer\tSource\tMetadata\tSuggestedQuestions\tIsContextOnly\tPrompts\tQnaId
Can you send the invoice by post?\tYes, for a fee.\tFAQ\ttier:gold\t[]\tFalse\t[]\t1
How can I pay my invoice?\tBy **bank transfer**.\tFAQ\t\t[]\tFalse\t[]\t2
Do you take cheques?\tNo cheques.\\n\\nSee [how to pay](ftp://old).\tFAQ\t\t[]\tFalse\t[]\t3
"""
SYNONYMS = 'Synonyms\n"invoice","tab"\n"sdk","kit"\n'


async def unanswered(look: Look) -> None:
    await look.goes("/editor/unanswered")


async def suggestions(look: Look) -> None:
    await look.goes("/editor/suggestions")


async def figures(look: Look) -> None:
    await look.goes("/editor/dashboard")


async def rows(look: Look) -> None:
    await look.goes("/editor/dashboard")
    await look.page.locator("a[href*='/dashboard/rows']").first.click()
    await look.page.locator("tbody tr").first.wait_for()


async def writing(look: Look) -> None:
    await look.goes("/editor/writing?entry=payment-methods")


async def guide(look: Look) -> None:
    await look.goes("/editor/guide")


async def bringing(look: Look) -> None:
    await look.goes("/editor/import")


async def refused(look: Look) -> None:
    await _uploads(look, "faq.csv", WRONG)


async def preview(look: Look) -> None:
    await _uploads(look, "kb.tsv", FILE)


async def synonyms(look: Look) -> None:
    await _uploads(look, "words.tsv", SYNONYMS)


async def _uploads(look: Look, name: str, text: str) -> None:
    await look.goes("/editor/import")
    file = FilePayload(name=name, mimeType="text/plain", buffer=text.encode())
    await look.page.locator("#file").set_input_files(file)
    await look.page.wait_for_url("**/editor/import/*")


async def review(look: Look) -> None:
    await look.goes("/editor/publish")
    await look.page.locator(".waiting .change-part summary").first.click()


SCENES: tuple[Scene, ...] = (
    *(unanswered, suggestions, figures, rows, writing, guide),
    *(bringing, refused, preview, synonyms, review),
)


def handed_in(connection: Connection) -> None:
    """A release that waits for a second person, and one that failed."""
    newest, author = versions.head(connection).version, Who(ERIK.id, ERIK.name)
    part, at = Part(Kind.ENTRY, EUROS["id"]), stored_time(MONDAY_MORNING)
    drafts.save(connection, part, EUROS, 0, newest, author, MONDAY_MORNING)
    found = Found("payment-methods", 0.93, "answer"), Found("bank-details", 0.41, "ask")
    moved = Moved("can we pay by card", "en", ("payment-methods",), *found)
    golden = GoldenRun(14, 13, 12, 9, 2, 1, (), (moved,))
    waits = Release(
        "r1", Status.IN_REVIEW, ((part, 1),), "Euros, at last", author, at, golden=golden
    )
    failed = Release("r2", Status.PUBLISHING, ((part, 1),), "For December", author, at)
    releases.add(connection, waits)
    releases.add(connection, failed)
    why = Problem.of(SENTENCES, "golden_fails", "", 1, question="can we pay by card")
    before = [Status.PUBLISHING]
    releases.move(connection, "r2", before, Status.FAILED, MONDAY_MORNING, problems=[why])


async def begun(data: Path) -> Stage:
    served = await after_a_month(data, review_before_publish=True)
    await served.database.write(handed_in)
    return Stage(served, PAULA, await signs_in(served, PAULA), height=HEIGHT, whole=True)


if __name__ == "__main__":
    main(begun, every_state("learning", SCENES), STATES, sys.argv[1:])
