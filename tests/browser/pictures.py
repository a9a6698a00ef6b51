"""How pictures of the staff's pages are taken: a window that is signed in, a scene, a shot."""

import asyncio
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, ViewportSize

from accounts import store
from accounts.models import Person
from tests.browser.chromium import find, launched
from tests.browser.served import Served

README = Path("docs/pictures")
STATES = Path("screenshots")
LANGUAGES = ("en", "zh")
THEMES = ("light", "dark")
SIZES = ("wide", "narrow")
PHONE = ViewportSize(width=390, height=844)
SETTLED_MS = 250


@dataclass(frozen=True)
class Stage:
    """The product, and who looks at it."""

    served: Served
    person: Person
    key: str  # of the person's session
    made: dict[str, str] = field(default_factory=dict)  # the ids of conversations, by name
    height: int = 800  # of a wide window
    whole: bool = False  # a narrow window is shown down to the end of its page


@dataclass(frozen=True)
class Look:
    """What a scene has in hand."""

    page: Page
    stage: Stage

    async def goes(self, path: str) -> None:
        await self.page.goto(self.stage.served.url + path)


Scene = Callable[[Look], Coroutine[Any, Any, None]]
Shot = tuple[Scene, str, str, str]  # in this language, theme and size
Begun = Callable[[Path], Coroutine[Any, Any, Stage]]


def every_state(room: str, scenes: Iterable[Scene]) -> dict[str, Shot]:
    return {
        "-".join([room, scene.__name__, *variant]): (scene, *variant)
        for scene in scenes
        for variant in product(LANGUAGES, THEMES, SIZES)
    }


async def window(browser: Browser, shot: Shot, height: int) -> BrowserContext:
    """As somebody in Singapore has it."""
    _, language, theme, size = shot
    wide = ViewportSize(width=1280, height=height)
    return await browser.new_context(
        viewport=wide if size == "wide" else PHONE,
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size == "narrow",
        reduced_motion="reduce",
        timezone_id="Asia/Singapore",
        locale="en-SG" if language == "en" else "zh-CN",
    )


async def picture(browser: Browser, stage: Stage, shot: Shot) -> bytes:
    scene, language, _, size = shot
    served, person = stage.served, stage.person
    profile = (person.id, person.name, language, "", served.now())
    await served.database.write(store.set_profile, *profile)
    context = await window(browser, shot, stage.height)
    await context.add_cookies([{"name": "session", "value": stage.key, "url": served.url}])
    page = await context.new_page()
    await page.clock.set_fixed_time(served.now())
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    await scene(Look(page, stage))
    await page.wait_for_timeout(SETTLED_MS)
    assert not errors, (scene.__name__, errors)
    png = await page.screenshot(full_page=stage.whole and size == "narrow")
    await context.close()
    return png


async def take(shots: dict[str, Shot], begun: Begun, folder: Path, browser: Browser) -> None:
    with tempfile.TemporaryDirectory() as data:
        stage = await begun(Path(data))
        for name, shot in shots.items():
            (folder / f"{name}.png").write_bytes(await picture(browser, stage, shot))
        await stage.served.stop()


async def take_all(shots: dict[str, Shot], begun: Begun, folder: Path) -> None:
    executable = find()
    if executable is None:
        sys.exit("Chromium is not installed.")
    async with launched(executable) as browser:
        await take(shots, begun, folder, browser)


def main(begun: Begun, shots: dict[str, Shot], folder: Path, given: list[str]) -> None:
    """The command line: another folder, then names of pictures or of their scenes."""
    target = Path(given[0]) if given else folder
    wanted = set(given[1:])
    target.mkdir(parents=True, exist_ok=True)
    chosen = {
        name: shot
        for name, shot in shots.items()
        if not wanted or wanted & {name, shot[0].__name__}
    }
    asyncio.run(take_all(chosen, begun, target))
