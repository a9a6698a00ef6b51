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
    response = await staff.post(f"{PAGE}/export", fields)
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
    assert f'<span class="muted numbers">{part}</span>' in rows
    rest = await page_of(ada, f"{PAGE}/rows?figure=containment&rest=1")
    assert f'<span class="muted numbers">{int(whole) - int(part)}</span>' in rest
    assert "carla@shop.example" not in rest and "[e-mail removed]" in rest


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


async def test_editors_look_but_exports_need_their_permission(database_url: str) -> None:
    async with editor(database_url) as erik:
        assert "dashboard/export" not in await page_of(erik, PAGE)
        assert (await erik.post(f"{PAGE}/export", {"by": "time"})).status == 403
    async with editor(database_url, Role.BILLING_ADMIN, told=False) as mei:
        assert (await mei.get(PAGE)).status == 403
