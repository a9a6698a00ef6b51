"""Our own spreadsheet: one question a row, an entry's other values on the first of its rows.

It holds everything an entry has. Rows belong together by their id, in whatever order they stand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from knowledge.entry import Entry
from knowledge.interchange.cells import to_cell
from knowledge.interchange.found import IN_ROWS, Found
from knowledge.interchange.languages import language_named
from knowledge.interchange.tables import COLUMNS, Table
from knowledge.text import language_of
from knowledge.values import LANGUAGES
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source

FIELDS = COLUMNS[1:-3]
A_DAY = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})")
PLAIN = re.compile(r"[^\s|]([^|\n]*[^\s|])?")


def read_ours(table: Table, found: Found) -> None:
    missing = [name for name in COLUMNS if name not in table.names]
    needed = [name for name in ("id", "language", "owner", "topic") if name in missing]
    if needed:
        found.refuse(table.file, 1, "column_missing", column=needed[0])
        return
    entries: dict[str, _Rows] = {}
    for number, cells in table.rows:
        row = {name: table.cell(cells, name) for name in COLUMNS}
        if len(cells) > len(table.header):
            counts = {"cells": len(cells), "columns": len(table.header)}
            found.refuse(table.file, number, "extra_cells", **counts)
        elif not row["id"].strip():
            found.refuse(table.file, number, "cell_empty", column="id")
        else:
            entry_id = row["id"].strip()
            entries.setdefault(entry_id, _Rows(table.file, entry_id)).add(number, row, found)
    found.entries.extend(rows.source() for rows in entries.values())


class _Rows:
    """The rows of one entry, gathered to what YAML would say."""

    def __init__(self, file: str, entry_id: str) -> None:
        self.file = file
        self.data: dict[str, Any] = {"id": entry_id, "questions": {}, "answer": {}}
        self.lines: dict[Keys, int] = {}

    def add(self, number: int, row: Mapping[str, str], found: Found) -> None:
        self.lines.setdefault((0,), number)
        for name in FIELDS:
            if row[name].strip():
                self._set((name,), value_of(name, row[name]), number, found)
        question, answer = row["question"], row["answer"]
        if not question.strip() and not answer.strip():
            return
        language = language_named(row["language"]) or language_of(question or answer) or ""
        if not language:
            found.refuse(self.file, number, "cell_empty", column="language")
            return
        if answer.strip():
            self._set(("answer", language), answer, number, found)
        if question.strip():
            questions = self.data["questions"].setdefault(language, [])
            self.lines.setdefault((0, "questions", language), number)
            self.lines[0, "questions", language, len(questions)] = number
            questions.append(question)

    def _set(self, path: tuple[str, ...], value: object, number: int, found: Found) -> None:
        around = self.data if len(path) == 1 else self.data[path[0]]
        if around.setdefault(path[-1], value) != value:
            told = {"column": path[0], "row": self.lines[0, *path]}
            found.refuse(self.file, number, "says_otherwise", **told)
        self.lines.setdefault((0, *path), number)

    def source(self) -> Source:
        return Source(self.file, [self.data], {(): IN_ROWS, **self.lines}, [])


def value_of(name: str, text: str) -> object:
    """What a cell says of a field of an entry; a wrong text stays for the check of the entry."""
    kind = Entry.model_fields[name].default
    if isinstance(kind, tuple):
        return _listed(text)
    text = text.strip()
    if isinstance(kind, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if day := A_DAY.fullmatch(text):
        return f"{day[1]}-{int(day[2]):02}-{int(day[3]):02}"
    return text


def _listed(text: str) -> list[str]:
    if "\n" in text:
        return [each for each in text.split("\n") if each.strip()]
    return [each.strip() for each in text.split("|") if each.strip()]


def rows_of(entries: Sequence[Entry]) -> Iterator[tuple[str, ...]]:
    """The header and the rows, safe to open in a spreadsheet program."""
    yield COLUMNS
    for entry in entries:
        fields = tuple(_written(getattr(entry, name)) for name in FIELDS)
        for language in spoken_in(entry):
            answer = entry.answer.get(language, "")
            for question in entry.questions.get(language, ("",)):
                texts = (entry.id, *fields, language, question, answer)
                yield tuple(map(to_cell, texts))
                fields, answer = ("",) * len(fields), ""


def spoken_in(entry: Entry) -> list[str]:
    """The languages of an entry, always in the same order."""
    spoken = {*entry.questions, *entry.answer}
    return [*(each for each in LANGUAGES if each in spoken), *sorted(spoken - {*LANGUAGES})]


def _written(value: object) -> str:
    if isinstance(value, tuple):
        plain = all(PLAIN.fullmatch(each) for each in value)
        return " | ".join(value) if plain else "".join(f"{each}\n" for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
