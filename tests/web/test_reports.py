"""The lead reads the reports, follows a figure to its rows, and takes them home as a file."""

import csv
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from io import StringIO

import pytest

from accounts import audit
from accounts.models import Role
from handoff.models import RateHelp
from handoff.reports import FIGURES
from knowledge.interchange.cells import to_cell
from storage.database import Database
from tests.handoff.office import MEI, Office
from tests.product import MONDAY_MORNING, Client, client, start
from tests.staff import Staff, database_of, signed_in
from web import charts
from web.csv_files import csv_text

__all__ = ["client", "start"]

PATH = "/agent/reports"
EVIL = '=HYPERLINK("https://evil.example","Click")'


@pytest.fixture
def database(client: Client) -> Database:
    return database_of(client)


@pytest.fixture
async def office(database: Database) -> Office:
    """Two asked: one was helped and commented, one waits."""
    office = Office(database)
    write, later = database.write, MONDAY_MORNING + timedelta(minutes=5)
    handoff = await office.asks("carla", MONDAY_MORNING)
    await write(office.desk.claim, handoff, MEI, later)
    await write(office.desk.say, handoff, MEI, "Hello", "1", later)
    await write(office.desk.resolve, handoff, MEI, "answered", later)
    await write(office.customers.rate, "carla", RateHelp(handoff, 4, EVIL), later)
    await office.asks("omar", MONDAY_MORNING, topic="support")
    return office


@pytest.fixture
async def lead(client: Client, database: Database, office: Office) -> AsyncIterator[Staff]:
    async with signed_in(client, database, Role.BILLING_ADMIN) as staff:
        yield staff


async def page(staff: Staff, path: str = PATH) -> str:
    answer = await staff.get(path)
    assert answer.status == 200, await answer.text()
    return await answer.text()


def value(html: str, figure: str) -> int:
    """The number of the link to a figure's rows."""
    found = re.search(rf'figure={figure}&amp;[^"]*">(\d+)', html)
    assert found, figure
    return int(found[1])


async def test_every_figure_says_what_it_counts_and_opens_those_rows(lead: Staff) -> None:
    html = await page(lead)
    for figure in FIGURES:
        link = re.search(rf'href="({PATH}/rows\?figure={figure}&amp;[^"]*)"', html)
        assert link, figure
        rows = await page(lead, link[1].replace("&amp;", "&"))
        if figure in ("waiting", "requests", "resolved", "abandoned"):
            counted = value(html, figure)
            assert rows.count("<tr>") == (counted + 1 if counted else 0)
        assert 'class="definition"' in rows
    assert html.count("How it is counted") >= len(FIGURES)


async def test_it_speaks_chinese(client: Client, database: Database, office: Office) -> None:
    async with signed_in(client, database, Role.BILLING_ADMIN, language="zh") as staff:
        html = await page(staff)
        rows = await page(staff, f"{PATH}/rows?figure=claim")
    assert "接手用时" in html
    assert "计算方法" in html
    assert "5 分钟" in html
    assert "从提出到同事首次接手的时间" in rows


async def test_without_requests_it_says_what_to_do(lead: Staff) -> None:
    html = await page(lead, f"{PATH}?from=2020-01-01&to=2020-01-31")
    assert "Nobody asked for a person in this period." in html
    assert "Choose a longer period" in html


@pytest.mark.parametrize(
    "query",
    [
        "from=x&to=y",
        "from=2026-11-30&to=2026-11-01",
        "from=0001-01-01&to=9999-12-31",
        "channel=%27%22%3E&score=9&role=%25s",
        "score=%EF%BC%95&language=" + "x" * 900,
    ],
)
async def test_what_the_address_says_wrongly_is_left_out(lead: Staff, query: str) -> None:
    await page(lead, f"{PATH}?{query}")
    await page(lead, f"{PATH}/rows?figure=requests&{query}")


async def test_there_is_no_other_figure(lead: Staff) -> None:
    assert (await lead.get(f"{PATH}/rows?figure=passwords")).status == 404
    assert (await lead.post(f"{PATH}/export", {"figure": ""})).status == 404


async def test_filters_go_along_to_the_rows(lead: Staff) -> None:
    html = await page(lead, f"{PATH}?role=helpdesk_agent")
    assert value(html, "requests") == 1
    assert "figure=requests&amp;from=" in html
    assert re.search(r'figure=requests&amp;[^"]*role=helpdesk_agent', html)


async def test_the_file_holds_the_rows_and_nothing_that_runs(
    lead: Staff, database: Database
) -> None:
    answer = await lead.post(f"{PATH}/export", {"figure": "satisfaction", "from": "2026-11-01"})
    assert answer.status == 200
    assert answer.content_type == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="satisfaction-')
    text = (await answer.read()).decode("utf-8-sig")
    head, row = csv.reader(StringIO(text))
    assert head[9:11] == ["Until taken (min)", "in opening hours (min)"]
    assert dict(zip(head, row, strict=True))["Comment"] == f"'{EVIL}"
    assert row[9] == "5.0"
    events = await database.read(audit.page)
    assert events[0].action == "report.exported"
    assert events[0].subject == "satisfaction"
    assert events[0].details["rows"] == 1


async def test_who_may_see_and_who_may_take_it_home(
    client: Client, database: Database, office: Office
) -> None:
    for role, seen, taken in (
        (Role.HELPDESK_AGENT, 403, 403),
        (Role.CONTENT_EDITOR, 403, 403),
        (Role.GLOBAL_ADMIN, 200, 200),
    ):
        async with signed_in(client, database, role) as staff:
            assert (await staff.get(PATH)).status == seen
            assert (await staff.get(f"{PATH}/rows?figure=requests")).status == seen
            exported = await staff.post(f"{PATH}/export", {"figure": "requests"})
            assert exported.status == taken
    unsigned = await client.get(PATH, headers={"Accept": "text/html"}, allow_redirects=False)
    assert unsigned.status == 303


@pytest.mark.parametrize("begins", list("=+-@\t\r\n＝＋－＠") + [" =", "\u3000＝"])
def test_no_cell_is_a_formula(begins: str) -> None:
    assert to_cell(f"{begins}1+1").startswith("'")


def test_cells_are_quoted_and_other_text_stays() -> None:
    assert csv_text([["a", 'say "x", y', "账单\n二"]]) == (
        '\ufeff"a","say ""x"", y","账单\n二"\r\n'
    )
    assert to_cell("5 - 3") == "5 - 3"


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 4), (9, 10), (17, 20), (250, 400)])
def test_the_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert charts.ceiling([1, most]) == top


def test_a_chart_says_what_it_shows() -> None:
    svg = charts.line([0, 2, 1], "days", "Requests <b>", "3 requests")
    assert '<title id="days-title">Requests &lt;b&gt;</title>' in svg
    assert 'aria-labelledby="days-title days-about"' in svg
    assert 'points="0.00,40.00 50.00,0.00 100.00,20.00"' in svg
    assert "style=" not in svg


def test_shares_are_a_hundred_together() -> None:
    assert charts.shares([1, 1, 1]) == [34, 33, 33]
    assert charts.shares([0, 0]) == [0, 0]
