"""Whatever editors write, or a file brings, is text in every page that runs our scripts."""

import csv
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import urlencode

import pytest
import yaml
from playwright.async_api import Browser, expect

from accounts.models import Role
from app import EDITING
from handoff.models import HandoffRequest, Reason, Tried
from knowledge import drafts, releases, versions
from knowledge.interchange.markup import literal
from knowledge.learning import missed
from knowledge.learning.missed import Miss
from knowledge.parts import Kind, Part
from knowledge.releases import Release, Status
from knowledge.versions import Source, Who
from storage.database import Connection
from storage.times import stored_time
from tests.browser.desk_scene import ADA, DeskScene, asked
from tests.browser.editor_page import Editing, at_work
from tests.browser.payloads import PAYLOADS, is_harmless
from tests.browser.served import Served
from tests.browser.test_strangers import MARKS
from tests.browser.visitor import Visitor
from tests.knowledge.samples import shipped_copy
from tests.product import Clock
from tests.web.editors import PERSON

LINES = [" ".join(payload.split()) for payload in PAYLOADS]
NAMED = replace(ADA, name=LINES[0], roles=frozenset({Role.GLOBAL_ADMIN}))
AUTHOR = Who("p-other", LINES[1])
ALL = Part(Kind.ENTRY, "all")
PATIENCE_MS = 240_000
"""What prepares stands back for what else the machine does."""
pytestmark = pytest.mark.timeout(600)
VIEWS = (
    *("", "?q=window.hurt", "/entries/x-0", "/entries/all", "/messages", "/golden", "/publish"),
    *("/policy/partner", "/policy/contacts", "/policy/days", "/policy/plans", "/policy/payment"),
    *("/versions", "/versions/2", "/versions/2/entries/all", "/unanswered", "/suggestions"),
    *("/writing?entry=all", "/dashboard"),
)
SHOWN = """() => [...document.querySelectorAll("#main, #main :is(input, textarea)")]
    .some(it => `${it.value ?? it.textContent}`.includes("window.hurt"))"""


def entry(name: str, lines: list[str], answer: str) -> dict[str, object]:
    text = literal(answer)
    return {
        "id": name,
        "topic": "attacks",
        "owner": "billing_admin",
        "review_by": "2027-05-31",
        "questions": {"en": lines, "zh": [f"{line} 好" for line in lines]},
        "answer": {"en": text, "zh": text},
        "labels": [line[:60] for line in lines[:20]],
        "follow_ups": ["x-1"],
    }


def hostile_folder(folder: Path) -> Path:
    """An entry of each payload, one of them all, and messages and a partner that are no better."""
    entries = [entry(f"x-{n}", [f"{line} {n}"], PAYLOADS[n]) for n, line in enumerate(LINES)]
    entries.append(entry("all", LINES, "\n\n".join(PAYLOADS)))
    content = shipped_copy(folder, yaml.safe_dump(entries, allow_unicode=True) + PERSON)
    messages = yaml.safe_load((content / "messages.yaml").read_text(encoding="utf-8"))
    messages["common_questions"] = [f"x-{number}" for number in range(6)]
    said = literal("\n\n".join(PAYLOADS)[:3900])
    messages["messages"]["welcome"] = {"en": said, "zh": said}
    (content / "messages.yaml").write_text(yaml.safe_dump(messages), encoding="utf-8")
    policy = yaml.safe_load((content / "policy.yaml").read_text(encoding="utf-8"))
    support = policy["support"]
    for named in (
        *(policy["partner"], policy["partner"]["portal"], support["hours"]["special_days"][0]),
        *(support["contacts"][0], support["plans"][0], policy["payment"]["methods"][0]),
    ):
        named["name"] = {"en": LINES[0], "zh": " ".join(LINES)[:3900]}
    (content / "policy.yaml").write_text(yaml.safe_dump(policy), encoding="utf-8")
    with (content / "golden.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["question", "language", "expected"])
        rows.writerows([line, "en", "all"] for line in LINES)
    return content


def worked_on(connection: Connection) -> None:
    """A version with a hostile note, a draft, a release that waits, questions without an answer."""
    now = Clock()()
    notes = " ".join(LINES)[:2000]
    content = versions.content_of(connection, 1)
    new = versions.of_content(Source.EDITOR, content, who=AUTHOR, note=notes, reason=notes)
    versions.publish(connection, new, 1, now)
    body = content.part(ALL)
    assert body
    body = {**body, "answer": {"en": "\n\n".join(PAYLOADS), "zh": "30 天"}}
    drafts.save(connection, ALL, body, 0, 2, AUTHOR, now)
    chosen = ((ALL, 1),)
    waits = Release("waits", Status.IN_REVIEW, chosen, notes, AUTHOR, stored_time(now), notes)
    releases.add(connection, waits)
    for number, line in enumerate(LINES):
        kind = (Miss.NO_MATCH, Miss.ASKED_BACK)[number % 2]
        candidates = [("all", 0.4), (line, 0.3)]
        missed.missed(connection, f"m-{number}", 1, line, "en", kind, candidates, now)
        if number % 2:
            missed.accepted(connection, f"m-{number}", 3, "all")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    content = hostile_folder(tmp_path / "content")
    known = {"content": content, "encoder": "none", "cache": tmp_path / "cache"}
    served = Served(tmp_path, Clock(), **known)
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def ada(browser: Browser, house: Served) -> AsyncIterator[Editing]:
    async with at_work(browser, house, NAMED) as ada:
        yield ada


async def test_nothing_an_editor_writes_runs_in_any_page_of_the_editor(
    ada: Editing, house: Served
) -> None:
    assert len(PAYLOADS) >= 60
    await house.database.write(worked_on)
    app = house._server.app
    assert app is not None
    await app[EDITING].learning.gather()
    for path in VIEWS:
        await ada.page.goto(f"{house.url}/editor{path}")
        await ada.page.wait_for_function(SHOWN)
        await is_harmless(ada.page)


async def test_nothing_runs_while_it_is_written_tried_and_published(
    ada: Editing, house: Served
) -> None:
    await house.database.write(worked_on)
    page = ada.page
    await page.goto(f"{house.url}/editor/entries/all")
    await page.locator(".finding").first.wait_for()
    await page.locator("#history-open").click()
    await page.locator("#saves li").first.wait_for()
    await page.keyboard.press("Escape")
    await page.locator("#answer-en").fill(literal("\n\n".join(PAYLOADS)))
    await expect(page.locator("#widget-preview .bubble")).to_contain_text("window.hurt")
    await expect(page.locator("#teams-preview .bubble")).to_contain_text("window.hurt")
    await page.locator("[data-pick]").first.click()
    await is_harmless(ada.page)
    await ada.is_saved()
    await page.goto(f"{house.url}/editor/try?{urlencode({'q': LINES[0]})}")
    await page.locator("#live meter").first.wait_for()
    await page.locator("#draft .working").wait_for(state="detached", timeout=PATIENCE_MS)
    await is_harmless(ada.page)
    await page.goto(f"{house.url}/editor/publish")
    await page.locator("#report .notice, #report .golden-sum").first.wait_for(timeout=PATIENCE_MS)
    await is_harmless(ada.page)


async def test_nothing_of_a_file_runs_in_its_preview(ada: Editing, house: Served) -> None:
    good = [[f"{line} new {n}", f"So: {PAYLOADS[n]}", ""] for n, line in enumerate(LINES)]
    wrong = [[line, "", line] for line in LINES]
    for rows in (good, wrong):
        file = StringIO()
        csv.writer(file).writerows([["Question", "Answer", LINES[0]], *rows])
        sent = {"name": f"{LINES[0]}.csv", "mimeType": LINES[1], "buffer": file.getvalue().encode()}
        await ada.page.goto(f"{house.url}/editor/import")
        await ada.page.locator("#file").set_input_files(sent)  # type: ignore[arg-type]
        await ada.page.wait_for_url("**/editor/import/*")
        await ada.page.wait_for_function(SHOWN)
        assert await ada.page.locator(".change").count() == (len(good) if rows is good else 0)
        await is_harmless(ada.page)


async def test_nothing_of_an_answer_runs_in_the_chat(ada: Editing) -> None:
    carla = Visitor(ada.page)
    await carla.visits(f"{ada.served.url}/?lang=en")
    await carla.opens()
    answers: list[str] = []
    for number, line in enumerate(LINES):
        answers.append(await (await carla.asks(f"{line} {number}")).inner_text())
    assert sum("window.hurt" in each for each in answers) > 50, answers
    inside = "all => [...new Set(all.map(it => it.nodeName))]"
    assert set(await carla.chat.locator(".bubble *").evaluate_all(inside)) <= MARKS
    await is_harmless(ada.page)


async def test_nothing_of_an_entry_runs_before_an_agent(ada: Editing, house: Served) -> None:
    scene = DeskScene(house)
    tried = Tried(LINES[0], "all", 1, 0.5, (("x-2", 0.4), ("x-3", 0.3)))
    request = HandoffRequest(Reason.NO_MATCH, LINES[0], "en", (tried,), "attacks")
    name = await scene.asks("c-1", LINES[0], [asked(LINES[0])], request, timedelta(minutes=5))
    page = ada.page
    await page.goto(f"{house.url}/agent?view=all&id={name}")
    await page.locator("#talk-head [data-act=claim]").click()
    await page.locator("#talk-head [data-act=resolve]").wait_for()
    await is_harmless(ada.page)
    await page.locator("#replies-open").click()
    await page.locator("#replies-words").fill("window.hurt")
    await page.locator(".reply").first.wait_for()
    await is_harmless(ada.page)
    await page.locator(".reply").first.click()
    await is_harmless(ada.page)
