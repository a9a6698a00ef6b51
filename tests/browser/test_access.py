"""Everybody can use it: keyboard alone, screen readers, phones, zoom, less motion, own colours."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.served import Served
from tests.browser.visitor import Visitor

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOCUSED = "() => document.activeElement.id || document.activeElement.className"


async def serious_faults(page: Page, axe: str) -> list[str]:
    """What axe finds in the page and in the chat's frame, with the elements."""
    faults: list[str] = []
    for frame in page.frames:
        await frame.evaluate(axe)
        run = "rules => axe.run(document, {runOnly: rules, iframes: false})"
        found = await frame.evaluate(run, RULES)
        faults += [
            f"{fault['id']}: {node['html']} {node['failureSummary']}"
            for fault in found["violations"]
            for node in fault["nodes"]
        ]
    return faults


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing(browser: Browser, served: Served, axe: str, theme: str) -> None:
    context = await browser.new_context(bypass_csp=True, reduced_motion="reduce")
    visitor = Visitor(await context.new_page())
    await visitor.visits(f"{served.url}/?theme={theme}")
    assert await serious_faults(visitor.page, axe) == []
    await visitor.opens()
    await visitor.asks("How can I pay my invoice?")
    assert await serious_faults(visitor.page, axe) == []
    await visitor.cannot_be_saved()
    await visitor.field.fill("x" * 3999)
    await visitor.field.press("Enter")
    await visitor.chat.locator("[data-state=failed]").wait_for()
    await visitor.field.fill("x" * 4001)
    assert await serious_faults(visitor.page, axe) == []
    await visitor.chat.locator("#new").click()
    assert await serious_faults(visitor.page, axe) == []
    await context.close()


async def test_a_keyboard_is_enough(carla: Visitor) -> None:
    keys = carla.page.keyboard
    await carla.launcher.focus()
    await keys.press("Enter")
    await expect(carla.field).to_be_focused()
    await expect(carla.launcher).to_have_attribute("aria-expanded", "true")
    await carla.answers.first.wait_for()
    await keys.press("Shift+Tab")
    await expect(carla.suggestions.last).to_be_focused()
    await keys.press("Enter")
    await expect(carla.answers).to_have_count(2)
    await expect(carla.field).to_be_focused()
    await keys.press("Escape")
    await expect(carla.panel).to_be_hidden()
    await expect(carla.launcher).to_be_focused()


async def test_focus_goes_through_the_chat_in_order_and_out_of_it(carla: Visitor) -> None:
    await carla.opens()
    frame = carla.page.frames[1]
    await carla.chat.locator("#new").focus()
    order = [await frame.evaluate(FOCUSED)]
    for _ in range(6):
        await carla.page.keyboard.press("Tab")
        order.append(await frame.evaluate(FOCUSED))
    assert order == ["new", "close", "transcript", *["suggestion"] * 4]
    await carla.field.focus()
    for _ in range(2):
        await carla.page.keyboard.press("Tab")
    await expect(carla.launcher).to_be_focused()


async def test_escape_closes_the_question_first_and_then_the_chat(carla: Visitor) -> None:
    await carla.opens()
    await carla.chat.locator("#new").click()
    await expect(carla.chat.locator("#confirm-no")).to_be_focused()
    await carla.page.keyboard.press("Escape")
    await expect(carla.chat.locator("#confirm")).to_be_hidden()
    await expect(carla.chat.locator("#new")).to_be_focused()
    await expect(carla.panel).to_be_visible()
    await carla.page.keyboard.press("Escape")
    await expect(carla.panel).to_be_hidden()


async def test_every_answer_is_spoken_once_with_its_buttons(carla: Visitor) -> None:
    await carla.opens()
    await carla.asks("When is my invoice due?")
    greeting, answer = carla.spoken.first, carla.spoken.nth(1)
    await expect(carla.spoken).to_have_count(2)
    await expect(greeting).to_contain_text("Suggestions: When is my invoice due?")
    await expect(answer).to_contain_text("30 days")
    transcript = carla.chat.locator("#transcript")
    assert await transcript.get_attribute("aria-live") is None


async def test_everything_to_press_is_large_enough(carla: Visitor) -> None:
    await carla.opens()
    await carla.asks("When is my invoice due?")
    sizes = await carla.chat.locator("button:visible").evaluate_all(
        "all => all.map(it => [it.className, it.offsetWidth, it.offsetHeight])"
    )
    assert sizes
    assert [size for size in sizes if min(size[1:]) < 24] == []


async def test_on_a_phone_it_fills_the_screen_and_leaves_the_keyboard_alone(
    browser: Browser, served: Served
) -> None:
    context = await browser.new_context(
        viewport={"width": 390, "height": 700}, has_touch=True, is_mobile=True
    )
    visitor = Visitor(await context.new_page())
    await visitor.visits(f"{served.url}/")
    await visitor.opens()
    box = await visitor.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 700}
    await expect(visitor.launcher).to_be_hidden()
    await expect(visitor.chat.locator("#title")).to_be_focused()
    await visitor.page.set_viewport_size({"width": 390, "height": 380})  # the keyboard comes
    await expect(visitor.field).to_be_in_viewport()
    await visitor.chat.get_by_role("button", name="Close chat").click()
    await expect(visitor.launcher).to_be_focused()
    await context.close()


async def test_at_200_percent_nothing_is_cut_off(browser: Browser, served: Served) -> None:
    context = await browser.new_context(viewport={"width": 640, "height": 400})
    visitor = Visitor(await context.new_page())
    await visitor.visits(f"{served.url}/")
    await visitor.opens()
    await visitor.asks("How can I pay my invoice?")
    await expect(visitor.field).to_be_in_viewport()
    wide = "it => [it.scrollWidth - it.clientWidth, it.clientHeight]"
    overflow, height = await visitor.chat.locator("#transcript").evaluate(wide)
    assert overflow == 0
    assert height > 80
    await context.close()


@pytest.mark.parametrize("accent", ["#ffe14d", "#0a0a0a", "#7a7a7a", "#e2001a"])
async def test_any_accent_stays_readable(
    context: BrowserContext, served: Served, axe: str, accent: str
) -> None:
    visitor = Visitor(await context.new_page())
    for theme in ("light", "dark"):
        url = f"{served.url}/widget?accent={accent.replace('#', '%23')}&theme={theme}"
        await visitor.page.goto(url)
        await visitor.page.locator(".suggestion").first.wait_for()
        assert await serious_faults(visitor.page, axe) == []
