"""The console and the pages around it for everybody: axe, phones, narrow windows, Chinese."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from conversations import outbox
from conversations.outbox import Letter
from storage.database import Connection
from tests.browser.agent_page import AgentWindow
from tests.browser.at_the_desk import mei, scene, served
from tests.browser.desk_scene import MEI, DeskScene, ordinary_monday
from tests.browser.test_access import serious_faults
from tests.product import MONDAY_MORNING

__all__ = ["mei", "scene", "served"]

WIDTHS, THEMES = (1280, 390), ("light", "dark")
EVERY = pytest.mark.parametrize(("width", "theme"), list(product(WIDTHS, THEMES)))
DIALOGS = ("escalate", "transfer", "snooze", "resolve", "propose")
HAN = re.compile("[\u4e00-\u9fff]")
TOO_WIDE = "() => document.documentElement.scrollWidth - innerWidth"


@asynccontextmanager
async def window(
    browser: Browser, scene: DeskScene, width: int, theme: Any, language: str = "en"
) -> AsyncIterator[AgentWindow]:
    """Mei's, into which axe may be put."""
    key = await scene.signs_in(replace(MEI, language=language))
    context = await browser.new_context(
        bypass_csp=True,
        reduced_motion="reduce",
        color_scheme=theme,
        viewport={"width": width, "height": 800},
    )
    url = scene.served.url
    await context.add_cookies([{"name": "session", "value": key, "url": url}])
    yield AgentWindow(context, await context.new_page(), url)
    await context.close()


@pytest.fixture
async def made(scene: DeskScene) -> dict[str, str]:
    """An ordinary Monday, on which one mail was not delivered."""
    made = await ordinary_monday(scene)
    await scene.write(_is_stuck, made["nadia"])
    return made


def _is_stuck(connection: Connection, handoff: str) -> None:
    letter = Letter("mail", "mail", "mail", {"handoff": handoff})
    outbox.post(connection, letter, MONDAY_MORNING)
    connection.execute("UPDATE outbox SET status = 'failed', attempts = 1 WHERE id = 'mail'")


@EVERY
async def test_axe_finds_nothing(
    browser: Browser, scene: DeskScene, made: dict[str, str], axe: str, width: int, theme: str
) -> None:
    async with window(browser, scene, width, theme) as mei:
        await mei.opens()
        await expect(mei.page.locator("#undelivered")).to_be_visible()
        assert await serious_faults(mei.page, axe) == []
        await mei.opens(f"view=mine&id={made['nadia']}")
        await mei.page.locator(".chip").first.wait_for()
        assert await serious_faults(mei.page, axe) == []
        for action in DIALOGS:
            await mei.presses(action)
            await expect(mei.dialog(action)).to_be_visible()
            assert await serious_faults(mei.page, axe) == [], action
            await mei.page.keyboard.press("Escape")
        await mei.page.locator("#replies-open").click()
        await mei.page.locator(".reply").first.wait_for()
        assert await serious_faults(mei.page, axe) == []


@EVERY
async def test_axe_finds_nothing_in_the_reports_and_in_what_was_not_delivered(
    browser: Browser, scene: DeskScene, made: dict[str, str], axe: str, width: int, theme: str
) -> None:
    async with window(browser, scene, width, theme) as mei:
        for path, there in (
            ("/agent/reports", ".figure-value"),
            ("/agent/reports/rows?figure=requests", "tbody tr"),
            ("/agent/undelivered", "tbody tr"),
        ):
            await mei.page.goto(mei.url + path)
            await expect(mei.page.locator(there).first).to_be_visible()
            assert await serious_faults(mei.page, axe) == [], path
            assert await mei.page.evaluate(TOO_WIDE) <= 0, path


@pytest.mark.parametrize("width", WIDTHS)
async def test_in_chinese_it_is_chinese(
    browser: Browser, scene: DeskScene, made: dict[str, str], axe: str, width: int
) -> None:
    async with window(browser, scene, width, "light", "zh") as mei:
        await mei.opens(f"view=all&id={made['nadia']}")
        await expect(mei.page.locator("html")).to_have_attribute("lang", "zh-Hans")
        for action in DIALOGS:
            await mei.presses(action)
            await expect(mei.dialog(action).locator("h2")).to_have_text(HAN)
            assert await serious_faults(mei.page, axe) == [], action
            await mei.page.keyboard.press("Escape")
        for path in ("/agent", "/agent/reports", "/agent/undelivered"):
            await mei.page.goto(mei.url + path)
            await expect(mei.page.locator("h1")).to_have_text(HAN)
            assert await mei.page.evaluate(TOO_WIDE) <= 0, path


async def test_at_every_width_nothing_is_cut_off(mei: AgentWindow, scene: DeskScene) -> None:
    made = await ordinary_monday(scene)
    for width in (320, 390, 768, 1024, 1280, 1920):
        await mei.page.set_viewport_size({"width": width, "height": 700})
        for query in ("view=all", f"view=mine&id={made['nadia']}"):
            await mei.opens(query)
            assert await mei.page.evaluate(TOO_WIDE) <= 0, (width, query)
