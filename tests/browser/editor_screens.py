"""A picture of every state of the knowledge editor.

python -m tests.browser.editor_screens [FOLDER] [STATE ...]
"""

import sys
from pathlib import Path

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser, Lifetimes
from knowledge import drafts, versions
from knowledge.parts import Kind, Part
from knowledge.versions import Who
from storage.database import Connection
from tests.browser.pictures import STATES, Look, Scene, Stage, every_state, main
from tests.browser.served import Served

PATIENCE_MS = 120_000
HEIGHT = 860
PAULA = Person(
    "p-paula", "Paula Novak", "paula@partner.example", frozenset({Role.CONTENT_PUBLISHER}), "en"
)
ERIK = Person("p-erik", "Erik Lund", "erik@partner.example", frozenset({Role.CONTENT_EDITOR}), "en")


async def signs_in(served: Served, person: Person) -> str:
    """The key that the person's browser holds in its cookie."""
    key = sessions.new_key()
    now = served.now()

    def write(connection: Connection) -> None:
        if store.get(connection, person.id) is None:
            store.add(connection, person, "", now)
        sessions.begin(connection, key, person.id, Browser("Tests"), now, Lifetimes())

    await served.database.write(write)
    return key


async def a_days_work(served: Served) -> None:
    """Two drafts of Erik's, one of which is not right yet."""

    def write(connection: Connection) -> None:
        author, now = Who(ERIK.id, ERIK.name), served.now()
        newest = versions.head(connection).version
        for entry, answer in (
            ("payment-due", "Your invoice is due **{{ payment.due_days }} days** after its date."),
            ("late-payment", "A late fee of 2 % is added.\n\n{{ payment.grace }} days\n"),
        ):
            part = Part(Kind.ENTRY, entry)
            body = versions.bodies_of(connection, newest, [part])[part]
            changed = {**body, "answer": {**body["answer"], "en": answer}}
            drafts.save(connection, part, changed, 0, newest, author, now)

    await served.database.write(write)


async def entries(look: Look) -> None:
    await look.goes("/editor")


async def new(look: Look) -> None:
    await look.goes("/editor")
    await look.page.locator("[data-opens=new]").click()


async def nothing(look: Look) -> None:
    await look.goes("/editor?q=zebra")


async def entry(look: Look) -> None:
    await look.goes("/editor/entries/payment-due")
    await look.page.locator("#widget-preview .bubble").wait_for()


async def fault(look: Look) -> None:
    await look.goes("/editor/entries/late-payment")
    await look.page.locator(".finding").first.wait_for()


async def picker(look: Look) -> None:
    await entry(look)
    await look.page.locator("[data-pick]").first.click()


async def history(look: Look) -> None:
    await entry(look)
    await look.page.locator("#history-open").click()
    await look.page.locator("#saves li").first.wait_for()


async def hours(look: Look) -> None:
    await look.goes("/editor/policy/hours")
    await look.page.locator(".week").wait_for()


async def collections(look: Look) -> None:
    await look.goes("/editor/policy/collections")
    field = look.page.locator('[data-field="collections.late_fee.percent"] input')
    await field.fill("2.5")
    await look.page.locator(".effect").first.wait_for()


async def contacts(look: Look) -> None:
    await look.goes("/editor/policy/contacts")
    field = look.page.locator('[data-field="support.complaints.email"] input')
    await field.fill("nobody")
    await look.page.locator(".finding").first.wait_for()


async def messages(look: Look) -> None:
    await look.goes("/editor/messages")
    await look.page.locator("#message-offer summary").click()
    await look.page.locator("[data-shown='messages.offer.en'] p").first.wait_for()


async def trying(look: Look) -> None:
    await look.goes("/editor/try?q=whn+is+my+invoice+due")
    await look.page.locator("#live meter").wait_for()
    await look.page.locator("#draft .working").wait_for(state="detached", timeout=PATIENCE_MS)


async def golden(look: Look) -> None:
    await look.goes("/editor/golden?entry=payment-due")


async def publish(look: Look) -> None:
    await look.goes("/editor/publish")
    await look.page.locator("#report .notice, #report .golden-sum").first.wait_for(
        timeout=PATIENCE_MS
    )


async def versions_list(look: Look) -> None:
    await look.goes("/editor/versions")


async def version(look: Look) -> None:
    await look.goes("/editor/versions/1")


async def entry_at(look: Look) -> None:
    await look.goes("/editor/versions/1/entries/payment-due")


SCENES: tuple[Scene, ...] = (
    *(entries, new, nothing, entry, fault, picker, history, hours, collections, contacts),
    *(messages, trying, golden, publish, versions_list, version, entry_at),
)


async def begun(data: Path) -> Stage:
    served = Served(data)
    await served.start()
    await a_days_work(served)
    return Stage(served, PAULA, await signs_in(served, PAULA), height=HEIGHT, whole=True)


if __name__ == "__main__":
    main(begun, every_state("editor", SCENES), STATES, sys.argv[1:])
