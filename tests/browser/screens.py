"""A picture of every state, to look at: wide and narrow, light and dark, English and Chinese.

python -m tests.browser.screens [FOLDER] [STATE ...]
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Route, ViewportSize

from tests.browser.chromium import find, launched
from tests.browser.person import Helper
from tests.browser.served import Served
from tests.browser.visitor import ACTIVITIES, Visitor

FOLDER = Path("screenshots")
SIZES = {
    "wide": ViewportSize(width=1280, height=860),
    "narrow": ViewportSize(width=390, height=844),
}
WORDS = {
    "en": {
        "question": "How can I pay my invoice?",
        "button": "Helpful",
        "agent": "Mei Lin",
        "person": "I want to talk to a human",
        "comment": "Quick and clear, thank you.",
    },
    "zh": {
        "question": "可以用什么方式付款？",
        "button": "有帮助",
        "agent": "林美",
        "person": "转人工",
        "comment": "很快，也很清楚，谢谢。",
    },
}
LONG = {
    "en": "Our finance team asked me to find out why the October invoice is higher. " * 6,
    "zh": "财务让我了解一下十月份的账单为什么比以前高，我们并没有增加许可证。" * 8,
}
AGENT = {
    "en": "Hello, Mei here. I can see invoice **INV-2026-1103**; give me a minute to check it.",
    "zh": "您好，我是林美。我看到账单 **INV-2026-1103** 了，请稍等，我核对一下。",
}

Scene = Callable[[Visitor, str], Coroutine[Any, Any, None]]


async def closed(visitor: Visitor, language: str) -> None:
    pass


async def opening(visitor: Visitor, language: str) -> None:
    await visitor.page.route("**/widget/token", _never)
    await visitor.launcher.click()
    await visitor.page.locator("billing-assistant .panel[data-state=ready]").wait_for()


async def welcome(visitor: Visitor, language: str) -> None:
    await visitor.opens()


async def answered(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.asks(WORDS[language]["question"])


async def rated(visitor: Visitor, language: str) -> None:
    await answered(visitor, language)
    await visitor.chat.get_by_role("button", name=WORDS[language]["button"], exact=True).click()
    await visitor.answers.nth(2).wait_for()


async def typing(visitor: Visitor, language: str) -> None:
    await visitor.holds_the_wire()
    await visitor.opens()
    await visitor.is_told(type="typing", **{"from": {"role": "bot", "name": "Harbourlight Cloud"}})
    await visitor.chat.locator(".typing").wait_for()


async def sending(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.page.route(ACTIVITIES, _never)
    await visitor.field.fill(WORDS[language]["question"])
    await visitor.field.press("Enter")
    await visitor.own.wait_for()


async def failed(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.cannot_be_saved()
    await visitor.field.fill(WORDS[language]["question"])
    await visitor.field.press("Enter")
    await visitor.chat.locator("[data-state=failed]").wait_for()


async def reconnecting(visitor: Visitor, language: str) -> None:
    await visitor.holds_the_wire()
    await answered(visitor, language)
    assert visitor.socket is not None
    await visitor.page.route("**/v3/directline/conversations/**", lambda route: route.abort())
    await visitor.socket.close()
    await visitor.status.wait_for()


async def long_text(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.asks(LONG[language] + "\n\nhttps://harbourlight.example/" + "x" * 80)
    await visitor.chat.locator("#transcript").evaluate("it => it.scrollTo(0, it.scrollHeight)")


async def many(visitor: Visitor, language: str) -> None:
    await visitor.holds_the_wire()
    await visitor.opens()
    for _ in range(3):
        await visitor.asks(WORDS[language]["question"])
    await visitor.chat.locator("#transcript").evaluate("it => it.scrollTo(0, 300)")
    await visitor.is_told(**_from_agent(language, 900))
    await visitor.chat.locator("#jump").wait_for()


async def agent(visitor: Visitor, language: str) -> None:
    await visitor.holds_the_wire()
    await visitor.opens()
    await visitor.asks(WORDS[language]["question"])
    await visitor.is_told(**_from_agent(language, 900))
    await visitor.chat.locator(".agent").wait_for()


async def queued(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.field.fill(WORDS[language]["person"])
    await visitor.field.press("Enter")
    await visitor.system.first.wait_for()


async def joined(visitor: Visitor, language: str) -> None:
    await visitor.holds_the_wire()
    await _helped(visitor, language)
    name = {"id": "agent", "name": WORDS[language]["agent"], "role": "bot"}
    await visitor.is_told(type="typing", **{"from": name})
    await visitor.chat.locator(".typing").wait_for()


async def closing(visitor: Visitor, language: str) -> None:
    await (await _helped(visitor, language)).closes()
    await visitor.chat.locator(".star").first.wait_for()


async def starred(visitor: Visitor, language: str) -> None:
    await closing(visitor, language)
    await visitor.chat.locator(".star").nth(3).click()
    await visitor.chat.locator(".help textarea").fill(WORDS[language]["comment"])


async def thanked(visitor: Visitor, language: str) -> None:
    await starred(visitor, language)
    await visitor.chat.locator(".help button").click()
    await visitor.system.nth(3).wait_for()


async def _helped(visitor: Visitor, language: str) -> Helper:
    assert visitor.served is not None
    await queued(visitor, language)
    helper = await Helper(visitor.served, WORDS[language]["agent"]).takes()
    await helper.says(AGENT[language])
    await visitor.agents.wait_for()
    return helper


async def overlong(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.field.fill((LONG[language] * 20)[:4123])
    await visitor.chat.locator(".over").wait_for()


async def confirm(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.chat.locator("#new").click()


async def unread(visitor: Visitor, language: str) -> None:
    await visitor.holds_the_wire()
    await visitor.opens()
    await visitor.chat.locator("#close").click()
    await visitor.is_told(**_from_agent(language, 900))
    await visitor.badge.wait_for()


async def keyboard(visitor: Visitor, language: str) -> None:
    await visitor.opens()
    await visitor.page.keyboard.press("Shift+Tab")


SCENES: tuple[Scene, ...] = (
    *(closed, opening, welcome, sending, typing, answered, rated, agent, failed),
    *(queued, joined, closing, starred, thanked),
    *(reconnecting, long_text, many, overlong, confirm, unread, keyboard),
)


def _from_agent(language: str, number: int) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"conversation|{number:07d}",
        "timestamp": "2026-11-22T10:00:00.000Z",
        "from": {"id": "mei", "name": WORDS[language]["agent"], "role": "bot"},
        "text": AGENT[language],
        "textFormat": "markdown",
        "locale": language,
        "channelData": {"author": "agent"},
    }


async def _never(route: Route) -> None:
    """The request is not answered."""


async def picture(
    browser: Browser, served: Served, scene: Scene, language: str, theme: str, size: str
) -> bytes:
    context = await browser.new_context(
        viewport=SIZES[size],
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=size == "narrow",
        reduced_motion="reduce",
    )
    visitor = Visitor(await context.new_page(), served)
    await visitor.visits(f"{served.url}/?lang={language}")
    await scene(visitor, language)
    shot = await visitor.page.screenshot()
    await context.close()
    return shot


async def pictures(
    executable: str, names: list[str], data: Path
) -> AsyncIterator[tuple[str, bytes]]:
    served = Served(data)
    await served.start()
    scenes = [scene for scene in SCENES if not names or scene.__name__ in names]
    async with launched(executable) as browser:
        for scene, *variant in product(scenes, WORDS, ("light", "dark"), SIZES):
            shot = await picture(browser, served, scene, *variant)
            yield "-".join([scene.__name__, *variant]), shot
    await served.stop()


async def main(folder: Path, names: list[str]) -> None:
    executable = find()
    if executable is None:
        sys.exit("Chromium is not installed.")
    with tempfile.TemporaryDirectory() as data:
        async for name, shot in pictures(executable, names, Path(data)):
            (folder / f"{name}.png").write_bytes(shot)


if __name__ == "__main__":
    given = sys.argv[1:]
    folder = Path(given[0]) if given else FOLDER
    folder.mkdir(exist_ok=True)
    asyncio.run(main(folder, given[1:]))
