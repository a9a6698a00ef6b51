"""Entries as a file: the same entries give the same bytes, and our own formats lose nothing."""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO, StringIO
from itertools import count
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from knowledge.answers import render_texts
from knowledge.entry import Entry
from knowledge.files import Content
from knowledge.interchange.cells import to_services_cell
from knowledge.interchange.folder import files_of
from knowledge.interchange.found import Origin
from knowledge.interchange.markup import literal, said_literally
from knowledge.interchange.ours import rows_of
from knowledge.interchange.workbook import MOST_CHARACTERS, THE_DAY, workbook
from knowledge.interchange.yaml_text import yaml_of
from knowledge.policy import SupportPolicy
from knowledge.preparing import today
from knowledge.yaml_source import MAX_BYTES

SERVICES_COLUMNS = (
    *("Question", "Answer", "Source", "Metadata"),
    *("SuggestedQuestions", "IsContextOnly", "Prompts", "QnaId"),
)
WIDTHS = (24, 14, 14, 12, 8, 24, 12, 12, 14, 14, 10, 60, 80)
ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".zip": "zip", ".csv": "csv", ".xlsx": "xlsx"}
ENDINGS |= {".tsv": "cqa-tsv"}
QNA_ID = re.compile(r"[1-9][0-9]{0,9}")

Spoken = tuple[str, str]  # an entry's id, and a language in which it answers
Origins = Mapping[Spoken, Origin]


class CannotHold(Exception):
    """The format has no room for these entries; the message says what to use instead."""


def write(format: str, entries: Sequence[Entry]) -> bytes:
    """The file in one of FORMATS; raises CannotHold.

    `cqa-tsv` is for Custom Question Answering and has a row for each question, a pair for each
    language. It cannot hold templates (they are written as they stand; `filled` puts the values
    in), tabs, carriage returns, a written `\\n`, space around a text, valid days, labels, routes.
    """
    return FORMATS[format](entries)


def export(format: str, content: Content, now: datetime, origins: Iterable[Origin] = ()) -> bytes:
    """All entries, in force or not; for another service those that answer at that moment, with
    what they say then, under what it called them. Raises CannotHold, AnswerError."""
    if format != "cqa-tsv":
        return write(format, content.entries)
    entries = list(filled(today(content, now).entries, content.policy, now))
    return _cqa_tsv(entries, origins)


def filled(entries: Iterable[Entry], policy: SupportPolicy, now: datetime) -> Iterator[Entry]:
    """The entries with answers as they read at that moment, for a reader who fills in no values.

    Raises AnswerError.
    """
    for entry in entries:
        answer = {
            language: f"{literal(render_texts(entry.answer, language, policy, now))}\n"
            for language in entry.answer
        }
        yield entry.model_copy(update={"answer": answer})


def _yaml(entries: Sequence[Entry]) -> bytes:
    data = yaml_of(entries).encode()
    if len(data) > MAX_BYTES:
        raise CannotHold("This is too much for one YAML file; use zip, a file for each topic.")
    return data


def _zip(entries: Sequence[Entry]) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, text in sorted(files_of({}, entries, lambda entry: entry.topic).items()):
            archive.writestr(ZipInfo(f"entries/{name}", THE_DAY), text, ZIP_DEFLATED)
    return made.getvalue()


def _csv(entries: Sequence[Entry]) -> bytes:
    """With the mark that makes Excel read UTF-8."""
    made = StringIO(newline="")
    csv.writer(made).writerows(rows_of(entries))
    if "\0" in made.getvalue():
        raise CannotHold("There is a NUL character in a text, which CSV cannot hold; use yaml.")
    return made.getvalue().encode("utf-8-sig")


def _xlsx(entries: Sequence[Entry]) -> bytes:
    for entry in entries:
        for language, answer in entry.answer.items():
            if len(answer) >= MOST_CHARACTERS:
                said = f"The answer of {entry.id} in {language} is too long for a cell; use csv."
                raise CannotHold(said)
    return workbook("entries", rows_of(entries), WIDTHS)


def _cqa_tsv(entries: Sequence[Entry], origins: Iterable[Origin] = ()) -> bytes:
    known = {(each.entry_id, each.language): each for each in origins}
    lines = ["\t".join(SERVICES_COLUMNS), *_services_rows(entries, known)]
    return "".join(f"{line}\n" for line in lines).encode()


def _services_rows(entries: Sequence[Entry], origins: Origins) -> Iterator[str]:
    pairs = [(entry, language) for entry in entries for language in entry.answer]
    numbers = _numbers([(entry.id, language) for entry, language in pairs], origins)
    titles = {entry.id: entry for entry in entries}
    for entry, language in pairs:
        questions = entry.questions.get(language) or (entry.title(language),)
        origin = origins.get((entry.id, language))
        shared = (
            _one_line(said_literally(entry.answer[language]).strip()),
            (origin and _one_line(origin.source)) or "Editorial",
            _metadata(entry, language, origin.metadata if origin else {}),
            "[]",
            "False",
            _prompts(entry, language, titles, numbers),
            str(numbers[entry.id, language]),
        )
        for question in questions:
            yield "\t".join(to_services_cell(cell) for cell in (_one_line(question), *shared))


def _numbers(pairs: Sequence[Spoken], origins: Origins) -> Mapping[Spoken, int]:
    """The QnaId that each had, where it is a number and nobody's before; new ones come after."""
    numbers: dict[Spoken, int] = {}
    taken: set[int] = set()
    for pair in pairs:
        key = origins[pair].key if pair in origins else ""
        if QNA_ID.fullmatch(key) and int(key) not in taken:
            numbers[pair] = int(key)
            taken.add(int(key))
    free = count(max(taken, default=0) + 1)
    return numbers | {pair: next(free) for pair in pairs if pair not in numbers}


def _one_line(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "\\n".join(text.split("\n"))


def _metadata(entry: Entry, language: str, more: Mapping[str, str]) -> str:
    told = {
        **more,
        "topic": entry.topic,
        "entry": entry.id,
        "language": language,
        "owner": entry.owner,
        "review_by": entry.review_by.isoformat(),
        "needs_account": str(entry.needs_account).lower(),
    }
    return " | ".join(f"{key}:{value}" for key, value in told.items())


def _prompts(
    entry: Entry,
    language: str,
    there: Mapping[str, Entry],
    numbers: Mapping[Spoken, int],
) -> str:
    """In the same language; where the other entry lacks it, there is nothing to lead to."""
    leading = [each for each in entry.follow_ups if (each, language) in numbers]
    prompts = [
        {
            "DisplayOrder": order,
            "QnaId": numbers[each, language],
            "Qna": None,
            "DisplayText": there[each].title(language),
        }
        for order, each in enumerate(leading)
    ]
    return json.dumps(prompts, ensure_ascii=False, separators=(",", ":"))


FORMATS: Mapping[str, Callable[[Sequence[Entry]], bytes]] = {
    "yaml": _yaml,
    "zip": _zip,
    "csv": _csv,
    "xlsx": _xlsx,
    "cqa-tsv": _cqa_tsv,
}
