"""The doors and the people's pages in a browser: by keyboard, on a phone, for screen readers."""

import pytest
from playwright.async_api import Browser, Page, expect

from accounts import links
from accounts.links import NewLink, Purpose
from accounts.models import Role
from app import DATABASE, utc_now
from tests.browser.served import Served
from tests.browser.test_access import serious_faults

PASSWORD = "correct horse battery staple"
PAGES = ("/account", "/admin/people", "/admin/audit", "/admin/people/none")


async def invitation(served: Served) -> str:
    app = served._server.app
    assert app is not None
    key = links.new_key()
    roles = frozenset({Role.USER_ADMIN})
    new = NewLink(Purpose.INVITATION, key, "uma@partner.example", roles)
    await app[DATABASE].write(links.make, new, utc_now())
    return f"{served.url}/join?key={key}"


async def joins(page: Page, served: Served) -> None:
    await page.goto(await invitation(served))
    await page.get_by_label("Name", exact=True).fill("Uma Pillai")
    await page.get_by_label("New password").fill(PASSWORD)
    await page.get_by_label("The same again").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#person-menu")).to_be_visible()


async def test_by_keyboard_from_one_invitation_to_the_next(
    browser: Browser, served: Served
) -> None:
    page = await browser.new_page(locale="en")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
    await joins(page, served)
    await page.goto(f"{served.url}/admin/people")
    await page.get_by_role("button", name="Invite somebody").press("Enter")
    await page.get_by_label("E-mail").fill("ann@partner.example")
    await page.get_by_role("checkbox", name="Sales agent").press("Space")
    await page.keyboard.press("Enter")
    assert "/join?key=" in await page.get_by_label("Link", exact=True).input_value()
    await page.locator("#person-menu summary").press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.locator("#person-menu summary")).to_be_focused()
    await page.locator("#person-menu summary").press("Enter")
    await page.get_by_role("button", name="Sign out").press("Enter")
    await page.get_by_label("E-mail").fill("uma@partner.example")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#person-menu")).to_be_visible()
    assert complaints == []
    await page.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, served: Served, axe: str, theme: str, width: int
) -> None:
    context = await browser.new_context(
        bypass_csp=True,
        locale="en",
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": 844},
        reduced_motion="reduce",
    )
    page = await context.new_page()
    for url in (await invitation(served), f"{served.url}/sign-in", f"{served.url}/join?key=x"):
        await page.goto(url)
        assert await serious_faults(page, axe) == [], url
    await joins(page, served)
    for path in PAGES:
        await page.goto(served.url + path)
        assert await serious_faults(page, axe) == [], path
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) == 0, path
    await page.goto(f"{served.url}/admin/people")
    await page.get_by_role("button", name="Invite somebody").click()
    assert await serious_faults(page, axe) == []
    await context.close()
