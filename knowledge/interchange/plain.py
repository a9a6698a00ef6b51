"""A plain table of questions and answers: English or Chinese headers, however its rows repeat."""

from collections.abc import Iterator, Mapping

from knowledge.interchange.cells import from_cell
from knowledge.interchange.found import Found, Pair, Phrase
from knowledge.interchange.languages import language_named
from knowledge.interchange.tables import Table, column_of

Cells = list[tuple[str, str, str]]  # column, language, text


def read_plain(table: Table, found: Found) -> None:
    """Rows with the same id, or the same answer, are one pair."""
    columns = [column_of(name) for name in table.names]
    unknown = [cell for cell, (column, _) in zip(table.header, columns, strict=True) if not column]
    if named := [cell for cell in unknown if cell.strip()]:
        found.warn(table.file, 1, "columns_left", columns=", ".join(named))
    pairs: dict[tuple[str, ...], Pair] = {}
    for number, row in table.rows:
        if len(row) > len(table.header) and any(cell.strip() for cell in row[len(table.header) :]):
            counts = {"cells": len(row), "columns": len(table.header)}
            found.refuse(table.file, number, "extra_cells", **counts)
            continue
        cells = [
            (column, language, from_cell(cell))
            for cell, (column, language) in zip(row, columns, strict=False)
            if column
        ]
        if pair := _pair(table.file, number, cells, found):
            key = _key(pair)
            pairs[key] = _joined(pairs[key], pair) if key in pairs else pair
    found.pairs.extend(pairs.values())


def _pair(file: str, row: int, cells: Cells, found: Found) -> Pair | None:
    values = {column: text.strip() for column, _, text in cells if text.strip()}
    language = language_named(values.get("language", ""))
    questions = tuple(
        Phrase(text, row, said or language)
        for column, said, cell in cells
        if column in ("question", "alternates")
        for text in _split(cell, column)
    )
    answers = tuple(
        Phrase(text, row, said or language)
        for column, said, text in cells
        if column == "answer" and text.strip()
    )
    for what, there in (("question", questions), ("answer", answers)):
        if not there:
            found.refuse(file, row, "cell_empty", column=what)
            return None
    fields: dict[str, object] = {
        name: values[name] for name in ("owner", "review_by") if name in values
    }
    name = values.get("id", "")
    return Pair(
        file=file,
        row=row,
        questions=questions,
        answers=answers,
        key=name,
        id=name if any(character.isalpha() for character in name) else "",
        topic=values.get("topic", ""),
        fields=fields,
    )


def _split(cell: str, column: str) -> Iterator[str]:
    text = cell.replace("|", "\n") if column == "alternates" else cell
    return (line.strip() for line in text.splitlines() if line.strip())


def _key(pair: Pair) -> tuple[str, ...]:
    return (pair.key,) if pair.key else (pair.topic, *(answer.text for answer in pair.answers))


def _joined(first: Pair, second: Pair) -> Pair:
    values: Mapping[str, object] = {**second.fields, **first.fields}
    known = {answer.text for answer in first.answers}
    answers = (*first.answers, *(each for each in second.answers if each.text not in known))
    return Pair(
        file=first.file,
        row=first.row,
        questions=(*first.questions, *second.questions),
        answers=answers,
        key=first.key,
        id=first.id,
        topic=first.topic or second.topic,
        fields=values,
    )
