"""Somebody who writes the knowledge base, with a browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, Page, expect

from accounts.models import Person
from tests.browser.editor_screens import signs_in
from tests.browser.served import Served


@dataclass
class Editing:
    """A browser of somebody who writes. Whatever it complains of fails the test."""

    served: Served
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    async def opens(self, path: str) -> None:
        await self.page.goto(self.served.url + path)

    async def is_saved(self) -> None:
        await expect(self.page.locator("#saved")).to_have_attribute("data-state", "saved")

    async def writes(self, language: str, answer: str) -> None:
        await self.page.locator(f"#answer-{language}").fill(answer)


@asynccontextmanager
async def at_work(
    browser: Browser, served: Served, person: Person, **options: object
) -> AsyncIterator[Editing]:
    key = await signs_in(served, person)
    context = await browser.new_context(locale="en", reduced_motion="reduce", **options)  # type: ignore[arg-type]
    await context.add_cookies([{"name": "session", "value": key, "url": served.url}])
    page = await context.new_page()
    made = Editing(served, context, page)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("dialog", lambda dialog: made.complaints.append(dialog.message))
    page.on("console", lambda said: _complaint(said.text, made.complaints))
    yield made
    assert made.complaints == []
    await context.close()


def _complaint(text: str, complaints: list[str]) -> None:
    if "Content Security Policy" in text or "Trusted" in text:
        complaints.append(text)
