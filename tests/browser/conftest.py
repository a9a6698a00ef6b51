"""A browser, the product on a port, and a visitor on its trial site."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext

from tests.browser.chromium import launched, needed
from tests.browser.served import Served
from tests.browser.visitor import Visitor
from tests.needs import needs_package


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched(needed()) as browser:
        yield browser


@pytest.fixture
def axe() -> str:
    """The script that finds what keeps people out of a page."""
    return needs_package("axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    served = Served(tmp_path)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-SG", reduced_motion="reduce")
    yield context
    await context.close()


@pytest.fixture
async def carla(context: BrowserContext, served: Served) -> AsyncIterator[Visitor]:
    """On the site, the chat not yet opened. Whatever her browser complains of fails the test."""
    visitor = Visitor(await context.new_page())
    complaints: list[str] = []
    visitor.page.on("pageerror", lambda error: complaints.append(str(error)))
    visitor.page.on("console", lambda said: _policy_complaint(said.text, complaints))
    await visitor.visits(f"{served.url}/?lang=en")
    yield visitor
    assert not complaints


def _policy_complaint(text: str, complaints: list[str]) -> None:
    if "Content Security Policy" in text or "Trusted" in text:
        complaints.append(text)
