"""Nothing is lost or doubled: reloads, tabs, broken connections, a server that restarts."""

import re

from playwright.async_api import APIResponse, BrowserContext, Route, expect

from tests.browser.served import Served
from tests.browser.visitor import ACTIVITIES, Visitor

DUE = "When is my invoice due?"


async def test_the_conversation_is_there_after_a_reload(carla: Visitor) -> None:
    await carla.opens()
    answer = await carla.asks(DUE)
    await answer.get_by_role("button", name="Helpful", exact=True).click()
    await expect(carla.answers).to_have_count(3)
    await carla.field.fill("half a sent")
    await carla.page.reload()
    await expect(carla.answers).to_have_count(3)
    await expect(carla.own).to_have_count(1)
    pressed = carla.chat.get_by_role("button", name="Helpful", exact=True)
    await expect(pressed).to_have_attribute("aria-pressed", "true")
    await expect(carla.field).to_have_value("half a sent")
    await expect(carla.spoken).to_have_count(0)


async def test_two_tabs_show_the_same(
    carla: Visitor, context: BrowserContext, served: Served
) -> None:
    await carla.opens()
    other = Visitor(await context.new_page())
    await other.visits(f"{served.url}/")
    await other.opens()
    await carla.asks(DUE)
    await expect(other.own.locator(".bubble")).to_have_text(DUE)
    await expect(other.answers).to_have_count(2)
    assert await carla.messages.all_inner_texts() == await other.messages.all_inner_texts()
    await other.chat.get_by_role("button", name="New conversation").click()
    await other.chat.get_by_role("button", name="Start new").click()
    await expect(carla.messages).to_have_count(1)
    await other.asks("How can I pay my invoice?")
    await expect(carla.own.locator(".bubble")).to_have_text("How can I pay my invoice?")


async def test_a_server_that_restarts_loses_nothing(carla: Visitor, served: Served) -> None:
    await carla.opens()
    await carla.asks(DUE)
    await served.stop()
    await expect(carla.status).to_contain_text("Connection lost")
    await carla.field.fill("How can I pay my invoice?")
    await carla.field.press("Enter")
    await expect(carla.own.nth(1)).to_contain_text("Waiting for the connection")
    retry = carla.chat.get_by_role("button", name="Try now")
    await expect(retry).to_be_visible()
    await served.start()
    await carla.chat.locator("#retry").dispatch_event("click")  # or it was faster by itself
    await expect(carla.answers).to_have_count(3)
    await expect(carla.own).to_have_count(2)
    await expect(carla.spoken.filter(has_text="Connected again.")).to_have_count(1)


async def test_what_was_said_during_a_break_comes_after_it_once(
    carla: Visitor, context: BrowserContext, served: Served
) -> None:
    await carla.holds_the_wire()
    await carla.opens()
    other = Visitor(await context.new_page())
    await other.visits(f"{served.url}/")
    await other.opens()
    assert carla.socket is not None
    carla.refuses_sockets = True
    await carla.page.route("**/v3/directline/conversations/**", lambda route: route.abort())
    await carla.socket.close()
    await other.asks(DUE)
    await expect(carla.messages).to_have_count(1)
    carla.refuses_sockets = False
    await carla.page.unroute("**/v3/directline/conversations/**")
    await expect(carla.answers).to_have_count(2)
    await expect(carla.own).to_have_count(1)


async def test_where_no_web_socket_gets_through_it_asks_again_and_again(carla: Visitor) -> None:
    await carla.page.route_web_socket(lambda url: "/stream" in url, lambda socket: socket.close())
    await carla.opens()
    await carla.asks(DUE)
    await expect(carla.own).to_have_count(1)


async def test_a_message_that_is_not_saved_can_be_sent_again(carla: Visitor) -> None:
    await carla.opens()
    await carla.cannot_be_saved()
    await carla.field.fill(DUE)
    await carla.field.press("Enter")
    await expect(carla.own).to_contain_text("could not be saved")
    await carla.can_be_saved_again()
    await carla.own.get_by_role("button", name="Send again").click()
    await expect(carla.answers).to_have_count(2)
    await expect(carla.own).to_have_count(1)
    await expect(carla.own).to_have_attribute("data-state", "sent")


async def test_a_message_that_is_not_saved_is_kept_over_a_reload(carla: Visitor) -> None:
    await carla.opens()
    await carla.cannot_be_saved()
    await carla.field.fill(DUE)
    await carla.field.press("Enter")
    await expect(carla.own).to_contain_text("could not be saved")
    await carla.page.reload()
    await expect(carla.own).to_contain_text("could not be saved")
    await carla.own.get_by_role("button", name="Remove").click()
    await expect(carla.own).to_have_count(0)


async def test_an_answer_lost_on_the_way_back_makes_no_double(carla: Visitor) -> None:
    """The server took the message, but the browser never heard so: it sends it again."""
    await carla.opens()
    lost: list[APIResponse] = []

    async def take_and_break(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(await route.fetch())
            await route.abort()
        else:
            await route.continue_()

    await carla.page.route(ACTIVITIES, take_and_break)
    await carla.asks(DUE)
    await expect(carla.own).to_have_attribute("data-state", "sent")
    await carla.asks("How can I pay my invoice?")
    assert lost
    await expect(carla.own).to_have_count(2)
    await expect(carla.answers).to_have_count(3)


async def test_an_expired_token_is_renewed_unseen(carla: Visitor) -> None:
    await carla.opens()
    refused: list[Route] = []

    async def expire(route: Route) -> None:
        if not refused:
            refused.append(route)
            await route.fulfill(status=403, json={"error": {"code": "TokenExpired"}})
        else:
            await route.continue_()

    await carla.page.route(ACTIVITIES, expire)
    await carla.asks(DUE)
    assert refused
    await expect(carla.own).to_have_attribute("data-state", "sent")


async def test_a_conversation_that_is_gone_is_followed_by_a_new_one(carla: Visitor) -> None:
    await carla.opens()
    await carla.asks(DUE)
    await carla.page.frames[1].evaluate(
        """() => {
            for (const key of Object.keys(localStorage)) {
                const held = JSON.parse(localStorage[key]);
                localStorage[key] = JSON.stringify({ ...held, token: "no", resume: "no" });
            }
        }"""
    )
    await carla.page.reload()
    await expect(carla.status).to_contain_text("no longer available")
    await expect(carla.answers).to_have_count(1)
    await carla.asks(DUE)
    await expect(carla.answers).to_have_count(2)


async def test_while_closed_the_launcher_counts_what_comes(carla: Visitor) -> None:
    await carla.holds_the_wire()
    await carla.opens()
    await carla.chat.get_by_role("button", name="Close chat").click()
    await expect(carla.panel).to_be_hidden()
    for number in (900, 901):
        await carla.is_told(
            type="message",
            id=f"conversation|{number:07d}",
            timestamp="2026-11-22T10:00:00.000Z",
            text="Hello",
            **{"from": {"name": "Harbourlight Cloud", "role": "bot"}},
        )
    await expect(carla.badge).to_have_text("2")
    await expect(carla.launcher).to_have_accessible_name(re.compile("2 new messages"))
    await carla.launcher.click()
    await expect(carla.badge).to_be_hidden()
