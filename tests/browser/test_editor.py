"""An editor's day in a browser: find, draft, mend, try, publish, see the chat answer, roll back;
two at once; nothing lost; everybody can use it."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.editor_page import at_work
from tests.browser.editor_screens import ERIK, PAULA, signs_in
from tests.browser.served import Served
from tests.browser.test_access import serious_faults
from tests.browser.visitor import Visitor
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.web.editors import GOLDEN, PERSON

SLOW_MS = 240_000
pytestmark = pytest.mark.timeout(600)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    content = shipped_copy(tmp_path / "content", TWO + PERSON)
    (content / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    served = Served(tmp_path, content=content, encoder="none", cache=tmp_path / "cache")
    await served.start()
    yield served
    await served.stop()


async def asks(browser: Browser, served: Served, question: str) -> str:
    """What the chat on the site answers."""
    context = await browser.new_context(locale="en-SG", reduced_motion="reduce")
    visitor = Visitor(await context.new_page())
    await visitor.visits(f"{served.url}/?lang=en")
    await visitor.opens()
    await visitor.asks(question)
    said = await visitor.answers.nth(1).inner_text()
    await context.close()
    return said


async def test_a_day_from_an_empty_search_to_the_chat_and_back(
    browser: Browser, house: Served
) -> None:
    async with at_work(browser, house, PAULA) as paula:
        page = paula.page
        await paula.opens("/editor")
        await page.get_by_placeholder("Search questions").fill("euro")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="No entries here.")).to_be_visible()
        await page.get_by_role("button", name="New entry").click()
        await page.get_by_label("The question").fill("Can I pay in euros?")
        await page.get_by_label("Topic").last.fill("payments")
        await page.get_by_role("button", name="Begin").click()

        await paula.writes("en", "Yes, within {{ payment.due }} days.")
        fault = page.locator('[data-found="answer.en"] .finding')
        await expect(fault).to_contain_text("Line 1: payment.due is not in the policy")
        await fault.get_by_role("button", name="Go there").click()
        await expect(page.locator("#answer-en")).to_be_focused()
        await page.keyboard.press("ControlOrMeta+A")
        await page.keyboard.type("Yes, in euros, within ")
        await page.locator("[data-pick=answer-en]").click()
        await page.get_by_placeholder("Search the policy").fill("payment.due_days")
        await page.locator(".value").first.click()
        await expect(page.locator("#answer-en")).to_have_value(
            "Yes, in euros, within {{ payment.due_days }}"
        )
        await page.keyboard.type(" days.")
        await expect(page.locator("#widget-preview .bubble")).to_have_text(
            "Yes, in euros, within 30 days."
        )
        await expect(page.locator("#teams-preview .bubble")).to_contain_text("within 30 days.")
        await page.get_by_role("button", name="Add a question").first.click()
        await page.keyboard.type("Do you take euros?")
        await page.keyboard.press("Enter")
        await page.keyboard.type("What does a late payment cost?")
        taken = page.locator(".questions .finding")
        await expect(taken).to_contain_text("has the very same question", timeout=SLOW_MS)
        await taken.get_by_role("button", name="Remove it here").click()
        await page.locator("#golden-question").fill("are euros fine?")
        await page.keyboard.press("Enter")
        await expect(page.locator("#golden li")).to_have_count(1)
        await page.locator("[data-add=zh]").click()
        await page.keyboard.type("可以用欧元付款吗？")
        await paula.writes("zh", "可以，请在 {{ payment.due_days }} 天内付款。")
        await paula.is_saved()

        await paula.opens("/editor/try?q=Do%20you%20take%20euros%3F")
        await expect(page.locator("#draft .said")).to_contain_text("Yes, in euros", timeout=SLOW_MS)
        await expect(page.locator("#live")).not_to_contain_text("Yes, in euros")

        assert "euros, within" not in await asks(browser, house, "Do you take euros?")
        await paula.opens("/editor/publish")
        await expect(page.locator(".change")).to_have_count(2)
        await page.get_by_label("Note").fill("Euros are fine")
        await expect(page.locator("#go")).to_be_enabled(timeout=SLOW_MS)
        await expect(page.locator(".golden-sum")).to_contain_text("3 of 3")
        await page.locator("#go").click()
        await page.wait_for_url(re.compile("/editor/versions/2$"), timeout=SLOW_MS)
        await expect(page.get_by_text("Euros are fine")).to_be_visible()
        assert "within 30 days" in await asks(browser, house, "Do you take euros?")

        await page.get_by_role("button", name="Undo this publish").click()
        await page.locator("#back button[type=submit]").click()
        await page.wait_for_url(re.compile("/editor/versions/3$"), timeout=SLOW_MS)
        assert "within 30 days" not in await asks(browser, house, "Do you take euros?")


async def test_two_on_one_entry_are_told_and_merge_field_by_field(
    browser: Browser, house: Served
) -> None:
    async with AsyncExitStack() as stack:
        erik, paula = [
            await stack.enter_async_context(at_work(browser, house, person))
            for person in (ERIK, PAULA)
        ]
        for each in (erik, paula):
            await each.opens("/editor/entries/late-fee")
        await paula.writes("en", "Hers.")
        await paula.page.locator("#labels").fill("fees")
        await paula.is_saved()
        await erik.writes("zh", "他的。")
        await expect(erik.page.locator(".toast")).to_contain_text("Paula Novak")
        await erik.is_saved()
        await expect(erik.page.locator("#answer-en")).to_have_value("Hers.")
        await expect(erik.page.locator("#labels")).to_have_value("fees")

        await paula.writes("en", "Hers, and more.")
        await expect(paula.page.locator("#answer-zh")).to_have_value("他的。")
        await paula.is_saved()
        await erik.writes("en", "His.")
        dialog = erik.page.locator("#merge")
        await expect(dialog).to_contain_text("Paula Novak saved while you were writing")
        await dialog.locator("textarea").fill("Both of them.")
        await dialog.get_by_role("button", name="Save this").click()
        await erik.is_saved()
        await paula.opens("/editor/entries/late-fee")
        await expect(paula.page.locator("#answer-en")).to_have_value("Both of them.")


async def test_what_the_server_did_not_get_is_there_after_the_browser_closed(
    browser: Browser, house: Served
) -> None:
    async def away(route: Route) -> None:
        await route.abort()

    async with at_work(browser, house, ERIK) as erik:
        await erik.opens("/editor/entries/late-fee")
        await erik.context.route("**/editor/drafts/**", away)
        await erik.writes("en", "Written while nobody listened.")
        await expect(erik.page.locator("#saved")).to_have_attribute("data-state", "waiting")
        await erik.page.close()
        await erik.context.unroute("**/editor/drafts/**")
        erik.page = await erik.context.new_page()
        await erik.opens("/editor/entries/late-fee")
        await expect(erik.page.locator("#answer-en")).to_have_value(
            "Written while nobody listened."
        )
        await erik.is_saved()


async def test_a_session_that_ended_loses_nothing(browser: Browser, house: Served) -> None:
    async with at_work(browser, house, ERIK) as erik:
        await erik.opens("/editor/entries/late-fee")
        await erik.context.clear_cookies()
        await erik.writes("en", "Too long at lunch.")
        await erik.page.wait_for_url(re.compile("/sign-in"))
        key = await signs_in(house, ERIK)
        cookie = {"name": "session", "value": key, "url": house.url}
        await erik.context.add_cookies([cookie])  # type: ignore[list-item]
        await erik.opens("/editor/entries/late-fee")
        await expect(erik.page.locator("#answer-en")).to_have_value("Too long at lunch.")
        await erik.is_saved()


async def test_a_policy_shows_what_it_would_change_before_it_is_saved(
    browser: Browser, house: Served
) -> None:
    async with at_work(browser, house, ERIK) as erik:
        await erik.opens("/editor/policy/collections")
        percent = erik.page.locator('[data-field="collections.late_fee.percent"] input')
        await percent.fill("lots")
        await expect(
            erik.page.locator('[data-found="collections.late_fee.percent"]')
        ).to_contain_text("must be a number")
        await expect(erik.page.locator("#save")).to_be_disabled()
        await percent.fill("2.5")
        await expect(erik.page.locator(".effect .is-added").first).to_contain_text("2.5%")
        await erik.page.locator("#save").click()
        await erik.is_saved()
        await erik.page.reload()
        await expect(percent).to_have_value("2.5")
        await expect(erik.page.locator("#status")).to_have_text("Draft")


async def test_a_publish_that_is_refused_is_refused_in_the_language_of_the_page(
    browser: Browser, house: Served
) -> None:
    ours = "他人已先行操作，请刷新页面。"
    refusals = {
        409: ours,
        403: "您已无权执行此操作，请刷新页面。",
        503: "服务器暂时无法处理，请稍后重试。",
        500: "操作未成功，请重试。",
        404: "该内容已不存在，请重新查看。",
    }
    answers = iter(refusals)

    async def refused(route: Route) -> None:
        status = next(answers)
        message = ours if status == 409 else "Something went wrong on our side."
        await route.fulfill(status=status, json={"error": {"code": "x", "message": message}})

    async with at_work(browser, house, replace(PAULA, language="zh")) as paula:
        await paula.opens("/editor/entries/late-fee")
        await paula.writes("en", "Nothing.")
        await paula.is_saved()
        await paula.opens("/editor/publish")
        await paula.context.route("**/editor/publish", refused)
        for said in refusals.values():
            await expect(paula.page.locator("#go")).to_be_enabled(timeout=SLOW_MS)
            await paula.page.locator("#go").click()
            await expect(paula.page.locator("#refused")).to_have_text(said)


async def test_what_another_has_not_finished_is_named_and_holds_nobody_up(
    browser: Browser, house: Served
) -> None:
    async with at_work(browser, house, PAULA) as paula:
        page = paula.page
        await paula.opens("/editor")
        await page.get_by_role("button", name="New entry").click()
        await page.get_by_label("The question").fill("Can I pay by cheque?")
        await page.get_by_label("Topic").last.fill("payments")
        await page.get_by_role("button", name="Begin").click()
        await page.locator("#answer-en").wait_for()
        await paula.opens("/editor/try?q=Refund%3F")
        draft = page.locator("#draft")
        await expect(draft).to_contain_text("Left out: Can I pay by cheque? (Not finished)")
        await expect(draft.locator(".verdict")).to_be_visible()
        await paula.opens("/editor/golden")
        await page.locator("#run").click()
        await expect(page.locator("#result")).to_contain_text("Left out", timeout=SLOW_MS)
        await expect(page.locator("#result")).to_contain_text("of golden questions right")
        await paula.opens("/editor/publish")
        await expect(page.locator("#report")).to_have_text("Choose what to publish.")
        await expect(page.get_by_text("Not finished", exact=True)).to_be_visible()


async def test_on_a_phone_the_tab_that_is_open_is_in_sight(browser: Browser, house: Served) -> None:
    async with at_work(browser, house, PAULA, viewport={"width": 390, "height": 844}) as paula:
        for path in ("/editor/publish", "/editor/versions", "/editor/dashboard", "/editor/import"):
            await paula.opens(path)
            open_tab = paula.page.locator(".editor-tabs [aria-current]")
            await expect(open_tab).to_be_in_viewport(ratio=1)
            assert await paula.page.evaluate("scrollY") == 0


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, house: Served, axe: str, language: str, theme: str, width: int
) -> None:
    async with at_work(
        browser,
        house,
        replace(PAULA, language=language),
        bypass_csp=True,
        color_scheme=theme,
        viewport={"width": width, "height": 844},
    ) as paula:
        await paula.opens("/editor/entries/late-fee")
        await paula.writes("en", "Bad: {{ payment.nothing }}")
        await paula.is_saved()
        await paula.page.locator(".finding").first.wait_for()
        await paula.opens("/editor")
        await paula.page.locator("[data-opens=new]").click()
        await paula.page.locator("#title").fill("Whom do I make a cheque out to, " * 4)
        await paula.page.locator("#topic").fill("payments")
        await paula.page.locator("#new [type=submit]").click()
        await paula.page.locator("#answer-en").wait_for()
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        for path in (
            *("", "?q=nothing", "/entries/late-fee", "/policy/hours", "/policy/contacts"),
            *("/policy/plans", "/messages", "/golden", "/try", "/publish", "/versions"),
            *("/versions/1", "/versions/1/entries/late-fee"),
        ):
            await paula.opens(f"/editor{path}")
            assert await serious_faults(paula.page, axe) == [], path
            assert await paula.page.evaluate(wide) == 0, path
        await paula.opens("/editor/try?q=Refund%3F")
        await paula.page.locator("#should").wait_for()
        assert await paula.page.evaluate(wide) == 0
        await paula.opens("/editor")
        await paula.page.locator("[data-opens=new]").click()
        assert await serious_faults(paula.page, axe) == []
