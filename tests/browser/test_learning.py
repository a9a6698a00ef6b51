"""The editors' learning pages in a browser: by keyboard, on a phone, for screen readers, and with a
file from the person's own machine."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from accounts import sessions, store
from accounts.models import Person, Role
from accounts.sessions import Browser as Seen
from accounts.sessions import Lifetimes
from app import EDITING
from storage.database import Connection
from tests.browser.served import Served
from tests.browser.test_access import serious_faults
from tests.web.learning import month

ERIK = Person("p-erik", "Erik Lund", "erik@partner.example", frozenset({Role.GLOBAL_ADMIN}), "en")
CSV = b"Question,Answer\nDo you take cash?,We take no cash.\n"
PAGES = ("unanswered", "suggestions", "writing?entry=refund", "dashboard",
         "dashboard/rows?figure=coverage", "import", "guide")  # fmt: skip


def sign_in(connection: Connection, key: str, served: Served, language: str) -> None:
    person = Person(ERIK.id, ERIK.name, ERIK.email, ERIK.roles, language)
    store.add(connection, person, "", served.now())
    sessions.begin(connection, key, person.id, Seen("Tests"), served.now(), Lifetimes())


async def opened(browser: Browser, served: Served, **options: object) -> BrowserContext:
    language = str(options.pop("language", "en"))
    key = sessions.new_key()
    await served.database.write(sign_in, key, served, language)
    context = await browser.new_context(reduced_motion="reduce", **options)  # type: ignore[arg-type]
    await context.add_cookies([{"name": "session", "value": key, "url": served.url}])
    return context


@pytest.fixture
async def learned(served: Served) -> Served:
    await served.database.write(month, served.now())
    app = served._server.app
    assert app is not None
    await app[EDITING].learning.gather()
    return served


@pytest.fixture
async def page(browser: Browser, learned: Served) -> AsyncIterator[Page]:
    """Whatever the browser complains of fails the test."""
    context = await opened(browser, learned)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
    yield page
    await context.close()
    assert complaints == []


async def test_by_keyboard_from_a_group_to_a_draft_and_back(page: Page, learned: Served) -> None:
    await page.goto(f"{learned.url}/editor/unanswered")
    await page.get_by_role("link", name="Is there parking").press("Enter")
    await expect(page.locator("#group-title")).to_contain_text("parking")
    await page.get_by_label("Find an entry").fill("refund")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Found for “refund”")).to_be_visible()
    await page.get_by_role("radio", name="How do I get a refund?").press("Space")
    await page.get_by_role("button", name="Add the questions").press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("How do I get a refund?")
    await page.get_by_role("button", name="Undo").press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("Undone")


async def test_suggestions_are_ticked_all_at_once(page: Page, learned: Served) -> None:
    await page.goto(f"{learned.url}/editor/suggestions")
    await expect(page.get_by_role("button", name="Accept")).to_be_disabled()
    await page.get_by_label("Choose all").press("Space")
    await expect(page.locator("#chosen")).to_have_text("4 chosen")
    await page.get_by_role("button", name="Accept").press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("4 accepted")
    await expect(page.get_by_text("Nothing is suggested.")).to_be_visible()


async def test_a_chosen_file_leads_to_its_preview_and_to_drafts(
    page: Page, learned: Served
) -> None:
    await page.goto(f"{learned.url}/editor/import")
    file = {"name": "faq.csv", "mimeType": "text/csv", "buffer": CSV}
    await page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    await page.wait_for_url("**/editor/import/*")
    await expect(page.get_by_role("heading", name="faq.csv")).to_be_visible()
    await page.get_by_role("button", name="Make 1 drafts").press("Enter")
    await expect(page.get_by_role("status").first).to_contain_text("1 entries are in drafts")


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    browser: Browser, learned: Served, axe: str, language: str, scheme: str, width: int
) -> None:
    context = await opened(
        browser,
        learned,
        language=language,
        color_scheme=scheme,
        viewport={"width": width, "height": 860},
        bypass_csp=True,
    )
    page = await context.new_page()
    for path in PAGES:
        await page.goto(f"{learned.url}/editor/{path}")
        assert await serious_faults(page, axe) == [], path
        over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path
    await context.close()
