"""Out and in again: the same entries, and the same bytes."""

import csv
from dataclasses import replace
from datetime import date
from io import BytesIO, StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook  # type: ignore[import-untyped]

from knowledge.entry import Entry
from knowledge.interchange.cells import (
    DANGEROUS,
    from_cell,
    from_xml,
    to_cell,
    to_services_cell,
    to_xml,
)
from knowledge.interchange.found import Origin
from knowledge.interchange.markup import literal
from knowledge.interchange.ours import rows_of
from knowledge.interchange.tables import COLUMNS
from knowledge.interchange.writing import CannotHold, export, filled, write
from tests.knowledge.interchange.samples import ANY_TEXT, any_entries, entries_in, entry
from tests.knowledge.samples import CLOSED, shipped

WHOLE = ("yaml", "zip", "csv", "xlsx")
OFTEN = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("format", WHOLE)
@given(entries=any_entries())
@OFTEN
def test_what_is_written_reads_back_equal_and_is_written_the_same(
    format: str, entries: list[Entry]
) -> None:
    entries = sorted(entries, key=lambda each: (each.topic, each.id))
    data = write(format, entries)
    read = entries_in(data)
    assert list(read.values()) == entries
    assert write(format, list(read.values())) == data


@pytest.mark.parametrize("format", WHOLE)
def test_the_shipped_entries_survive_unchanged(format: str) -> None:
    entries = shipped().entries
    data = write(format, entries)
    assert sorted(entries_in(data).values(), key=lambda each: each.id) == list(entries)


def test_a_table_has_a_column_for_every_field_of_an_entry() -> None:
    assert set(COLUMNS) == {*Entry.model_fields, "language", "question"} - {"questions"}


@given(ANY_TEXT)
def test_a_cell_is_never_a_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = to_cell(text)
    assert not DANGEROUS.match(cell) or cell.startswith("'")
    assert from_cell(cell) == from_cell(to_services_cell(text)) == text
    assert from_xml(to_xml(text)) == text


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\n="]
)
@pytest.mark.parametrize("format", ["csv", "xlsx", "cqa-tsv"])
def test_no_exported_cell_begins_like_a_formula(start: str, format: str) -> None:
    risky = entry(
        questions={"en": [f"{start.strip(chr(13) + chr(10))}HYPERLINK(1)"]},
        answer={"en": f"{start}cmd|' /C calc'!A0"},
        owner=f"{start.strip()}owner",
    )
    for cells in _cells(format, write(format, [risky])):
        assert not [cell for cell in cells if DANGEROUS.match(cell) and not cell.startswith("'")]


@pytest.mark.parametrize(
    "answer",
    [
        "- Bank transfer (free)\n- Card\n",
        "* One\n* Two\n",
        "- [Pay](https://pay.example) the invoice(s), now!\n",
        "+65 (0) 6123 4567, from 9 to 5\n",
        "+65(0)6123-4567\n",
        "+ One | two\n",
        "-1.5% for early payment\n",
    ],
)
def test_lists_and_phone_numbers_reach_the_services_as_they_are(answer: str) -> None:
    made = entry(answer={"en": answer}, questions={"en": ["When?"]})
    data = write("cqa-tsv", [made])
    assert _cells("cqa-tsv", data)[1][1] == answer.strip().replace("\n", "\\n")
    assert entries_in(data)["payment-due"] == made
    assert write("cqa-tsv", list(entries_in(data).values())) == data


@pytest.mark.parametrize(
    "answer",
    [
        "=1+1",
        "@SUM",
        "- cmd|' /C calc'!A0",
        "-2+HYPERLINK(A1)",
        "-LOG10(A1)",
        "+cmd|'|'!A0",
        " ＝1",
        "+webservice(a1)",
    ],
)
def test_what_would_run_does_not_reach_a_spreadsheet_by_the_services_either(answer: str) -> None:
    data = write("cqa-tsv", [entry(answer={"en": answer}, questions={"en": ["When?"]})])
    assert _cells("cqa-tsv", data)[1][1] == f"'{answer.strip()}"
    assert entries_in(data)["payment-due"].answer["en"].strip() == answer.strip()


def _cells(format: str, data: bytes) -> list[list[str]]:
    if format == "xlsx":
        sheet = load_workbook(BytesIO(data)).active
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
        return [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
    if format == "csv":
        return list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))
    return [line.split("\t") for line in data.decode().splitlines()]


def test_the_services_table_keeps_all_that_it_has_room_for() -> None:
    second = entry(
        id="late-fee",
        questions={"en": ["What is the late fee?"]},
        answer={
            "en": "* {{ collections.late_fee.percent }}\n\nSee {% raw %}.\n".replace("{%", "{ %")
        },
        follow_ups=["payment-due"],
        needs_account=True,
    )
    entries = list(filled([entry(follow_ups=["late-fee"]), second], shipped().policy, CLOSED))
    data = write("cqa-tsv", entries)
    read = entries_in(data)
    assert list(read.values()) == entries
    assert write("cqa-tsv", list(read.values())) == data
    assert b"payment.due_days" not in data


def test_what_the_services_called_a_pair_goes_back_to_them() -> None:
    first, second, third = (entry(id=each, answer={"en": "A\n"}) for each in ("a", "b", "c"))
    leading = first.model_copy(update={"follow_ups": ("b",)})
    known = [
        Origin("a", "en", "92", "FAQ.docx", {"tier": "gold"}),
        Origin("b", "en", "7", "", {}),
        Origin("c", "en", "7", "https://a.example/faq", {}),
    ]
    content = replace(shipped(), entries=(leading, second, third))
    rows = _cells("cqa-tsv", export("cqa-tsv", content, CLOSED, known))[1:]
    told = [(each[2], each[7]) for each in rows]
    assert told == [("FAQ.docx", "92"), ("Editorial", "7"), ("https://a.example/faq", "93")]
    assert "tier:gold | topic:collections" in rows[0][3] and '"QnaId":7' in rows[0][6]


def test_the_services_table_loses_only_what_it_says_it_cannot_hold() -> None:
    rich = entry(
        answer={"en": "  A\tb {{ partner.name }}\r\nc\n"},
        questions={"en": ["When?"]},
        labels=["vip"],
        route="sales",
        valid_until="2028-01-31",
    )
    read = entries_in(write("cqa-tsv", [rich]))["payment-due"]
    assert read.answer == {"en": f"A b {literal('{{')} partner.name }}}}\nc\n"}
    assert (read.labels, read.route, read.valid_until) == ((), None, None)
    assert read.questions == rich.questions


def test_too_much_for_one_yaml_file_is_said_and_fits_a_zip() -> None:
    many = [entry(id=f"e-{n}", answer={"en": "long " * 1500}) for n in range(300)]
    with pytest.raises(CannotHold, match="use zip"):
        write("yaml", many)
    assert len(entries_in(write("zip", many))) == 300


def test_dates_that_a_spreadsheet_program_wrote_anew_are_understood() -> None:
    rows = [list(row) for row in rows_of([entry()])]
    rows[1][COLUMNS.index("review_by")] = "2027/5/31"
    rows[1][COLUMNS.index("needs_account")] = "FALSE"
    made = StringIO()
    csv.writer(made).writerows(rows)
    assert entries_in(made.getvalue().encode("utf-16"))["payment-due"].review_by == date(
        2027, 5, 31
    )
