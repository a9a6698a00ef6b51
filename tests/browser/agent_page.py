"""An agent with a browser: what is seen and pressed in the console."""

import asyncio

from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, WebSocketRoute

from accounts.models import Person
from tests.browser.desk_scene import DeskScene


class AgentWindow:
    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context = context
        self.page = page
        self.url = url
        self.rows = page.locator(".queue-row")
        self.field = page.locator("#text")
        self.lines = page.locator("#lines > .line")
        self.customer = page.locator("#lines > .line.customer")
        self.own = page.locator("#lines > .line.agent")
        self.notes = page.locator("#lines > .line.note")
        self.details = page.locator("#details")
        self.toast = page.locator(".toast")
        self.socket: WebSocketRoute | None = None
        self.ticket = asyncio.Event()
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._hear(said.text))

    @classmethod
    async def of(cls, browser: Browser, scene: DeskScene, person: Person) -> "AgentWindow":
        """Signed in, on no page yet."""
        key = await scene.signs_in(person)
        context = await browser.new_context(
            viewport={"width": 1280, "height": 800}, reduced_motion="reduce", locale="en-SG"
        )
        url = scene.served.url
        await context.add_cookies([{"name": "session", "value": key, "url": url}])
        return cls(context, await context.new_page(), url)

    async def opens(self, query: str = "view=unassigned") -> None:
        await self.page.goto(f"{self.url}/agent?{query}")
        await self.page.locator("#rows, #queue-empty").first.wait_for(state="attached")

    async def takes_the_first(self) -> None:
        await self.rows.first.click()
        await self.page.locator("#talk-head [data-act=claim]").click()
        await self.page.locator("#talk-head [data-act=resolve]").wait_for()

    async def says(self, text: str) -> None:
        await self.field.fill(text)
        await self.field.press("Enter")

    async def presses(self, action: str) -> None:
        """A button above the conversation, or in its menu."""
        button = self.page.locator(f"#talk-head [data-act={action}]:visible")
        if not await button.count():
            await self.page.locator(".talk-menu summary").click()
        await button.first.click()

    def dialog(self, name: str) -> Locator:
        return self.page.locator(f"dialog#{name}")

    async def holds_the_wire(self) -> None:
        """From the next connection on, its socket passes through this test's hands."""

        def connected(socket: WebSocketRoute) -> None:
            self.socket = socket
            socket.connect_to_server()

        await self.page.route_web_socket(lambda url: "/agent/socket" in url, connected)

    async def holds_the_ticket(self) -> None:
        """No connection before `ticket` is set."""

        async def later(route: Route) -> None:
            await self.ticket.wait()
            await route.continue_()

        await self.page.route("**/agent/ticket", later)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text or "Trusted" in text:
            self.complaints.append(text)
