"""The dashboard: figures, definitions, the rows behind them, files."""

import csv
import io
import re
from collections.abc import AsyncIterator

import pytest

from accounts import audit
from accounts.models import Role
from conversations.metrics import FIGURES
from tests.product import MONDAY_MORNING
from tests.staff import Staff, database_of
from tests.web.learning import Told, editor, page_of, tell

PAGE = "/editor/dashboard"


@pytest.fixture
async def ada(database_url: str) -> AsyncIterator[Staff]:
    async with editor(database_url, Role.GLOBAL_ADMIN) as ada:
        yield ada


async def exported(staff: Staff, **fields: str) -> list[list[str]]:
    """A table, or the rows of a figure."""
    path = f"{PAGE}/rows/export" if "figure" in fields else f"{PAGE}/export"
    response = await staff.post(path, fields)
    assert response.status == 200
    assert response.headers["Content-Disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))


async def test_each_figure_has_its_definition_and_opens_its_rows(ada: Staff) -> None:
    page = await page_of(ada, PAGE)
    for figure in FIGURES:
        rows = await page_of(ada, f"{PAGE}/rows?figure={figure}")
        assert f"figure={figure}" in page
        definition = re.search(r'class="definition small">([^<]+)<', rows)
        assert definition and definition[1] in page


async def test_the_number_is_the_count_of_its_rows(ada: Staff) -> None:
    page = await page_of(ada, PAGE)
    [(part, whole)] = re.findall(r"figure-containment.*?(\d+) of (\d+)", page, re.DOTALL)[:1]
    rows = await page_of(ada, f"{PAGE}/rows?figure=containment")
    assert f"{part} of {whole} · {part} episodes<" in rows
    rest = await page_of(ada, f"{PAGE}/rows?figure=containment&rest=1")
    assert f"{part} of {whole} · {int(whole) - int(part)} episodes not counted<" in rest
    assert "carla@shop.example" not in rest and "[e-mail removed]" in rest


async def test_the_page_behind_a_figure_has_its_number_and_the_rows_add_up_to_it(
    ada: Staff,
) -> None:
    more = Told("q1", "pay?", 1, entry="refund", more=("hello",))
    again = Told("q1", "and pay?", 1, entry="refund", rating="negative")
    for told in (more, again):
        await database_of(ada.client).write(tell, told, MONDAY_MORNING)
    page = await page_of(ada, PAGE)
    for figure in FIGURES:
        found = re.search(rf'figure-value"><a href="[^"]*figure={figure}&[^"]*">([^<]+)<', page)
        assert found
        rows = await page_of(ada, f"{PAGE}/rows?figure={figure}")
        assert f'<span class="numbers">{found[1]}</span></h1>' in rows
        head, *lines = await exported(ada, figure=figure)
        counted = sum(int(line[2]) for line in lines)
        if FIGURES[figure].unit == "count":
            assert found[1] == f"{counted:,}" and head[2] in page
        else:
            rest = await exported(ada, figure=figure, rest="1")
            whole = sum(int(line[3]) for line in [*lines, *rest[1:]])
            assert f"{counted} of {whole}" in rows or f"{whole} ratings" in rows
    rows = await page_of(ada, f"{PAGE}/rows?figure=questions")
    assert 'How do I get a refund?</a> <span class="numbers">× 2</span>' in rows


async def test_a_wrong_answer_is_shown_with_the_question_that_was_rated(ada: Staff) -> None:
    told = Told("q1", "pay <b>?", 1, entry="refund", rating="negative", more=("good morning",))
    await database_of(ada.client).write(tell, told, MONDAY_MORNING)
    rows = await page_of(ada, f"{PAGE}/rows?figure=wrong")
    assert "Question that was rated" in rows and "pay <b>?</th>" in rows
    assert "good morning" not in rows
    head, *lines = await exported(ada, figure="wrong")
    assert head[1] == "Question that was rated" and "pay <b>?" in [line[1] for line in lines]


async def test_each_reason_has_its_share_of_all_episodes(ada: Staff) -> None:
    head, *lines = await exported(ada, by="reason")
    assert head[2:5] == ["Handoff rate", "Handoff rate: counted", "Handoff rate: of"]
    episodes = len(await exported(ada, figure="episodes")) - 1
    for line in lines:
        assert (line[3], line[4]) == (line[1], str(episodes))
        assert float(line[2]) == pytest.approx(int(line[1]) / episodes, abs=1e-4)


async def test_filters_and_days_narrow_everything(ada: Staff) -> None:
    page = await page_of(ada, f"{PAGE}?language=zh&entry=refund")
    assert "可以退款吗" not in page and ">How do I get a refund?<" in page
    rows = await page_of(ada, f"{PAGE}/rows?figure=episodes&language=zh&entry=refund")
    assert "可以退款吗" in rows and "How can I pay my invoice?</th>" not in rows
    assert "Nobody asked anything" in await page_of(ada, f"{PAGE}?from=2020-01-01&to=2020-02-01")
    assert (await ada.get(f"{PAGE}?from=nonsense&to=9999")).status == 200
    assert (await ada.get(f"{PAGE}/rows?figure=nonsense")).status == 400


@pytest.mark.parametrize("by", ["time", "language", "channel", "topic", "entry", "reason"])
async def test_every_table_is_a_file(ada: Staff, by: str) -> None:
    head, *rows = await exported(ada, by=by)
    assert rows and all(len(row) == len(head) for row in rows)


async def test_rows_are_a_file_that_runs_nothing_and_on_record(ada: Staff) -> None:
    database = database_of(ada.client)
    evil = Told("e1", '=cmd|"/c calc"!A1', 1, entry="refund")
    await database.write(tell, evil, MONDAY_MORNING)
    rows = await exported(ada, figure="episodes")
    assert any(row[1].startswith("'=cmd|") for row in rows)
    [event] = [e for e in await database.read(audit.page) if e.action == "content.exported"]
    assert event.subject == "dashboard/episodes" and event.details["rows"] == len(rows)


@pytest.mark.parametrize("role", [Role.CONTENT_EDITOR, Role.CONTENT_PUBLISHER])
async def test_editors_take_the_figures_along_and_not_what_customers_wrote(
    database_url: str, role: Role
) -> None:
    async with editor(database_url, role) as erik:
        assert "dashboard/export" in await page_of(erik, PAGE)
        head, *lines = await exported(erik, by="topic")
        assert head[0] == "Topic" and lines
        rows = await page_of(erik, f"{PAGE}/rows?figure=questions")
        assert "rows/export" not in rows
        assert (await erik.post(f"{PAGE}/rows/export", {"figure": "questions"})).status == 403
        assert (await erik.post(f"{PAGE}/export", {"figure": "questions"})).status == 400
    async with editor(database_url, Role.BILLING_ADMIN, told=False) as mei:
        assert (await mei.get(PAGE)).status == 403
