"""What others put in our way: hostile texts, rude styles, strict policies, other frames."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, expect

from tests.browser.served import Served
from tests.browser.visitor import Visitor

HOSTILE = [
    "<script>window.hurt = 1</script>",
    '<img src=x onerror="window.hurt = 1">',
    "<svg/onload=window.hurt=1>",
    "[press](javascript:window.hurt=1)",
    "[press](JaVaScRiPt:window.hurt=1)",
    "[press](data:text/html,<script>window.hurt=1</script>)",
    "[press](vbscript:x)",
    "[press](//evil.example)",
    "[press](/widget)",
    "[press](http://evil.example)",
    "<javascript:window.hurt=1>",
    '[press](https://a.example/"onmouseover="window.hurt=1)',
    "![picture](https://evil.example/x.png)",
    "`<b>code</b>`",
    "**<i>bold</i>**",
    "&lt;b&gt; &#x3c;script&#x3e;",
    "\u202etxt.exe",
    "[a](https://a.example) [b](https://b.example)" * 20,
    "*" * 2000,
    "[" * 2000,
    "- " * 500,
    "`" * 999,
]
MARKS = {"P", "BR", "STRONG", "EM", "CODE", "PRE", "UL", "OL", "LI", "A", "SPAN"}

RUDE = """
* { all: unset !important; display: none !important; font: 40px cursive !important; }
body, html { display: block !important; }
billing-assistant { display: none !important; opacity: 0 !important; width: 0 !important; }
button, iframe { visibility: hidden !important; transform: rotate(90deg) !important; }
"""


@pytest.mark.parametrize("textFormat", ["markdown", "plain"])
async def test_hostile_texts_are_shown_and_do_nothing(carla: Visitor, textFormat: str) -> None:
    await carla.holds_the_wire()
    await carla.opens()
    for number, text in enumerate(HOSTILE):
        await carla.is_told(
            type="message",
            id=f"conversation|{900 + number:07d}",
            timestamp="2026-11-22T10:00:00.000Z",
            text=text,
            textFormat=textFormat,
            suggestedActions={"actions": [{"type": "imBack", "title": text, "value": text}]},
            **{"from": {"name": text[:200], "role": "bot"}},
        )
    await expect(carla.answers).to_have_count(1 + len(HOSTILE))
    frame = carla.page.frames[1]
    assert await frame.evaluate("() => window.hurt") is None
    inside = "all => [...new Set(all.map(it => it.nodeName))]"
    assert set(await carla.chat.locator(".bubble *").evaluate_all(inside)) <= MARKS
    links = await carla.chat.locator(".bubble a").evaluate_all("all => all.map(it => it.href)")
    assert all(link.startswith(("https://", "mailto:", "tel:")) for link in links)
    handlers = "all => all.filter(it => [...it.attributes].some(a => a.name.startsWith('on')))"
    assert await frame.locator("*").evaluate_all(f"all => ({handlers})(all).length") == 0


@pytest.mark.parametrize("text", ["<b>bold</b>", "**not bold**", "[x](https://a.example)"])
async def test_what_she_writes_herself_is_only_text(carla: Visitor, text: str) -> None:
    await carla.opens()
    await carla.asks(text)
    await expect(carla.own.locator(".bubble")).to_have_text(text)
    await expect(carla.own.locator(".bubble *")).to_have_count(0)


@asynccontextmanager
async def site(widget: str, policy: str = "", style: str = "") -> AsyncIterator[str]:
    """Another company's page, on an origin of its own."""

    async def page(request: web.Request) -> web.Response:
        text = (
            '<!doctype html><html lang="en"><title>A shop</title><link rel="stylesheet" href="/s">'
            f'<body><script src="{widget}/widget.js" async></script></body></html>'
        )
        headers = {"Content-Security-Policy": policy} if policy else {}
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def sheet(request: web.Request) -> web.Response:
        return web.Response(text=style, content_type="text/css")

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/s", sheet)])
    server = TestServer(app)
    await server.start_server()
    yield f"http://localhost:{server.port}"
    await server.close()


async def test_a_site_with_rude_styles_and_a_strict_policy_can_show_it(
    browser: Browser, tmp_path: Path
) -> None:
    served = Served(tmp_path)
    policy = (
        f"default-src 'none'; script-src {served.url}; frame-src {served.url}; style-src 'self'"
    )
    async with site(served.url, policy, RUDE) as shop:
        served = served.allowing(shop)
        await served.start()
        context = await browser.new_context(viewport={"width": 1280, "height": 860})
        visitor = Visitor(await context.new_page())
        refused: list[str] = []
        visitor.page.on("console", lambda said: refused.append(said.text))
        await visitor.visits(shop)
        assert await visitor.launcher.bounding_box() == {
            "x": 1204,
            "y": 784,
            "width": 56,
            "height": 56,
        }
        await visitor.opens()
        await visitor.asks("When is my invoice due?")
        await visitor.chat.get_by_role("button", name="Close chat").click()
        await expect(visitor.panel).to_be_hidden()
        assert not [text for text in refused if "Content Security Policy" in text]
        await context.close()
        await served.stop()


async def test_a_site_that_is_not_listed_cannot_frame_it(
    context: BrowserContext, served: Served
) -> None:
    async with site(served.url) as shop:
        visitor = Visitor(await context.new_page())
        refused: list[str] = []
        visitor.page.on("console", lambda said: refused.append(said.text))
        await visitor.visits(shop)
        async with visitor.page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            await visitor.launcher.click()


async def test_messages_from_elsewhere_move_nothing(carla: Visitor) -> None:
    await carla.opens()
    said = json.dumps({"from": "billing-assistant", "type": "close"})
    await carla.page.evaluate(f"() => window.postMessage({said}, '*')")
    frame = carla.page.frames[1]
    themed = json.dumps({"from": "billing-assistant", "type": "theme", "theme": "dark"})
    await frame.evaluate(f"() => window.postMessage({themed}, '*')")
    await carla.asks("When is my invoice due?")
    await expect(carla.panel).to_be_visible()
    assert await carla.chat.locator("html").get_attribute("data-theme") is None
