"""A customer with a browser: what she does and sees on the site and in the chat."""

import json
from typing import Any

from playwright.async_api import Locator, Page, Route, WebSocketRoute

from tests.browser.served import Served

ACTIVITIES = "**/v3/directline/conversations/*/activities"

UNSAVED = {"error": {"code": "ServiceError", "message": "Not saved."}}


class Visitor:
    def __init__(self, page: Page, served: Served | None = None) -> None:
        self.page = page
        self.served = served
        self.launcher = page.locator("billing-assistant .launcher")
        self.panel = page.locator("billing-assistant .panel")
        self.badge = page.locator("billing-assistant .badge")
        self.chat = page.frame_locator("billing-assistant iframe")
        self.field = self.chat.locator("#text")
        self.messages = self.chat.locator("#messages > [data-key]")
        self.answers = self.chat.locator("#messages > .assistant[data-key]")
        self.agents = self.chat.locator("#messages > .agent[data-key]")
        self.system = self.chat.locator("#messages > .system[data-key]")
        self.title = self.chat.locator("#title")
        self.own = self.chat.locator("#messages > .customer")
        self.suggestions = self.chat.locator(".suggestion:visible")
        self.status = self.chat.locator("#status")
        self.spoken = self.chat.locator("#announcer > p")
        self.socket: WebSocketRoute | None = None
        self.refuses_sockets = False

    async def visits(self, url: str) -> None:
        await self.page.goto(url)
        await self.launcher.wait_for()

    async def opens(self) -> None:
        """Until the greeting can be read."""
        await self.launcher.click()
        await self.answers.first.wait_for()

    async def asks(self, text: str) -> Locator:
        """Until there is an answer, which is given back."""
        before = await self.answers.count()
        await self.field.fill(text)
        await self.field.press("Enter")
        answer = self.answers.nth(before)
        await answer.wait_for()
        return answer

    async def holds_the_wire(self) -> None:
        """From the next connection on, its frames pass through this test's hands."""

        def connected(socket: WebSocketRoute) -> None:
            if self.refuses_sockets:
                return
            self.socket = socket
            socket.connect_to_server()

        await self.page.route_web_socket(lambda url: "/stream" in url, connected)

    async def is_told(self, **activity: Any) -> None:
        """Something arrives that this server did not say."""
        assert self.socket is not None
        self.socket.send(json.dumps({"activities": [activity], "watermark": ""}))

    async def cannot_be_saved(self) -> None:
        async def refuse(route: Route) -> None:
            if route.request.method == "POST":
                await route.fulfill(status=503, json=UNSAVED)
            else:
                await route.continue_()

        await self.page.route(ACTIVITIES, refuse)

    async def can_be_saved_again(self) -> None:
        await self.page.unroute(ACTIVITIES)
