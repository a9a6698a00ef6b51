"""Sheets of an XLSX workbook as rows of text, and such a workbook made."""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, NamedTuple, TypeGuard

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from knowledge.entry import KnowledgeError
from knowledge.interchange.archive import bounded
from knowledge.interchange.cells import from_xml, to_xml
from knowledge.interchange.found import MAX_COLUMNS, MAX_ROWS, unreadable
from knowledge.interchange.number_formats import plain, shown

LAST_ROW = 1_048_576  # Excel's
MOST_CHARACTERS = 32_767  # Excel's, in one cell
THE_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP knows
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")

A_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")

Rows = list[tuple[int, tuple[str, ...]]]
Cells = Sequence[Any]  # openpyxl's, of one row


class Flaw(NamedTuple):
    """A cell that does not say what its sheet shows; with an error its row says nothing."""

    row: int
    column: int  # from 0
    code: str
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """Its numbered rows that hold something."""

    title: str
    rows: Rows
    flaws: tuple[Flaw, ...]


def sheets(name: str, data: bytes) -> list[Sheet]:
    """Every sheet; raises KnowledgeError."""
    bounded(name, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of drawings, filters and styles, which we do not read
            return list(_sheets(name, data))
    except KnowledgeError:
        raise
    except Exception:
        # Damaged XML can end in any error of the library; all mean the same to whoever imports it.
        raise unreadable(name, 1, "workbook_damaged") from None


def _sheets(name: str, data: bytes) -> Iterator[Sheet]:
    with closing(load_workbook(BytesIO(data), read_only=True, data_only=True)) as book:
        formulas = load_workbook(BytesIO(data), read_only=True) if _has_formulas(data) else book
        with closing(formulas):
            for sheet, same in zip(book.worksheets, formulas.worksheets, strict=True):
                flaws: list[Flaw] = []
                rows = list(_rows(f"{name}, sheet {sheet.title}", _cells(sheet, same), flaws))
                yield Sheet(sheet.title, rows, tuple(flaws))


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        names = [each for each in archive.namelist() if each.startswith("xl/worksheets/")]
        return any(A_FORMULA.search(archive.read(each)) for each in names)


def _cells(sheet: Any, formulas: Any) -> Iterator[tuple[Cells, Cells]]:
    """Each row twice: with values, and with formulas where there are any."""
    for each in (sheet, formulas):
        each.reset_dimensions()  # what a sheet says of its own size is not to be believed
    rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1)
    if formulas is sheet:
        return ((row, row) for row in rows)
    return zip(rows, formulas.iter_rows(max_col=MAX_COLUMNS + 1), strict=True)


def _rows(
    place: str, rows: Iterable[tuple[Cells, Cells]], flaws: list[Flaw]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    filled = 0
    for number, (row, same) in enumerate(rows, 1):
        if number > LAST_ROW or filled > MAX_ROWS:
            raise unreadable(place, number, "too_many_rows", most=MAX_ROWS)
        if not any(cell.value for cell in same):
            continue
        if len(row) > MAX_COLUMNS and row[MAX_COLUMNS].value is not None:
            raise unreadable(place, number, "too_many_columns", most=MAX_COLUMNS)
        filled += 1
        pairs = enumerate(zip(row[:MAX_COLUMNS], same, strict=False))
        spoilt = [Flaw(number, at, *told) for at, each in pairs if (told := _flaw(*each))]
        flaws += spoilt
        cells = [_text(cell) for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells or spoilt:
            yield number, tuple(cells)


def _flaw(cell: Any, formula: Any) -> tuple[str, str, bool] | None:
    if cell.value is None:  # with the type "str": calculated, to nothing
        lost = formula.value is not None and cell.data_type != "str"
        return ("not_calculated", "", True) if lost else None
    if cell.data_type == "e":
        return "cell_error", str(cell.value), True
    if _is_number(cell.value) and shown(cell.value, cell.number_format) is None:
        return "number_format", cell.number_format, False
    return None


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if _is_number(value):
        return shown(value, cell.number_format) or plain(value)
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return from_xml(str(value))


def workbook(title: str, rows: Iterable[Sequence[str]], widths: Sequence[int]) -> bytes:
    """A workbook of one sheet, its first row frozen; the same rows give the same bytes."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    for row in rows:
        sheet.append([to_xml(cell) or None for cell in row])
    made = BytesIO()
    book.save(made)
    return _without_the_time(made.getvalue())


def _without_the_time(data: bytes) -> bytes:
    made = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(data)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", part)
            new.writestr(zipfile.ZipInfo(name, THE_DAY), part, zipfile.ZIP_DEFLATED)
    return made.getvalue()
