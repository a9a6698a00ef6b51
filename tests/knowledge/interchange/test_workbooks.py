"""Workbooks as people keep them: sheets besides, formats, errors and formulas."""

from io import BytesIO

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from knowledge.interchange.number_formats import shown
from tests.knowledge.interchange.samples import entries_in, row, said_of, taken, tsv, xlsx
from tests.knowledge.interchange.test_hostile import SHEET, book_with

HEADER = ["Question", "Answer"]
BILLING = [HEADER, ["How do I pay?", "By transfer."]]


def with_answer(value: object, number_format: str = "General") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "FAQ"
    sheet.append(HEADER)
    sheet.append(["What is it?", value])
    sheet.cell(2, 2).number_format = number_format
    made = BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_sheet_that_is_not_read_is_said() -> None:
    payments = [["Payments, as of May"], HEADER, ["May I pay?", "Yes."], ["Must I pay?", "Yes."]]
    made = taken(xlsx({"Billing": BILLING, "Payments": payments, "Empty": []}))
    assert len(made.entries) == 1
    (said,) = made.problems
    assert (said.file, said.severity, said.code) == ("kb, sheet Payments", "warning", "sheet_left")
    assert "names no columns Question and Answer" in said.message


@pytest.mark.parametrize(
    ("value", "number_format", "answer"),
    [
        (0.015, "0.0%", "1.5%"),
        (0.2, "0%", "20%"),
        (30, '"$"#,##0.00', "$30.00"),
        (1234.5, "#,##0.00 [$€-407]", "1,234.50 €"),
        (-30, '"$"#,##0.00_);("$"#,##0.00)', "($30.00)"),
        (-2.5, "0.00", "-2.50"),
        (1.005, "0.00", "1.01"),
        (7, "000", "007"),
        (12, '0 "days"', "12 days"),
        (0.1 + 0.2, "General", "0.3"),
        (30.0, "General", "30"),
    ],
)
def test_a_number_reads_as_its_sheet_shows_it(
    value: float, number_format: str, answer: str
) -> None:
    assert shown(value, number_format) == answer
    (made,) = entries_in(with_answer(value, number_format)).values()
    assert made.answer["en"].replace("\\", "") == f"{answer}\n"


@pytest.mark.parametrize("number_format", ["# ?/?", "0.00E+00", "[>9]0", "0,"])
def test_a_number_that_is_shown_in_another_way_is_warned_of(number_format: str) -> None:
    (said,) = said_of(with_answer(30, number_format))
    assert said.startswith("kb, sheet FAQ:2: warning: column Answer: how the number format")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("#N/A", "column Answer shows the error #N/A; mend its formula"),
        ("=A2", "column Answer holds a formula that was never calculated"),
    ],
)
def test_an_error_and_a_formula_without_its_value_are_no_answers(value: str, said: str) -> None:
    made = taken(with_answer(value))
    assert made.failed
    (problem,) = made.problems
    assert said in problem.message and problem.line == 2


def test_what_no_reader_looks_at_may_be_wrong() -> None:
    sheet = [[*HEADER, "Looked up"], ["How do I pay?", "By transfer.", "#REF!"]]
    made = taken(xlsx({"S": sheet, "Notes": [["#N/A"]]}))
    assert len(made.entries) == 1
    assert {problem.code for problem in made.problems} == {"columns_left", "sheet_left"}


def test_a_formula_that_gives_nothing_is_an_empty_cell() -> None:
    made = xlsx({"S": [[*HEADER, "Topic"], ["How do I pay?", "By transfer.", '=""']]})
    change = (b'<c r="C2"><f>', b'<c r="C2" t="str"><f>')
    assert len(entries_in(book_with(SHEET, change, book=made))) == 1
    assert taken(made).failed


def test_an_id_that_is_shown_with_a_comma_is_the_same_id() -> None:
    header = tsv().decode().strip().split("\t")
    first = [*row("When?", prompts='[{"DisplayOrder":0,"QnaId":1234}]')[:7], 1]
    book = xlsx({"QnAs": [header, first, [*row("Why so?")[:7], "1,234"]]})
    assert entries_in(book)["when"].follow_ups == ("why-so",)
