"""A customer in the chat in one window, Mei at the console in another."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from accounts.models import Person
from handoff.models import HandoffRequest, Reason, Tried
from tests.browser.agent_page import AgentWindow
from tests.browser.desk_scene import ADA, MEI, RAJ, DeskScene, agent, asked, ordinary_monday
from tests.browser.payloads import PAYLOADS, is_harmless
from tests.browser.served import Served
from tests.browser.test_access import axe, serious_faults
from tests.browser.visitor import Visitor
from tests.product import Clock

__all__ = ["axe"]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """On a Monday morning, when the desk is open."""
    served = Served(tmp_path, Clock())
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def scene(served: Served) -> DeskScene:
    return DeskScene(served)


@pytest.fixture
async def mei(browser: Browser, scene: DeskScene) -> AsyncIterator[AgentWindow]:
    window = await AgentWindow.of(browser, scene, MEI)
    yield window
    await window.context.close()
    assert not window.complaints


async def asks_for_a_person(carla: Visitor) -> None:
    await carla.opens()
    await carla.field.fill("I want to talk to a person about my payment")
    await carla.field.press("Enter")
    await expect(carla.system.first).to_contain_text("person")


async def test_the_whole_story(
    carla: Visitor, mei: AgentWindow, scene: DeskScene, browser: Browser
) -> None:
    raj = await AgentWindow.of(browser, scene, RAJ)
    await mei.opens()
    await expect(mei.page.locator("#queue-empty")).to_contain_text("Nobody is waiting")
    await asks_for_a_person(carla)
    await expect(mei.rows).to_have_count(1)
    await expect(mei.rows).to_contain_text("I want to talk to a person")
    await mei.takes_the_first()
    await expect(carla.title).to_have_text("Mei Lin")

    await mei.says("Hello, I am **Mei**. What happened?")
    await expect(mei.own.locator("strong")).to_have_text("Mei")
    await expect(carla.agents.last).to_contain_text("What happened?")
    await mei.field.press_sequentially("Hm")
    await expect(carla.chat.locator(".typing")).to_contain_text("Mei Lin is writing")
    await mei.field.fill("")
    await carla.field.press_sequentially("My card")
    await expect(mei.page.locator("#typing")).to_contain_text("is writing")
    await carla.field.fill("My card was declined. How can I pay my invoice?")
    await carla.field.press("Enter")
    await expect(mei.customer.last).to_contain_text("My card was declined")

    await mei.page.keyboard.press("Escape")
    await mei.page.keyboard.press("n")
    await mei.says("Check the **limit** with the bank")
    await expect(mei.notes.locator(".bubble")).to_have_text("Check the **limit** with the bank")
    await expect(carla.chat.get_by_text("Check the")).to_have_count(0)

    await mei.page.keyboard.press("Control+k")
    await mei.page.locator("#replies-words").fill("How can I pay my invoice?")
    await expect(mei.page.locator(".reply").first).to_contain_text("How can I pay")
    await mei.page.keyboard.press("Enter")
    await expect(mei.field).to_have_value(re.compile("bank transfer"))
    await mei.field.press("Control+End")
    await mei.field.press_sequentially(" Tell me if it works.")
    await mei.field.press("Enter")
    await expect(carla.agents.last).to_contain_text("Tell me if it works.")
    await expect(carla.agents.last.locator("li")).not_to_have_count(0)

    await raj.opens("view=mine")
    await mei.presses("transfer")
    await mei.dialog("transfer").get_by_text("Raj Patel").click()
    await mei.dialog("transfer").get_by_role("button", name="Transfer").click()
    await expect(carla.title).to_have_text("Raj Patel")
    await expect(raj.rows).to_have_count(1)
    await raj.rows.first.click()
    await expect(raj.notes).to_have_count(1)
    await raj.says("Raj here, it is paid now.")
    await expect(carla.agents.last).to_contain_text("it is paid now")

    await raj.presses("resolve")
    await raj.dialog("resolve").get_by_role("button", name="Resolve").click()
    await carla.chat.get_by_label("5 stars").check(force=True)
    await carla.chat.get_by_label("Comment (optional)").fill("Quick")
    await carla.chat.get_by_role("button", name="Send", exact=True).first.click()
    await expect(raj.details.locator(".stars")).to_contain_text("5 of 5")
    await expect(raj.details).to_contain_text("Quick")
    await expect(carla.title).to_have_text("Billing assistant")
    assert not raj.complaints
    await raj.context.close()


async def test_a_broken_connection_loses_and_doubles_nothing(
    carla: Visitor, mei: AgentWindow, served: Served
) -> None:
    await mei.holds_the_wire()
    await mei.opens()
    await asks_for_a_person(carla)
    await mei.takes_the_first()
    await mei.says("Before")
    await expect(mei.own).to_have_count(1)
    assert mei.socket is not None
    await mei.page.route("**/agent/ticket", lambda route: route.abort())
    await mei.page.route("**/say", lambda route: route.abort())
    await mei.socket.close()
    await mei.says("While it is broken")
    pending = mei.page.locator("#lines > .pending")
    await expect(pending).to_contain_text("Waiting for the connection")
    for text in ("One", "Two", "Three"):
        await carla.field.fill(text)
        await carla.field.press("Enter")
    await expect(carla.own).to_have_count(4)
    await expect(mei.page.locator("#offline")).to_contain_text("Connection lost")
    await mei.page.unroute("**/agent/ticket")
    await mei.page.unroute("**/say")
    await mei.page.locator("#offline-retry").click()
    await expect(mei.customer).to_have_count(4)
    await expect(mei.own.locator(".bubble")).to_have_text(["Before", "While it is broken"])
    await expect(pending).to_have_count(0)
    await expect(carla.agents.locator(".bubble")).to_have_text(["Before", "While it is broken"])
    texts = await mei.customer.locator(".bubble").all_inner_texts()
    assert [text.strip() for text in texts[1:]] == ["One", "Two", "Three"]


async def test_a_message_the_server_took_but_did_not_say_so_is_sent_once(
    carla: Visitor, mei: AgentWindow
) -> None:
    await mei.opens()
    await asks_for_a_person(carla)
    await mei.takes_the_first()
    lost: list[Any] = []

    async def take_and_break(route: Any) -> None:
        if lost:
            await route.continue_()
        else:
            lost.append(await route.fetch())
            await route.abort()

    await mei.page.route("**/say", take_and_break)
    await mei.says("Only once")
    await expect(carla.agents).to_have_count(1)
    await mei.says("And then this")
    await expect(carla.agents).to_have_count(2)
    await expect(mei.own).to_have_count(2)
    assert lost


async def test_drafts_are_kept_for_each_conversation_over_a_reload(
    mei: AgentWindow, scene: DeskScene
) -> None:
    await ordinary_monday(scene)
    await mei.opens("view=all")
    await mei.rows.filter(has_text="Nadia").click()
    await mei.field.fill("Half a sent")
    await mei.rows.filter(has_text="Carla").click()
    await expect(mei.field).to_have_value("")
    await mei.field.fill("A note on Carla")
    await mei.page.reload()
    await expect(mei.field).to_have_value("A note on Carla")
    await mei.rows.filter(has_text="Nadia").click()
    await expect(mei.field).to_have_value("Half a sent")
    await mei.page.go_back()
    await expect(mei.page.locator("#talk-head h2")).to_have_text("Carla Mendes")


async def test_two_who_look_at_the_same_see_each_other(
    mei: AgentWindow, scene: DeskScene, browser: Browser
) -> None:
    made = await ordinary_monday(scene)
    ada = await AgentWindow.of(browser, scene, ADA)
    for window in (mei, ada):
        await window.opens(f"view=all&id={made['carla']}")
    await expect(mei.page.locator(".viewers")).to_contain_text("Ada Okafor")
    await expect(ada.page.locator(".viewers")).to_contain_text("Mei Lin")
    await ada.page.keyboard.press("c")
    await expect(mei.page.locator("#take-text")).to_contain_text("Ada Okafor has this conversation")
    await ada.context.close()
    await expect(mei.page.locator(".viewers .avatar")).to_have_count(0)


async def test_the_keyboard_is_enough(mei: AgentWindow, scene: DeskScene) -> None:
    await ordinary_monday(scene)
    keys = mei.page.keyboard
    await mei.opens("view=unassigned")
    await keys.press("j")
    await expect(mei.rows.first).to_be_focused()
    await keys.press("j")
    await keys.press("Enter")
    await expect(mei.page.locator("#talk-head h2")).to_have_text("Carla Mendes")
    await keys.press("c")
    await expect(mei.field).to_be_focused()
    await keys.type("On it.")
    await keys.press("Enter")
    await expect(mei.own).to_have_count(1)
    await keys.press("Escape")
    await keys.press("s")
    await expect(mei.dialog("snooze")).to_be_visible()
    await keys.press("Escape")
    await keys.press("t")
    await expect(mei.dialog("transfer")).to_be_visible()
    await keys.press("Escape")
    await keys.press("?")
    await expect(mei.dialog("shortcuts")).to_contain_text("Next and previous")
    await keys.press("Escape")
    await keys.press("/")
    await keys.type("licences")
    await expect(mei.page.locator("#found-text")).to_contain_text("1")
    await expect(mei.page).to_have_url(re.compile("q=licences"))
    await keys.press("Escape")
    await keys.press("e")
    await keys.press("Enter")
    await expect(mei.toast.last).to_have_text("Resolved.")


async def test_what_is_passed_on_to_microsoft_is_told_and_followed(
    mei: AgentWindow, scene: DeskScene
) -> None:
    made = await ordinary_monday(scene)
    await mei.opens(f"view=unassigned&id={made['carla']}")
    await mei.presses("escalate")
    dialog = mei.dialog("escalate")
    await expect(dialog.locator("#escalate-vehicle option").first).to_be_attached()
    await dialog.locator("#escalate-reference").fill("2611-77")
    await dialog.locator("#escalate-asked").fill("Which price applies?")
    ready = await dialog.locator("#escalate-text").input_value()
    assert ready.startswith("Which price applies?")
    assert "SHA-256" in ready
    async with mei.page.expect_download() as download:
        await dialog.locator("[data-transcript=txt]").click()
    assert (await download.value).suggested_filename.endswith(".txt")
    await dialog.locator("[type=submit]").click()
    await expect(mei.lines.last).to_contain_text("2611-77")
    await expect(mei.details).to_contain_text("Which price applies?")
    await mei.details.get_by_role("button", name="Status").click()
    await mei.dialog("escalation").locator("select").select_option("closed")
    await mei.dialog("escalation").locator("[type=submit]").click()
    await expect(mei.details.locator(".escalation .badge")).to_have_text("Closed")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
async def test_axe_finds_nothing(
    browser: Browser, scene: DeskScene, axe: str, theme: Any, width: int
) -> None:
    made = await ordinary_monday(scene)
    key = await scene.signs_in(MEI)
    context = await browser.new_context(
        bypass_csp=True,
        reduced_motion="reduce",
        color_scheme=theme,
        viewport={"width": width, "height": 800},
    )
    url = scene.served.url
    await context.add_cookies([{"name": "session", "value": key, "url": url}])
    page = await context.new_page()
    window = AgentWindow(context, page, url)
    await window.opens()
    assert await serious_faults(page, axe) == []
    await window.opens(f"view=mine&id={made['nadia']}")
    await page.locator(".chip").first.wait_for()
    assert await serious_faults(page, axe) == []
    await window.presses("escalate")
    assert await serious_faults(page, axe) == []
    await page.keyboard.press("Escape")
    await page.locator("#replies-open").click()
    await page.locator(".reply").first.wait_for()
    assert await serious_faults(page, axe) == []
    await context.close()


async def test_at_every_width_nothing_is_cut_off(mei: AgentWindow, scene: DeskScene) -> None:
    made = await ordinary_monday(scene)
    for width in (320, 390, 768, 1024, 1280, 1920):
        await mei.page.set_viewport_size({"width": width, "height": 700})
        for query in ("view=all", f"view=mine&id={made['nadia']}"):
            await mei.opens(query)
            wide = "() => document.documentElement.scrollWidth - innerWidth"
            assert await mei.page.evaluate(wide) <= 0, (width, query)


async def test_nothing_a_customer_writes_runs(mei: AgentWindow, scene: DeskScene) -> None:
    """Each payload as name, text, locale, page, contact, comment, question and what was tried; in
    the list, the conversation, the details, a search, and a message that comes while it is open."""
    dialogs: list[str] = []
    mei.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for number, payload in enumerate(PAYLOADS):
        await _asks_with(scene, f"x-{number}", payload)
    await mei.opens("view=resolved")
    await expect(mei.rows).to_have_count(len(PAYLOADS))
    await is_harmless(mei.page)
    for number, payload in enumerate(PAYLOADS):
        await mei.page.locator(f'.queue-row[data-id^="x-{number}|"]').click()
        name = mei.page.locator("#talk-head h2")
        await expect(name).to_have_text(" ".join(payload.split()))
        await expect(mei.customer.first.locator(".bubble")).to_have_text(" ".join(payload.split()))
    await is_harmless(mei.page)
    for payload in PAYLOADS[:3]:
        await scene.writes(f"x-{len(PAYLOADS) - 1}", payload)
    await expect(mei.customer).to_have_count(4)
    await mei.page.locator("#search-words").fill("window.hurt")
    await expect(mei.page.locator("#found-text")).to_contain_text(str(len(PAYLOADS)))
    await mei.page.locator("#search-words").fill(PAYLOADS[0])
    await expect(mei.page.locator("#found-text")).to_contain_text(PAYLOADS[0])
    await mei.presses("propose")
    await is_harmless(mei.page)
    assert not dialogs


async def _asks_with(scene: DeskScene, conversation: str, payload: str) -> None:
    """A conversation that is over and was rated, everything in it hostile."""
    tried = Tried(payload, payload, 1, 0.5, ((payload, 0.4), (payload, 0.3)))
    request = HandoffRequest(Reason.NO_MATCH, payload, "en", (tried,), payload)
    said = [
        asked(payload, locale=payload, channelData={"page": payload}),
        asked("", name=payload, value={"action": payload, "rating": payload}),
        asked("", value={"action": "rate_help", "score": payload, "comment": payload}),
    ]
    person: Person = MEI
    handoff = await scene.asks(conversation, payload, said, request, timedelta(minutes=5))
    now = scene.served.now()
    sql = "UPDATE handoffs SET contact = %(contact)s, role = 'billing_admin' WHERE id = %(id)s"
    await scene.write(lambda c: c.execute(sql, contact=payload, id=handoff))
    await scene.write(scene.desk.claim, handoff, agent(person), now)
    await scene.write(scene.desk.resolve, handoff, agent(person), "answered", now)
    rate = (
        "INSERT INTO help_ratings (handoff_id, score, comment, created_at)"
        " VALUES (%(id)s, 1, %(comment)s, '2026-11-23T02:00:00.000Z')"
    )
    await scene.write(lambda c: c.execute(rate, id=handoff, comment=payload))
