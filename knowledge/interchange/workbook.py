"""Sheets of an XLSX workbook as rows of text, and such a workbook made."""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from knowledge.entry import KnowledgeError
from knowledge.interchange.archive import bounded
from knowledge.interchange.cells import from_xml, to_xml
from knowledge.interchange.found import MAX_COLUMNS, MAX_ROWS, unreadable

LAST_ROW = 1_048_576  # Excel's
MOST_CHARACTERS = 32_767  # Excel's, in one cell
THE_DAY = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP knows
MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")

Rows = list[tuple[int, tuple[str, ...]]]


def sheets(name: str, data: bytes) -> list[tuple[str, Rows]]:
    """Every sheet by name with its numbered rows that hold something; raises KnowledgeError."""
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


def _sheets(name: str, data: bytes) -> Iterator[tuple[str, Rows]]:
    book = load_workbook(BytesIO(data), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the sheet says of its own size is not to be believed
            yield sheet.title, list(_rows(f"{name}, sheet {sheet.title}", sheet))
    finally:
        book.close()


def _rows(place: str, sheet: Any) -> Iterator[tuple[int, tuple[str, ...]]]:
    filled = 0
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), 1):
        if number > LAST_ROW or filled > MAX_ROWS:
            raise unreadable(place, number, "too_many_rows", most=MAX_ROWS)
        if not any(row):
            continue
        if len(row) > MAX_COLUMNS and row[MAX_COLUMNS] is not None:
            raise unreadable(place, number, "too_many_columns", most=MAX_COLUMNS)
        filled += 1
        cells = [_text(value) for value in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield number, tuple(cells)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
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
