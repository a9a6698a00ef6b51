"""A second person approves: what was handed in is seen whole, and why although it gets worse."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.editor_page import at_work
from tests.browser.editor_screens import ERIK, PAULA
from tests.browser.served import Served
from tests.browser.test_editor import SLOW_MS
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.web.editors import GOLDEN, PERSON


@pytest.fixture
async def reviewed(tmp_path: Path) -> AsyncIterator[Served]:
    content = shipped_copy(tmp_path / "content", TWO + PERSON)
    (content / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    served = Served(
        tmp_path,
        content=content,
        encoder="none",
        cache=tmp_path / "cache",
        review_before_publish=True,
    )
    await served.start()
    yield served
    await served.stop()


async def test_what_was_handed_in_is_looked_at_and_approved_with_a_reason(
    browser: Browser, reviewed: Served
) -> None:
    async with at_work(browser, reviewed, ERIK) as erik:
        await erik.opens("/editor/entries/refund")
        await erik.page.locator("#archive").click()
        await erik.is_saved()
        await erik.opens("/editor/publish")
        await erik.page.get_by_label("Note").fill("We pay nothing back")
        await expect(erik.page.locator("#go")).to_be_enabled(timeout=SLOW_MS)
        await expect(erik.page.locator(".moved-worse")).to_contain_text("refund please?")
        await erik.page.locator("#go").click()
        await expect(erik.page.locator(".toast")).to_be_visible()
    async with at_work(browser, reviewed, PAULA) as paula:
        await paula.opens("/editor/publish")
        card = paula.page.locator(".waiting")
        await expect(card).to_contain_text("We pay nothing back")
        await expect(card.locator(".change-part")).to_contain_text("Refund?")
        await card.locator(".change-part summary").click()
        await expect(card.locator(".is-removed").first).to_be_visible()
        await expect(card.locator(".moved-worse")).to_contain_text("refund please?")
        await card.get_by_role("button", name="Approve").click()
        await expect(card.locator(".refused")).to_contain_text(
            "A publisher can say why", timeout=SLOW_MS
        )
        await card.locator("[data-reason]").fill("It is the law")
        await card.get_by_role("button", name="Approve").click()
        await expect(card).to_have_count(0, timeout=SLOW_MS)
        await paula.opens("/editor/versions/2")
        await expect(paula.page.get_by_text(re.compile("It is the law"))).to_be_visible()
