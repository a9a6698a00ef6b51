"""Golden questions: what customers may ask, and the entries that answer it."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.text import language_of

COLUMNS = ("question", "language", "expected")


class CasesError(Exception):
    """The file of questions cannot be used; the text names the file and the row."""


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the entries that answer it; none of them: it is out of scope."""

    question: str
    language: str
    expected: tuple[str, ...] = ()


def read_cases(path: Path) -> list[Case]:
    """Rows of `question,language,expected`; several ids in `expected` are separated by `|`.

    An empty language is told from the question. Rows are numbered as a spreadsheet shows them.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return _cases(csv.DictReader(file, strict=True), path)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CasesError(f"{path}: cannot be read: {error}") from error


def _cases(rows: "csv.DictReader[str]", path: Path) -> list[Case]:
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise CasesError(f"{path}: row 1: the column {' and '.join(missing)} is missing")
    cases = [_case(row, f"{path}: row {number}") for number, row in enumerate(rows, start=2)]
    if not cases:
        raise CasesError(f"{path}: there is no question in it")
    return cases


def _case(row: dict[str, Any], where: str) -> Case:
    if None in row or None in row.values():
        raise CasesError(f"{where}: has not exactly the columns of row 1")
    question = row["question"].strip()
    if not question:
        raise CasesError(f"{where}: the question is empty")
    expected = tuple(part.strip() for part in row["expected"].split("|") if part.strip())
    return Case(question, row["language"].strip() or language_of(question) or "", expected)
