"""Nothing that somebody writes runs on the agents' pages: in lists, conversations, reports."""

from datetime import timedelta
from typing import Any

from playwright.async_api import expect

from conversations import outbox
from conversations.outbox import Letter
from handoff.models import HandoffRequest, Reason, Tried
from storage.database import Connection
from tests.browser.agent_page import AgentWindow
from tests.browser.at_the_desk import mei, scene, served
from tests.browser.desk_scene import MEI, DeskScene, agent, asked
from tests.browser.payloads import PAYLOADS, is_harmless
from tests.product import MONDAY_MORNING

__all__ = ["mei", "scene", "served"]

COUNT = len(PAYLOADS)
HOUR = timedelta(hours=1)
VIEWS = {
    "unassigned": COUNT,
    "mine": COUNT,
    "all": 3 * COUNT,
    "snoozed": COUNT,
    "messages": COUNT,
    "escalated": COUNT,
    "resolved": COUNT,
}
REPORTS = (
    "/agent/reports",
    "/agent/reports/rows?figure=requests",
    "/agent/reports/rows?figure=comments",
    "/agent/undelivered",
)


async def test_nothing_anybody_writes_runs(mei: AgentWindow, scene: DeskScene) -> None:
    """Each payload as name, text, locale, page, contact, label, note, reference, comment, question
    and what was tried; in each view, in a conversation, and in one that comes while it is open."""
    dialogs: list[str] = []
    mei.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    for view in ("unassigned", "mine", "snoozed", "messages", "resolved"):
        for number, payload in enumerate(PAYLOADS):
            await _asks_with(scene, view, number, payload)
    for view, count in VIEWS.items():
        await mei.opens(f"view={view}&limit=500")
        await expect(mei.rows).to_have_count(count)
        await is_harmless(mei.page)
    for view in ("mine", "resolved"):
        await mei.opens(f"view={view}")
        for number, payload in enumerate(PAYLOADS):
            await _is_shown_as_text(mei, f"{view}-{number}", payload)
    for payload in PAYLOADS[:3]:
        await scene.writes(f"resolved-{COUNT - 1}", payload)
    await expect(mei.customer).to_have_count(4)
    await mei.page.locator("#search-words").fill(PAYLOADS[0])
    await expect(mei.page.locator("#found-text")).to_contain_text(PAYLOADS[0])
    await mei.presses("propose")
    await is_harmless(mei.page)
    assert not dialogs


async def test_nothing_runs_in_the_reports(mei: AgentWindow, scene: DeskScene) -> None:
    for number, payload in enumerate(PAYLOADS):
        await _asks_with(scene, "resolved", number, payload)
        await scene.write(_is_stuck, f"resolved-{number}", payload)
    for path in REPORTS:
        await mei.page.goto(mei.url + path)
        if path != REPORTS[0]:
            await expect(mei.page.locator("tbody tr")).to_have_count(COUNT)
        await is_harmless(mei.page)


async def _is_shown_as_text(mei: AgentWindow, conversation: str, payload: str) -> None:
    shown = " ".join(payload.split())
    await mei.page.locator(f'.queue-row[data-id^="{conversation}|"]').click()
    await expect(mei.page.locator("#talk-head h2")).to_have_text(shown)
    await expect(mei.customer.first.locator(".bubble")).to_have_text(shown)
    await is_harmless(mei.page)


async def _asks_with(scene: DeskScene, view: str, number: int, payload: str) -> None:
    """A conversation that is shown in the view, everything in it hostile."""
    tried = Tried(payload, payload, 1, 0.5, ((payload, 0.4), (payload, 0.3)))
    request = HandoffRequest(Reason.NO_MATCH, payload, "en", (tried,), payload)
    said = [
        asked(payload, locale=payload, channelData={"page": payload}),
        asked("", name=payload, value={"action": payload, "rating": payload}),
        asked("", value={"action": "rate_help", "score": payload, "comment": payload}),
    ]
    handoff = await scene.asks(f"{view}-{number}", payload, said, request, timedelta(minutes=5))
    await scene.write(_is_billings, handoff, payload if view == "messages" else "")
    if view in ("mine", "snoozed", "resolved"):
        await _works(scene, view, handoff, payload)


async def _works(scene: DeskScene, view: str, handoff: str, payload: str) -> None:
    now, mei, desk = scene.served.now(), agent(MEI), scene.desk
    await scene.write(desk.claim, handoff, mei, now)
    if view == "mine":
        await scene.write(desk.label, handoff, mei, [payload[:40]], now)
        await scene.write(desk.note, handoff, mei, payload, f"note-{handoff}", now)
        begin = scene.escalations.begin
        await scene.write(begin, handoff, mei, "commercial", payload, payload, now)
    elif view == "snoozed":
        await scene.write(desk.snooze, handoff, mei, now + HOUR, now)
    else:
        await scene.write(desk.resolve, handoff, mei, "answered", now)
        await scene.write(_rated, handoff, payload)


def _is_billings(connection: Connection, handoff: str, contact: str) -> None:
    sql = "UPDATE handoffs SET contact = %(contact)s, role = 'billing_admin' WHERE id = %(id)s"
    connection.execute(sql, contact=contact, id=handoff)


def _rated(connection: Connection, handoff: str, comment: str) -> None:
    connection.execute(
        "INSERT INTO help_ratings (handoff_id, score, comment, created_at)"
        " VALUES (%(id)s, 1, %(comment)s, '2026-11-23T02:00:00.000Z')",
        id=handoff,
        comment=comment,
    )


def _is_stuck(connection: Connection, conversation: str, payload: str) -> None:
    about: dict[str, Any] = {"conversation": conversation}
    outbox.post(connection, Letter(payload, payload, payload, about), MONDAY_MORNING)
    connection.execute("UPDATE outbox SET status = 'failed', error = id")
