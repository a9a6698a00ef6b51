"""A person helps Carla: who it is, what can be pressed, how it was, and what she keeps of it."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.person import Helper
from tests.browser.served import Served
from tests.browser.test_access import serious_faults
from tests.browser.visitor import Visitor


async def asks_for_a_person(visitor: Visitor) -> None:
    await visitor.opens()
    await visitor.field.fill("I want to talk to a human")
    await visitor.field.press("Enter")
    await visitor.system.first.wait_for()


async def is_helped(visitor: Visitor, served: Served) -> Helper:
    await asks_for_a_person(visitor)
    mei = await Helper(served, "Mei Lin").takes()
    await expect(visitor.title).to_have_text("Mei Lin")
    return mei


def stars(visitor: Visitor) -> Locator:
    return visitor.chat.get_by_role("radio")


async def test_she_sees_who_has_her_conversation(carla: Visitor, served: Served) -> None:
    await asks_for_a_person(carla)
    subtitle, mark = carla.chat.locator("#subtitle"), carla.chat.locator("#mark")
    await expect(subtitle).to_have_text("Waiting for a person")
    mei, raj = await Helper(served, "Mei Lin").takes(), Helper(served, "Raj Nair")
    await expect(carla.system.last).to_contain_text("Mei Lin has joined")
    await expect(carla.system.last.locator(".face")).to_have_text("M")
    await expect(carla.title).to_have_text("Mei Lin")
    await expect(mark).to_have_text("M")
    await expect(subtitle).to_have_text("A person from our team")
    await mei.says("Hello, I am **Mei**.")
    await expect(carla.agents.locator("strong")).to_have_text("Mei")
    await mei.passes_to(raj)
    await expect(carla.title).to_have_text("Raj Nair")
    await raj.gives_back()
    await expect(subtitle).to_have_text("Waiting for a person")
    await raj.takes()
    await raj.closes()
    await expect(carla.title).to_have_text("Billing assistant")
    await expect(mark.locator("svg")).to_have_count(1)


async def test_who_has_it_is_known_again_after_a_reload(carla: Visitor, served: Served) -> None:
    await is_helped(carla, served)
    await carla.page.reload()
    await expect(carla.title).to_have_text("Mei Lin")
    await expect(carla.spoken).to_have_count(0)


async def test_buttons_of_the_queue_stand_while_she_waits(carla: Visitor, served: Served) -> None:
    await asks_for_a_person(carla)
    await expect(carla.suggestions).to_have_text(["Stop waiting", "Only a person, please"])
    await carla.asks("When is my invoice due?")
    await expect(carla.chat.get_by_role("button", name="Stop waiting")).to_be_visible()
    await carla.chat.get_by_role("button", name="Only a person, please").click()
    await expect(carla.chat.get_by_role("button", name="Only a person, please")).to_be_hidden()
    await Helper(served, "Mei Lin").takes()
    await expect(carla.chat.get_by_role("button", name="Stop waiting")).to_be_hidden()


async def test_she_stops_waiting(carla: Visitor) -> None:
    await asks_for_a_person(carla)
    await carla.chat.get_by_role("button", name="Stop waiting").click()
    await expect(carla.system.last).to_contain_text("out of the queue")
    await expect(carla.chat.locator("#subtitle")).to_have_text(re.compile("Instant answers"))
    await expect(carla.chat.get_by_role("button", name="Stop waiting")).to_be_hidden()


async def test_she_sees_the_person_writing_by_name(carla: Visitor, served: Served) -> None:
    await carla.holds_the_wire()
    mei = await is_helped(carla, served)
    await carla.is_told(type="typing", **{"from": {"id": "agent", "name": "Mei Lin"}})
    typing = carla.chat.locator(".typing")
    await expect(typing).to_contain_text("Mei Lin is writing")
    await expect(typing.locator(".face")).to_have_text("M")
    await mei.says("Here it is.")
    await expect(typing).to_have_count(0)


async def test_her_own_typing_is_told_only_while_a_person_is_there(
    carla: Visitor, served: Served
) -> None:
    told: list[str] = []
    carla.page.on("request", lambda request: told.append(request.post_data or ""))
    await asks_for_a_person(carla)
    await carla.field.press_sequentially("hello")
    assert not any('"typing"' in body for body in told)
    await Helper(served, "Mei Lin").takes()
    await expect(carla.title).to_have_text("Mei Lin")
    async with carla.page.expect_request(lambda request: '"typing"' in (request.post_data or "")):
        await carla.field.press_sequentially(" and more")
    assert len([body for body in told if '"typing"' in body]) == 1


async def test_she_rates_with_a_comment_and_is_not_asked_again(
    carla: Visitor, served: Served
) -> None:
    mei = await is_helped(carla, served)
    await mei.closes()
    await expect(stars(carla)).to_have_count(5)
    await expect(carla.chat.get_by_label("Comment (optional)")).to_be_hidden()
    await carla.chat.get_by_label("4 stars").check(force=True)
    await carla.chat.get_by_label("Comment (optional)").fill("Quick and kind")
    await carla.chat.get_by_role("button", name="Send", exact=True).first.click()
    await expect(carla.chat.get_by_text("You gave 4 of 5.")).to_be_visible()
    await expect(carla.system.last).to_contain_text("Thank you for rating us")
    assert await mei.ratings() == [(4, "Quick and kind")]
    await carla.page.reload()
    await expect(carla.chat.get_by_text("You gave 4 of 5.")).to_be_visible()
    await expect(carla.chat.locator(".help :is(input, textarea):visible")).to_have_count(0)
    await expect(carla.own).to_have_count(1)


async def test_a_comment_may_follow_the_stars_once(carla: Visitor, served: Served) -> None:
    mei = await is_helped(carla, served)
    await mei.closes()
    keys = carla.page.keyboard
    await stars(carla).first.focus()
    await keys.press("Space")
    await keys.press("ArrowRight")
    send = carla.chat.locator(".help button")
    await send.click()
    await expect(carla.chat.get_by_text("You gave 2 of 5.")).to_be_visible()
    await expect(carla.system.last).to_contain_text("Thank you for rating us")
    await carla.chat.get_by_label("Comment (optional)").fill("It took long")
    await send.click()
    await expect(send).to_be_hidden()
    await carla.asks("thank you")  # its turn comes after the comment's
    assert await mei.ratings() == [(2, "It took long")]
    await expect(carla.system.filter(has_text="Thank you for rating us")).to_have_count(1)


async def test_a_rating_that_cannot_be_saved_can_be_given_again(
    carla: Visitor, served: Served
) -> None:
    mei = await is_helped(carla, served)
    await mei.closes()
    await carla.cannot_be_saved()
    await carla.chat.get_by_label("5 stars").check(force=True)
    await carla.chat.get_by_label("Comment (optional)").fill("Great")
    await carla.chat.locator(".help button").click()
    await expect(carla.status).to_contain_text("could not be saved")
    await carla.can_be_saved_again()
    await expect(carla.chat.get_by_label("Comment (optional)")).to_have_value("Great")
    await carla.chat.locator(".help button").click()
    await expect(carla.system.last).to_contain_text("Thank you for rating us")
    assert await mei.ratings() == [(5, "Great")]


async def test_while_her_conversation_is_open_again_there_is_nothing_to_rate(
    carla: Visitor, served: Served
) -> None:
    mei = await is_helped(carla, served)
    await mei.closes()
    await expect(stars(carla)).to_have_count(5)
    await carla.field.fill("One more thing about the October invoice")
    await carla.field.press("Enter")
    await expect(carla.chat.locator("#subtitle")).to_have_text("Waiting for a person")
    await expect(carla.chat.locator(".asks:visible")).to_have_count(0)
    await mei.takes()
    await mei.closes()
    await expect(carla.chat.locator(".asks:visible")).to_have_count(1)


async def test_she_keeps_the_conversation_as_a_file(
    carla: Visitor, served: Served, tmp_path: Path
) -> None:
    mei = await is_helped(carla, served)
    await mei.notes("She is angry, be kind")
    await mei.says("It is **due** on Friday.")
    await carla.agents.first.wait_for()
    async with carla.page.expect_download() as downloading:
        await carla.chat.get_by_role("button", name="Save this conversation").click()
    download = await downloading.value
    assert download.suggested_filename.startswith("Billing assistant 20")
    await download.save_as(tmp_path / "saved.txt")
    saved = (tmp_path / "saved.txt").read_text(encoding="utf-8")
    assert "You: I want to talk to a human" in saved
    assert "Mei Lin: It is due on Friday." in saved
    assert "angry" not in saved


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_while_a_person_helps(
    browser: Browser, served: Served, axe: str, theme: str
) -> None:
    context = await browser.new_context(bypass_csp=True, reduced_motion="reduce")
    visitor = Visitor(await context.new_page())
    await visitor.visits(f"{served.url}/?theme={theme}")
    mei = await is_helped(visitor, served)
    await mei.says("Hello")
    await visitor.agents.first.wait_for()
    assert await serious_faults(visitor.page, axe) == []
    await mei.closes()
    await visitor.chat.get_by_label("4 stars").check(force=True)
    assert await serious_faults(visitor.page, axe) == []
    await visitor.chat.locator(".help button").click()
    await expect(visitor.chat.get_by_text("You gave 4 of 5.")).to_be_visible()
    assert await serious_faults(visitor.page, axe) == []
    await context.close()
