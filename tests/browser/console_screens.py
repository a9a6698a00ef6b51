"""A picture of every state of the agents' console, and those that the README shows.

python -m tests.browser.console_screens [FOLDER] [STATE ...]
python -m tests.browser.console_screens --readme
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from accounts import store
from tests.browser.chromium import find, launched
from tests.browser.desk_scene import MEI, RAJ, DeskScene, ordinary_monday
from tests.browser.served import Served
from tests.product import MONDAY_MORNING, Clock

FOLDER = Path("screenshots")
PICTURES = Path("docs/pictures")
SIZES = {
    "wide": ViewportSize(width=1280, height=800),
    "narrow": ViewportSize(width=390, height=844),
}


@dataclass
class Look:
    """What a scene has in hand."""

    page: Page
    url: str
    made: dict[str, str]

    async def opens(self, name: str, view: str = "all") -> None:
        await self.page.goto(f"{self.url}/agent?view={view}&id={self.made[name]}")
        await self.page.locator("#talk-head h2").wait_for()

    async def presses(self, action: str) -> None:
        """A button above the conversation, or in its menu."""
        button = self.page.locator(f"#talk-head [data-act={action}]:visible")
        if not await button.count():
            await self.page.locator(".talk-menu summary").click()
        await button.first.click()


Scene = Callable[[Look], Coroutine[Any, Any, None]]


async def console(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.page.locator(".chip").first.wait_for()


async def unclaimed(look: Look) -> None:
    await look.opens("carla", "unassigned")


async def chinese(look: Look) -> None:
    await look.opens("wei", "all")


async def queue(look: Look) -> None:
    await look.page.goto(f"{look.url}/agent?view=unassigned")
    await look.page.locator(".queue-row").first.wait_for()


async def resolved(look: Look) -> None:
    await look.opens("old", "resolved")


async def escalated(look: Look) -> None:
    await look.page.goto(f"{look.url}/agent?view=escalated")


async def nothing(look: Look) -> None:
    await look.page.goto(f"{look.url}/agent?view=messages&role=sales_agent")


async def found(look: Look) -> None:
    await look.page.goto(f"{look.url}/agent?q=invoice")
    await look.page.locator("#found-text").wait_for(state="attached")


async def details(look: Look) -> None:
    await look.opens("nadia", "mine")
    button = look.page.locator("#talk-head [data-act=details]:visible")
    if await button.count():
        await button.click()


async def replies(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.page.locator("#replies-open").click()
    await look.page.locator("#replies-words").fill("refund")
    await look.page.locator(".reply-title", has_text="refund").first.wait_for()


async def note(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.page.locator(".mode[data-mode=note]").click()
    await look.page.locator("#text").fill("Ask Raj about the card profile.")


async def transfer(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.presses("transfer")


async def snooze(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.presses("snooze")


async def resolve(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.presses("resolve")


async def escalate(look: Look) -> None:
    await look.opens("nadia", "mine")
    await look.presses("escalate")
    await look.page.locator("#escalate-vehicle option").first.wait_for(state="attached")
    await look.page.locator("#escalate-asked").fill("Why is the renewal declined?")


async def propose(look: Look) -> None:
    await look.opens("old", "resolved")
    await look.presses("propose")


async def menu(look: Look) -> None:
    await look.opens("nadia", "mine")
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
    await look.opens("nadia", "mine")
    await look.page.context.set_offline(True)
    await look.page.locator("#text").fill("I will check that with the bank.")
    await look.page.keyboard.press("Enter")
    await look.page.locator("#offline").wait_for(timeout=15_000)
    await look.page.context.set_offline(False)


async def gone(look: Look) -> None:
    await look.page.goto(f"{look.url}/agent?id=nothing")


SCENES: tuple[Scene, ...] = (
    *(console, unclaimed, chinese, queue, resolved, escalated, nothing, found, details, replies),
    *(note, transfer, snooze, resolve, escalate, propose, menu, shortcuts, presence, filters),
    *(offline, gone),
)
SHOWN = {
    "console": (console, "en", "light", "wide"),
    "console-dark": (console, "en", "dark", "wide"),
    "console-request": (unclaimed, "en", "light", "wide"),
    "console-replies": (replies, "zh", "light", "wide"),
    "console-phone": (queue, "en", "light", "narrow"),
}


async def window(browser: Browser, language: str, theme: str, size: str) -> BrowserContext:
    """As somebody in Singapore has it."""
    return await browser.new_context(
        viewport=SIZES[size],
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size == "narrow",
        reduced_motion="reduce",
        timezone_id="Asia/Singapore",
        locale="en-SG" if language == "en" else "zh-CN",
    )


async def picture(
    browser: Browser, stage: DeskScene, made: dict[str, str], scene: Scene, *variant: str
) -> bytes:
    language, theme, size = variant
    now = stage.served.now()
    await stage.write(store.set_profile, MEI.id, MEI.name, language, "", now)
    key = await stage.signs_in(MEI)
    context = await window(browser, language, theme, size)
    url = stage.served.url
    await context.add_cookies([{"name": "session", "value": key, "url": url}])
    page = await context.new_page()
    await page.clock.set_fixed_time(MONDAY_MORNING)
    page.on("pageerror", lambda error: print(scene.__name__, error))
    await scene(Look(page, url, made))
    await page.wait_for_timeout(150)
    shot = await page.screenshot()
    await context.close()
    return shot


async def pictures(wanted: Iterable[tuple[str, Scene, tuple[str, ...]]], folder: Path) -> None:
    executable = find()
    if executable is None:
        sys.exit("Chromium is not installed.")
    with tempfile.TemporaryDirectory() as data:
        served = Served(Path(data), Clock())
        await served.start()
        stage = DeskScene(served)
        for person in (MEI, RAJ):
            await stage.signs_in(person)
        made = await ordinary_monday(stage)
        async with launched(executable) as browser:
            for name, scene, variant in wanted:
                shot = await picture(browser, stage, made, scene, *variant)
                (folder / f"{name}.png").write_bytes(shot)
        await served.stop()


def every_state(names: list[str]) -> Iterable[tuple[str, Scene, tuple[str, ...]]]:
    scenes = [scene for scene in SCENES if not names or scene.__name__ in names]
    for scene, *variant in product(scenes, ("en", "zh"), ("light", "dark"), SIZES):
        yield "-".join(["console", scene.__name__, *variant]), scene, tuple(variant)


def main(given: list[str]) -> None:
    if given[:1] == ["--readme"]:
        PICTURES.mkdir(parents=True, exist_ok=True)
        shown = [(name, scene, tuple(rest)) for name, (scene, *rest) in SHOWN.items()]
        asyncio.run(pictures(shown, PICTURES))
        return
    folder = Path(given[0]) if given else FOLDER
    folder.mkdir(exist_ok=True)
    asyncio.run(pictures(every_state(given[1:]), folder))


if __name__ == "__main__":
    main(sys.argv[1:])
