"""Carla asks, presses, rates; what she sees is what was said."""

from playwright.async_api import BrowserContext, expect

from tests.browser.served import Served
from tests.browser.visitor import Visitor

BUTTON = "billing-assistant .launcher"


async def test_nothing_of_the_chat_is_loaded_until_it_is_opened(
    context: BrowserContext, served: Served
) -> None:
    visitor = Visitor(await context.new_page())
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    await visitor.visits(f"{served.url}/")
    assert any(url.endswith("/widget.js") for url in asked)
    assert not any("/widget?" in url or "/widget/" in url for url in asked)


async def test_she_asks_in_english_and_reads_an_answer_with_a_list(carla: Visitor) -> None:
    await carla.opens()
    await expect(carla.answers.first).to_contain_text("a program, not a person")
    await expect(carla.suggestions).to_have_count(4)
    answer = await carla.asks("How can I pay my invoice?")
    await expect(answer.locator("ul > li")).to_have_count(4)
    await expect(answer.locator("strong")).to_have_text("no surcharge")
    email = answer.get_by_role("link", name="billing@harbourlight.example")
    await expect(email).to_have_attribute("href", "mailto:billing@harbourlight.example")


async def test_she_asks_in_chinese_on_a_chinese_page(
    context: BrowserContext, served: Served
) -> None:
    visitor = Visitor(await context.new_page())
    await visitor.visits(f"{served.url}/?lang=zh")
    await expect(visitor.launcher).to_have_accessible_name("打开对话")
    await visitor.opens()
    await expect(visitor.answers.first).to_contain_text("不是真人")
    await expect(visitor.chat.locator("html")).to_have_attribute("lang", "zh")
    answer = await visitor.asks("可以用什么方式付款？")
    await expect(answer).to_contain_text("银行转账")
    await expect(visitor.field).to_have_attribute("placeholder", "请输入您的问题")


async def test_an_answer_in_another_language_says_so_to_a_screen_reader(carla: Visitor) -> None:
    await carla.opens()
    answer = await carla.asks("账单什么时候到期？")
    await expect(answer.locator(".bubble")).to_have_attribute("lang", "zh")


async def test_a_button_asks_its_question_and_goes(carla: Visitor) -> None:
    await carla.opens()
    title = await carla.suggestions.first.inner_text()
    await carla.suggestions.first.click()
    await expect(carla.own.locator(".bubble")).to_have_text(title)
    await expect(carla.answers).to_have_count(2)
    await expect(carla.suggestions.get_by_text(title, exact=True)).to_have_count(0)
    await expect(carla.field).to_be_focused()


async def test_she_rates_an_answer_under_it_and_changes_her_mind(carla: Visitor) -> None:
    await carla.opens()
    answer = await carla.asks("When is my invoice due?")
    helpful = answer.get_by_role("button", name="Helpful", exact=True)
    not_helpful = answer.get_by_role("button", name="Not helpful")
    await helpful.click()
    await expect(helpful).to_have_attribute("aria-pressed", "true")
    await expect(carla.answers.nth(2)).to_contain_text("Thank you")
    await expect(carla.own).to_have_count(1)
    await not_helpful.click()
    await expect(not_helpful).to_have_attribute("aria-pressed", "true")
    await expect(helpful).to_have_attribute("aria-pressed", "false")


async def test_a_rating_that_cannot_be_saved_is_taken_back_and_said(carla: Visitor) -> None:
    await carla.opens()
    answer = await carla.asks("When is my invoice due?")
    await carla.cannot_be_saved()
    helpful = answer.get_by_role("button", name="Helpful", exact=True)
    await helpful.click()
    await expect(carla.status).to_contain_text("could not be saved")
    await expect(helpful).to_have_attribute("aria-pressed", "false")


async def test_a_message_that_is_too_long_is_stopped_with_the_reason(carla: Visitor) -> None:
    await carla.opens()
    await carla.field.fill("x" * 4003)
    counter = carla.chat.locator("#counter")
    await expect(counter).to_contain_text("Too long by 3 characters")
    await carla.field.press("Enter")
    await expect(carla.own).to_have_count(0)
    await expect(carla.spoken.last).to_contain_text("Too long by 3 characters")
    await carla.field.fill("x" * 4000)
    await expect(counter).to_have_text("0 characters left")


async def test_chinese_characters_being_chosen_with_enter_are_not_sent(carla: Visitor) -> None:
    await carla.opens()
    await carla.field.fill("账单")
    await carla.field.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(carla.own).to_have_count(0)
    await carla.field.press("Shift+Enter")
    await expect(carla.field).to_have_value("账单\n")


async def test_a_person_who_writes_has_a_name_and_a_letter(carla: Visitor) -> None:
    await carla.holds_the_wire()
    await carla.opens()
    await carla.is_told(
        type="message",
        id="conversation|0000900",
        timestamp="2026-11-22T10:00:00.000Z",
        text="Hello, I am **here**.",
        channelData={"author": "agent"},
        **{"from": {"id": "mei", "name": "Mei Lin", "role": "bot"}},
    )
    agent = carla.chat.locator(".agent")
    await expect(agent.locator(".name")).to_have_text("Mei Lin")
    await expect(agent.locator(".face")).to_have_text("M")
    await expect(agent.locator("strong")).to_have_text("here")


async def test_a_new_conversation_is_begun_after_a_question(carla: Visitor) -> None:
    await carla.opens()
    await carla.asks("When is my invoice due?")
    await carla.chat.get_by_role("button", name="New conversation").click()
    await carla.chat.get_by_role("button", name="Cancel").click()
    await expect(carla.own).to_have_count(1)
    await carla.chat.get_by_role("button", name="New conversation").click()
    await carla.chat.get_by_role("button", name="Start new").click()
    await expect(carla.own).to_have_count(0)
    await expect(carla.answers).to_have_count(1)
    await expect(carla.suggestions).to_have_count(4)
