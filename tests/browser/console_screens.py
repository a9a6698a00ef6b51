"""A picture of every state of the agents' console, and those that the README shows.

python -m tests.browser.console_screens [FOLDER] [STATE ...]
python -m tests.browser.console_screens --readme [FOLDER] [NAME ...]
"""

import sys
from pathlib import Path

from conversations import outbox
from conversations.outbox import Letter
from storage.database import Connection
from tests.browser.desk_scene import MEI, RAJ, DeskScene, ordinary_monday
from tests.browser.pictures import README, STATES, Look, Scene, Shot, Stage, every_state, main
from tests.browser.served import Served
from tests.product import MONDAY_MORNING, Clock


async def opens(look: Look, name: str, view: str = "all") -> None:
    await look.goes(f"/agent?view={view}&id={look.stage.made[name]}")
    await look.page.locator("#talk-head h2").wait_for()


async def presses(look: Look, action: str) -> None:
    """A button above the conversation, or in its menu."""
    button = look.page.locator(f"#talk-head [data-act={action}]:visible")
    if not await button.count():
        await look.page.locator(".talk-menu summary").click()
    await button.first.click()


async def console(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await look.page.locator(".chip").first.wait_for()


async def unclaimed(look: Look) -> None:
    await opens(look, "carla", "unassigned")


async def chinese(look: Look) -> None:
    await opens(look, "wei", "all")


async def queue(look: Look) -> None:
    await look.goes("/agent?view=unassigned")
    await look.page.locator(".queue-row").first.wait_for()


async def resolved(look: Look) -> None:
    await opens(look, "old", "resolved")


async def escalated(look: Look) -> None:
    await look.goes("/agent?view=escalated")


async def nothing(look: Look) -> None:
    await look.goes("/agent?view=messages&role=sales_agent")


async def found(look: Look) -> None:
    await look.goes("/agent?q=invoice")
    await look.page.locator("#found-text").wait_for(state="attached")


async def details(look: Look) -> None:
    await opens(look, "nadia", "mine")
    button = look.page.locator("#talk-head [data-act=details]:visible")
    if await button.count():
        await button.click()


async def replies(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await look.page.locator("#replies-open").click()
    await look.page.locator("#replies-words").fill("refund")
    await look.page.locator(".reply-title", has_text="refund").first.wait_for()


async def note(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await look.page.locator(".mode[data-mode=note]").click()
    await look.page.locator("#text").fill("Ask Raj about the card profile.")


async def transfer(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await presses(look, "transfer")


async def snooze(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await presses(look, "snooze")


async def resolve(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await presses(look, "resolve")


async def escalate(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await presses(look, "escalate")
    await look.page.locator("#escalate-vehicle option").first.wait_for(state="attached")
    await look.page.locator("#escalate-asked").fill("Why is the renewal declined?")


async def propose(look: Look) -> None:
    await opens(look, "old", "resolved")
    await presses(look, "propose")


async def menu(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await look.page.locator(".talk-menu summary").click()


async def shortcuts(look: Look) -> None:
    await queue(look)
    await look.page.keyboard.press("?")


async def presence(look: Look) -> None:
    await queue(look)
    await look.page.locator("#presence summary").click()


async def filters(look: Look) -> None:
    await queue(look)
    await look.page.locator("#filter-open").click()


async def offline(look: Look) -> None:
    await opens(look, "nadia", "mine")
    await look.page.context.set_offline(True)
    await look.page.locator("#text").fill("I will check that with the bank.")
    await look.page.keyboard.press("Enter")
    await look.page.locator("#offline").wait_for(timeout=15_000)
    await look.page.context.set_offline(False)


async def gone(look: Look) -> None:
    await look.goes("/agent?id=nothing")


async def undelivered(look: Look) -> None:
    await look.stage.served.database.write(_is_stuck, look.stage.made["nadia"])
    await look.goes("/agent/undelivered")
    await look.page.locator("tbody tr").first.wait_for()


def _is_stuck(connection: Connection, handoff: str) -> None:
    """A mail about the conversation is refused for good."""
    if connection.execute("SELECT 1 FROM outbox WHERE id = 'mail'"):
        return
    letter = Letter("mail", "mail", "mail", {"handoff": handoff})
    outbox.post(connection, letter, MONDAY_MORNING)
    connection.execute(
        "UPDATE outbox SET status = 'failed', attempts = 9,"
        " error = '550 5.1.1 billing@partner.example: no such mailbox' WHERE id = 'mail'"
    )


SCENES: tuple[Scene, ...] = (
    *(console, unclaimed, chinese, queue, resolved, escalated, nothing, found, details, replies),
    *(note, transfer, snooze, resolve, escalate, propose, menu, shortcuts, presence, filters),
    *(offline, gone, undelivered),
)
SHOWN: dict[str, Shot] = {
    "console": (console, "en", "light", "wide"),
    "console-dark": (console, "en", "dark", "wide"),
    "console-request": (unclaimed, "en", "light", "wide"),
    "console-phone": (queue, "en", "light", "narrow"),
}


async def begun(data: Path) -> Stage:
    """An ordinary Monday at Mei's desk."""
    served = Served(data, Clock())
    await served.start()
    desk = DeskScene(served)
    key = await desk.signs_in(MEI)
    await desk.signs_in(RAJ)
    return Stage(served, MEI, key, await ordinary_monday(desk))


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == ["--readme"]:
        main(begun, SHOWN, README, given[1:])
    else:
        main(begun, every_state("console", SCENES), STATES, given)
