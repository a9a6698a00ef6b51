"""QnA Maker and Custom Question Answering: their tables.

Rows with one QnaId are alternates of one pair. Prompts name other pairs by QnaId, in any order.
"""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.interchange.found import Found, Pair, Phrase, Synonyms
from knowledge.interchange.languages import language_named
from knowledge.interchange.tables import Table

METADATA_KEY = re.compile(r"[A-Za-z0-9_]{1,100}")
METADATA_VALUE = re.compile(r"[^:|]{1,500}")
OWN_SOURCES = ("", "editorial", "custom editorial")
FIELDS = ("owner", "review_by", "needs_account")


class CellError(Exception):
    """What a cell holds is not what its column is for: a code of the sentences, and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(slots=True)
class _Prompts:
    keys: tuple[Phrase, ...] = ()
    nested: bool = False


def read_services_table(table: Table, found: Found) -> None:
    pairs: dict[str, Pair] = {}
    for number, cells in table.rows:
        if len(cells) > len(table.header) and any(cells[len(table.header) :]):
            counts = {"cells": len(cells), "columns": len(table.header)}
            found.refuse(table.file, number, "extra_cells", **counts)
            continue
        pair = _row(table, number, cells, found)
        if pair is None:
            continue
        key = pair.key or "\0".join((pair.answers[0].text, pair.source, str(pair.metadata)))
        if first := pairs.get(key):
            if first.answers[0].text != pair.answers[0].text:
                found.refuse(table.file, number, "answer_differs", row=first.row)
            pairs[key] = _with_alternate(first, pair)
        else:
            pairs[key] = pair
    found.pairs.extend(pairs.values())


def _row(table: Table, number: int, cells: tuple[str, ...], found: Found) -> Pair | None:
    row = {name: table.cell(cells, name).strip() for name in table.names}
    row = {name: value for name, value in row.items() if value}
    for name in ("question", "answer"):
        if name not in row:
            found.refuse(table.file, number, "cell_empty", column=name.title())
            return None
    readers = {"metadata": _metadata, "prompts": _prompts, "suggestedquestions": _suggested}
    read: dict[str, Any] = {}
    for name, reader in readers.items():
        try:
            read[name] = reader(row.get(name, ""), number)
        except CellError as error:
            column = table.header[table.names.index(name)]
            found.refuse(table.file, number, error.code, column=column, **error.values)
            return None
    if row.get("iscontextonly", "").lower() in ("true", "1"):
        warn_of_context(table.file, number, found)
    prompts: _Prompts = read["prompts"]
    if prompts.nested:
        warn_of_nesting(table.file, number, found)
    return made(
        Pair(
            file=table.file,
            row=number,
            questions=(Phrase(_unescaped(row["question"]), number),),
            answers=(Phrase(_unescaped(row["answer"]), number),),
            key=row.get("qnaid", "").replace(",", ""),  # a sheet may show 1,234
            follow_ups=prompts.keys,
            source=row.get("source", ""),
            alternates=read["suggestedquestions"],
        ),
        read["metadata"],
    )


def made(pair: Pair, metadata: Mapping[str, str]) -> Pair:
    """With what its metadata says in words that an entry has."""
    language = language_named(metadata.get("language", ""))
    spoken = [
        tuple(Phrase(each.text, each.row, language) for each in phrases)
        for phrases in (pair.questions, pair.answers)
    ]
    return Pair(
        file=pair.file,
        row=pair.row,
        questions=spoken[0],
        answers=spoken[1],
        key=pair.key,
        follow_ups=pair.follow_ups,
        id=metadata.get("entry", ""),
        topic=metadata.get("topic") or metadata.get("category") or _topic_of(pair.source),
        fields={name: metadata[name] for name in FIELDS if name in metadata},
        source=pair.source,
        metadata=metadata,
        alternates=pair.alternates,
    )


def _with_alternate(first: Pair, second: Pair) -> Pair:
    return Pair(
        file=first.file,
        row=first.row,
        questions=(*first.questions, *second.questions),
        answers=first.answers,
        key=first.key,
        follow_ups=first.follow_ups or second.follow_ups,
        id=first.id or second.id,
        topic=first.topic or second.topic,
        fields={**second.fields, **first.fields},
        source=first.source,
        metadata={**second.metadata, **first.metadata},
        alternates=tuple(dict.fromkeys((*first.alternates, *second.alternates))),
    )


def warn_of_context(file: str, row: int, found: Found) -> None:
    found.warn(file, row, "context_only")


def warn_of_nesting(file: str, row: int, found: Found) -> None:
    found.warn(file, row, "prompt_nested")


def _topic_of(source: str) -> str:
    """`prices` of https://example.com/prices.html; nothing for what was typed in by hand."""
    if source.strip().lower() in OWN_SOURCES:
        return ""
    last = source.strip().rstrip("/").rpartition("/")[2].partition("?")[0]
    return last.rpartition(".")[0] or last


def _unescaped(text: str) -> str:
    return text.replace("\\r\\n", "\n").replace("\\n", "\n")


def _metadata(cell: str, row: int) -> dict[str, str]:
    """`key:value | key2:value2`, with spaces or without, or JSON: a list of names or a map."""
    if cell.startswith(("[", "{")):
        return metadata_of(_json(cell))
    pairs = (part.partition(":") for part in cell.split("|") if part.strip())
    return metadata_of({key.strip(): value.strip() for key, _, value in pairs})


def metadata_of(told: Any) -> dict[str, str]:
    if isinstance(told, list):
        told = {get(each, "name"): get(each, "value") for each in told}
    if not isinstance(told, dict):
        raise CellError("metadata")
    for key, value in told.items():
        if not isinstance(key, str) or not METADATA_KEY.fullmatch(key):
            raise CellError("metadata_key", name=shown(key))
        if not isinstance(value, str | int) or not str(value):
            raise CellError("metadata_value", name=key)
        if not METADATA_VALUE.fullmatch(str(value)):
            raise CellError("metadata_mark", name=key, value=shown(value))
    return {key.lower(): str(value).lower() for key, value in told.items()}


def _prompts(cell: str, row: int) -> _Prompts:
    return prompts_of(_json(cell) if cell else [], row)


def prompts_of(told: Any, row: int) -> _Prompts:
    if not isinstance(told, list) or not all(isinstance(each, dict) for each in told):
        raise CellError("prompts")
    ordered = sorted(told, key=_order)
    keys = tuple(
        Phrase(str(get(each, "qnaid")), row, label=str(get(each, "displaytext") or ""))
        for each in ordered
        if _is_id(each)
    )
    return _Prompts(keys, any(get(each, "qna") for each in told))


def _order(prompt: Mapping[str, Any]) -> int:
    order = get(prompt, "displayorder")
    return order if isinstance(order, int) else 0


def _is_id(prompt: Mapping[str, Any]) -> bool:
    """A prompt with an answer inside has 0, or none."""
    told = get(prompt, "qnaid")
    if isinstance(told, int) and told > 0:
        return True
    if get(prompt, "qna"):
        return False
    raise CellError("prompt_id", prompt=shown(get(prompt, "displaytext")))


def _suggested(cell: str, row: int) -> tuple[tuple[str, int], ...]:
    told = _json(cell) if cell else []
    if not isinstance(told, list):
        raise CellError("suggestions")
    clusters = (get(each, "alternatequestionlist") or [] for each in told)
    alternates = [each for cluster in clusters if isinstance(cluster, list) for each in cluster]
    return tuple(
        (question, count_of(each, "autosuggestedcount") + count_of(each, "usersuggestedcount"))
        for each in alternates
        if isinstance(question := get(each, "question"), str) and question.strip()
    )


def count_of(told: Any, name: str) -> int:
    count = get(told, name)
    return count if isinstance(count, int) else 0


def get(told: Any, name: str) -> Any:
    """The value under the name, however its letters are cased."""
    if not isinstance(told, dict):
        return None
    return next((value for key, value in told.items() if str(key).lower() == name), None)


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise CellError("cell_json", text=shown(cell)) from None


def shown(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def read_synonyms(table: Table, found: Found) -> None:
    """One column; each cell is itself a list with commas and quotes."""
    for number, cells in table.rows:
        line = ",".join(cell for cell in cells if cell)
        try:
            words = next(csv.reader([line], skipinitialspace=True, strict=True), [])
        except csv.Error:
            found.refuse(table.file, number, "synonym_quotes")
            continue
        group = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
        if len(group) > 1:
            found.synonyms.append(Synonyms(table.file, number, group))
        else:
            found.warn(table.file, number, "synonym_alone")


def read_settings(table: Table, found: Found) -> None:
    named = {cells[0].strip(): cells[1].strip() for _, cells in table.rows if len(cells) > 1}
    if answer := named.get("DefaultAnswerForKB"):
        found.warn(table.file, 1, "default_answer", answer=shown(answer))
