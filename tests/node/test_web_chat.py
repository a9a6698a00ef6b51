"""Microsoft's own page, Web Chat from npm, on another site than ours, in a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import launched, needed
from tests.browser.served import Served
from tests.needs import needs_package

pytestmark = [pytest.mark.browser, pytest.mark.node]
BUNDLE = "botframework-webchat/dist/webchat-minimal.js"
QUESTION = "When is my invoice due?"
SHOP_PAGE = """<!doctype html><meta charset="utf-8"><title>Shop</title>
<div id="chat" style="height:600px"></div><script src="/webchat.js"></script>
<script type="module">
const billing = new URLSearchParams(location.search).get("billing");
const kept = sessionStorage.getItem("resume");
const answer = await fetch(billing + "/widget/token", {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(kept ? { resume: kept } : {}),
});
const { token, resume } = await answer.json();
sessionStorage.setItem("resume", resume);
const directLine = WebChat.createDirectLine({ domain: billing + "/v3/directline", token });
directLine.connectionStatus$.subscribe((status) => (window.lineStatus = status));
WebChat.renderWebChat({ directLine, locale: "en-US" }, document.getElementById("chat"));
</script>"""


@pytest.fixture
async def shop() -> AsyncIterator[str]:
    """A site that is not ours, with Web Chat on its page."""
    script = needs_package(BUNDLE)

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=SHOP_PAGE, content_type="text/html")

    async def bundle(request: web.Request) -> web.FileResponse:
        return web.FileResponse(script)

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/webchat.js", bundle)])
    server = TestServer(app)
    await server.start_server()
    yield f"http://127.0.0.1:{server.port}"
    await server.close()


@pytest.fixture
async def product(tmp_path: Path, shop: str) -> AsyncIterator[Served]:
    served = Served(tmp_path, widget_origins=(shop,))
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def page(shop: str, product: Served) -> AsyncIterator[Page]:
    async with launched(needed()) as browser:
        page = await browser.new_page()
        await page.goto(f"{shop}/?billing={product.url}")
        yield page


async def test_web_chat_talks_breaks_and_goes_on(page: Page, product: Served) -> None:
    await _is_said(page, "a program, not a person", 1)
    await _ask(page, QUESTION)
    await _is_said(page, "30 days", 1)
    await expect(page.get_by_text("Send failed")).to_have_count(0)

    await product.stop()
    await product.start()
    async with page.expect_websocket(timeout=30_000):
        pass
    await _ask(page, "Can I pay by card?")
    await _is_said(page, "Can I pay by card?", 1)
    await expect(_bubbles(page)).to_have_count(5)

    await page.reload()
    await expect(_bubbles(page)).to_have_count(5)
    await _is_said(page, "a program, not a person", 1)
    await _is_said(page, "30 days", 1)


async def _ask(page: Page, text: str) -> None:
    box = page.get_by_role("textbox")
    await box.fill(text)
    await box.press("Enter")


async def _is_said(page: Page, text: str, times: int) -> None:
    await expect(_bubbles(page).filter(has_text=text)).to_have_count(times, timeout=15_000)


def _bubbles(page: Page) -> Locator:
    return page.locator(".webchat__bubble__content")
