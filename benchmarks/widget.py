"""How heavy the chat is and how soon it can be used, beside Web Chat in the same browser.

Both talk to the same running server; every run has a fresh browser profile with nothing cached.
Ready is when the greeting is on the screen and there is a field to write in. Web Chat is loaded at
the click, as the chat is; both are served from this machine, so the network's part is left out.

    python -m benchmarks.widget [--json] [--runs RUNS]
"""

import argparse
import asyncio
import gzip
import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from aiohttp import web
from playwright.async_api import Browser, Page, Response

from tests.browser.chromium import find, launched
from tests.browser.served import Served

WEB_CHAT = Path("tests/node/node_modules/botframework-webchat/dist/webchat.js")
GREETING = "a program, not a person"
RUNS = 7

WITH_WIDGET, WITH_WEB_CHAT = "/with-widget", "/with-web-chat"
SITES = {
    WITH_WIDGET: '<!doctype html><html lang="en"><body><script src="/widget.js" async></script>',
    WITH_WEB_CHAT: '<!doctype html><html lang="en"><body><div id="chat"></div>',
}

WIDGET_READY = """greeting => new Promise(ready => {
    const host = document.querySelector("billing-assistant").shadowRoot;
    const started = performance.now();
    const look = () => {
        const chat = host.querySelector("iframe")?.contentDocument;
        const isReady = chat?.getElementById("messages")?.innerText.includes(greeting)
            && chat.getElementById("text") && host.querySelector("[data-state=ready]");
        isReady ? ready(performance.now() - started) : requestAnimationFrame(look);
    };
    host.querySelector(".launcher").click();
    look();
})"""

WEB_CHAT_READY = """greeting => new Promise(ready => {
    const started = performance.now();
    const look = () => {
        const isReady = document.body.innerText.includes(greeting)
            && document.querySelector("#chat textarea, #chat input");
        isReady ? ready(performance.now() - started) : requestAnimationFrame(look);
    };
    const token = fetch("/widget/token", {
        method: "POST", headers: {"Content-Type": "application/json"}, body: "{}",
    }).then(answer => answer.json());
    const script = document.createElement("script");
    script.src = "/webchat.js";
    script.onload = async () => WebChat.renderWebChat({
        directLine: WebChat.createDirectLine({
            domain: location.origin + "/v3/directline", token: (await token).token,
            webSocket: true,
        }),
        locale: "en-US",
    }, document.getElementById("chat"));
    document.head.append(script);
    look();
})"""


class Weight:
    """Bytes of the files a page loads, as they were sent."""

    def __init__(self, page: Page) -> None:
        self.of_file: dict[str, int] = {}
        page.on("response", self._add)

    def _add(self, response: Response) -> None:
        if response.request.resource_type in ("document", "script", "stylesheet"):
            path = urlsplit(response.url).path
            self.of_file[path] = int(response.headers["content-length"])

    @property
    def total(self) -> int:
        return sum(size for path, size in self.of_file.items() if path not in SITES)


def pages() -> list[web.RouteDef]:
    """Two empty sites, one with our launcher and one for Web Chat."""
    web_chat = gzip.compress(WEB_CHAT.read_bytes(), 9)

    async def site(request: web.Request) -> web.Response:
        text = SITES[request.path]
        return web.Response(text=text, content_type="text/html")

    async def script(request: web.Request) -> web.Response:
        headers = {"Content-Encoding": "gzip"}
        return web.Response(body=web_chat, headers=headers, content_type="text/javascript")

    return [*(web.get(path, site) for path in SITES), web.get("/webchat.js", script)]


async def run(browser: Browser, url: str, work: str) -> tuple[float, Weight]:
    """Milliseconds from the click."""
    context = await browser.new_context(locale="en-US")
    page = await context.new_page()
    weight = Weight(page)
    await page.goto(url, wait_until="load")
    took = float(await page.evaluate(work, GREETING))
    await context.close()
    return took, weight


async def measure(executable: str, runs: int) -> dict[str, int]:
    """The two alternate, because a machine's speed changes from one second to the next."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as data:
        served = Served(Path(data))
        await served.start(*pages())
        async with launched(executable) as browser:
            for _ in range(runs):
                ours.append(await run(browser, served.url + WITH_WIDGET, WIDGET_READY))
                theirs.append(await run(browser, served.url + WITH_WEB_CHAT, WEB_CHAT_READY))
        await served.stop()
    weight = ours[0][1]
    return {
        "launcher_gzip_bytes": weight.of_file["/widget.js"],
        "total_gzip_bytes": weight.total,
        "ready_ms": round(median(took for took, _ in ours)),
        "web_chat_gzip_bytes": theirs[0][1].total,
        "web_chat_ready_ms": round(median(took for took, _ in theirs)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=RUNS)
    options = parser.parse_args()
    executable = find()
    if executable is None:
        sys.exit("Chromium is not installed.")
    if not WEB_CHAT.exists():
        sys.exit("Web Chat is not installed: npm ci --prefix tests/node")
    found = asyncio.run(measure(executable, options.runs))
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:22} {value:>9,}")


if __name__ == "__main__":
    main()
