"""One question through the whole product: nobody can answer it, a person does, an editor makes an
entry of that, and the chat answers it; until the publish is taken back."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from knowledge.learning import gathering
from tests.browser.agent_page import AgentWindow
from tests.browser.desk_scene import MEI
from tests.browser.editor_page import Editing, at_work
from tests.browser.editor_screens import PAULA
from tests.browser.served import Served
from tests.browser.test_editor import SLOW_MS, asks
from tests.browser.visitor import Visitor
from tests.knowledge.editing import TWO
from tests.knowledge.samples import shipped_copy
from tests.product import Clock
from tests.web.editors import GOLDEN, PERSON

QUESTION = "Do you take euros?"
REPLY = "Yes, we take euros by bank transfer, at the rate of your bank on that day."


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def served(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """On a Monday morning; what was missed is gathered all the time."""
    monkeypatch.setattr(gathering, "EVERY_S", 0.2)
    content = shipped_copy(tmp_path / "content", TWO + PERSON)
    (content / "golden.csv").write_text(GOLDEN, encoding="utf-8")
    served = Served(tmp_path, clock, content=content, encoder="none", cache=tmp_path / "cache")
    await served.start()
    yield served
    await served.stop()


async def test_a_question_without_an_answer_becomes_one(
    carla: Visitor, browser: Browser, served: Served, clock: Clock
) -> None:
    await carla.opens()
    assert "euros" not in await (await carla.asks(QUESTION)).inner_text()
    async with at_work(browser, served, MEI) as desk:
        await _a_person_answers(carla, AgentWindow(desk.context, desk.page, served.url))
    clock.goes_on(timedelta(hours=3))
    async with at_work(browser, served, PAULA) as paula:
        await _is_proposed(paula)
        await _drafts_what_the_person_said(paula)
        await _tries(paula)
        await _publishes(paula)
        assert "In euros, within 30 days." in await asks(browser, served, QUESTION)
        await _is_closed(paula)
        await _rolls_back(paula)
        clock.goes_on(timedelta(hours=1))
        assert "euros" not in await asks(browser, served, QUESTION)
        group = await _appears(paula.page, "/editor/unanswered?state=open", ".group")
        await expect(group).to_contain_text(QUESTION)


async def _a_person_answers(carla: Visitor, mei: AgentWindow) -> None:
    await mei.opens()
    await carla.field.fill("I want to talk to a person")
    await carla.field.press("Enter")
    await mei.takes_the_first()
    await expect(carla.title).to_have_text("Mei Lin")
    await expect(mei.customer.first).to_contain_text(QUESTION)
    await mei.says(REPLY)
    await expect(carla.agents.last).to_contain_text(REPLY)
    await mei.presses("propose")
    proposal = mei.dialog("propose")
    await expect(proposal.locator("#propose-answer")).to_have_value(REPLY)
    await proposal.locator("#propose-question").fill(QUESTION)
    await proposal.locator("[type=submit]").click()
    await expect(proposal).to_be_hidden()
    await mei.presses("resolve")
    await mei.dialog("resolve").get_by_role("button", name="Resolve").click()
    await expect(carla.title).to_have_text("Billing assistant")


async def _is_proposed(paula: Editing) -> None:
    await paula.opens("/editor/suggestions")
    await expect(paula.page.locator("main")).to_contain_text("Proposed by Mei Lin")
    await expect(paula.page.locator("main")).to_contain_text(REPLY)


async def _drafts_what_the_person_said(paula: Editing) -> None:
    page = paula.page
    group = await _appears(page, "/editor/unanswered", ".group")
    await expect(group).to_contain_text(QUESTION)
    await expect(page.get_by_role("radio", name=REPLY)).to_be_checked()
    await page.get_by_role("button", name="Make a draft").click()
    await page.get_by_role("status").first.get_by_role("link").click()
    await expect(page.locator("#answer-en")).to_have_value(re.compile(re.escape(REPLY)))
    await paula.writes("en", "In euros, within {{ payment.due_days }} days.")
    await page.get_by_role("button", name="Add a question").first.click()
    await page.keyboard.type("is EUR possible for the invoice")
    await expect(page.locator("#widget-preview .bubble")).to_have_text("In euros, within 30 days.")
    await paula.is_saved()


async def _tries(paula: Editing) -> None:
    await paula.opens("/editor/try?q=is+EUR+possible")
    draft = paula.page.locator("#draft .said")
    await expect(draft).to_contain_text("In euros", timeout=SLOW_MS)
    await expect(paula.page.locator("#live")).not_to_contain_text("In euros")


async def _publishes(paula: Editing) -> None:
    await paula.opens("/editor/publish")
    await expect(paula.page.locator(".golden-sum")).to_be_visible(timeout=SLOW_MS)
    await paula.page.get_by_label("Note").fill("Customers ask for euros")
    await expect(paula.page.locator("#go")).to_be_enabled()
    await paula.page.locator("#go").click()
    await paula.page.wait_for_url(re.compile("/editor/versions/2$"), timeout=SLOW_MS)


async def _is_closed(paula: Editing) -> None:
    """By itself, and says how long it took since the question was missed first."""
    group = await _appears(paula.page, "/editor/unanswered?state=closed", ".group")
    await expect(group).to_contain_text(QUESTION)
    facts = paula.page.locator(".facts")
    await expect(facts).to_contain_text("From the first miss to the answer3 h")
    await expect(facts).to_contain_text("(version 2)")


async def _rolls_back(paula: Editing) -> None:
    await paula.opens("/editor/versions/2")
    await paula.page.get_by_role("button", name="Undo this publish").click()
    await paula.page.locator("#back button[type=submit]").click()
    await paula.page.wait_for_url(re.compile("/editor/versions/3$"), timeout=SLOW_MS)


async def _appears(page: Page, path: str, what: str) -> Locator:
    """Looked at again until it is there."""
    origin = "/".join(page.url.split("/")[:3])
    for _ in range(100):
        await page.goto(origin + path)
        if await page.locator(what).count():
            break
    return page.locator(what).first
