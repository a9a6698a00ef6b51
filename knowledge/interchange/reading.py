"""A file of any kind that is known, read: what it would make of the knowledge base."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from os.path import commonpath
from typing import Any

from knowledge.differences import Change, differences
from knowledge.entry import Entry, KnowledgeError, Place, Problem, Severity
from knowledge.interchange.archive import is_workbook, is_zip, unpacked
from knowledge.interchange.composing import Composing, Defaults
from knowledge.interchange.encodings import decoded
from knowledge.interchange.found import (
    MAX_BYTES,
    MAX_FILES,
    MAX_UNPACKED,
    Found,
    Origin,
    Suggestion,
    unreadable,
)
from knowledge.interchange.ours import read_ours
from knowledge.interchange.plain import read_plain
from knowledge.interchange.rasa import Rasa, is_rasa
from knowledge.interchange.services import read_services_table, read_settings, read_synonyms
from knowledge.interchange.services_json import read_services_json
from knowledge.interchange.tables import Table, sound, table_of_text, tables_of_workbook
from knowledge.parts import Kind, Part
from knowledge.values import LANGUAGES
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source, read_yaml

MIB = 1024 * 1024
OLD_OFFICE = b"\xd0\xcf\x11\xe0"
NO_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")
OF_A_FOLDER = re.compile(r"(?:^|/)entries/[^/]+\.ya?ml$")
LIKE_YAML = re.compile(r"(?:---\s*|-(?:\s.*)?|[\w.]+\s*:(?:\s.*)?)")
BESIDES = {"partner", "messages", "common_questions", "en", "zh"}
"""Keys by which the other files of a content folder are known."""


@dataclass(frozen=True)
class Import:
    """What a file would make of the knowledge base; nothing has been changed.

    With an error among the problems there are no entries: all of a file, or nothing.
    """

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    suggestions: tuple[Suggestion, ...] = ()
    origins: tuple[Origin, ...] = ()
    places: Mapping[Keys, Place] = field(default_factory=dict)
    """Where the parts of the entries stand, as a content has it."""
    in_rows: Collection[str] = ()
    """The entries whose places are rows of a table."""

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def diff(self, existing: Sequence[Entry]) -> list[Change]:
        """What would be added and what changed, field by field; an import removes nothing."""
        ids = {entry.id for entry in self.entries}
        return differences(
            _parts(each for each in existing if each.id in ids), _parts(self.entries)
        )


def read(
    name: str,
    data: bytes,
    base: Sequence[Entry] = (),
    languages: Sequence[str] = LANGUAGES,
    *,
    owner: str,
    review_by: date,
    language: str = "",
) -> Import:
    """The file as entries on top of `base`; what it is is told from what it holds.

    `owner` and `review_by` are for entries that come without; `language` is that of every text,
    and is told from each text when empty. Short enough for a worker thread, never for the loop.
    """
    defaults = Defaults(lambda topic: owner, review_by, language)
    return read_files({name: data}, base, languages, defaults)


def read_files(
    files: Mapping[str, bytes], base: Sequence[Entry], languages: Sequence[str], defaults: Defaults
) -> Import:
    """Several files, a folder of YAML for instance, as one import."""
    found = Found()
    looking = _Looking(found)
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_UNPACKED:
        most = MAX_UNPACKED // MIB
        found.refuse(next(iter(files)), 1, "too_much", files=MAX_FILES, most=most)
    else:
        for name, data in looking.entries_of(commonpath(files), files).items():
            looking.at(name, data)
        looking.done()
    composing = Composing(found, base, languages, defaults)
    entries = composing.entries()
    if not (entries or found.problems or composing.suggestions):
        found.refuse(next(iter(files), ""), 1, "nothing_found")
    problems = tuple(sorted(found.problems, key=_order))
    if any(problem.severity is Severity.ERROR for problem in problems):
        return Import((), problems)
    return Import(
        entries,
        problems,
        tuple(composing.suggestions),
        tuple(composing.origins.values()),
        composing.places,
        composing.in_rows,
    )


def _order(problem: Problem) -> tuple[Severity, str, int]:
    return problem.severity, problem.file, problem.line


def _parts(entries: Iterator[Entry] | Sequence[Entry]) -> dict[Part, Any]:
    return {Part(Kind.ENTRY, each.id): each.model_dump(mode="json") for each in entries}


class _Looking:
    """Tells each file's kind and has it read; a file that cannot be read does not hide the next."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._rasa = Rasa()

    def at(self, name: str, data: bytes) -> None:
        try:
            self._file(name, data)
        except KnowledgeError as error:
            self._found.problems.extend(error.problems)

    def entries_of(self, name: str, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Those that hold the entries, where the files are a content folder; else all."""
        ours = {each: data for each, data in files.items() if OF_A_FOLDER.search(each)}
        if ours and len(ours) < len(files):
            self._found.warn(name, 1, "only_entries")
        return ours or files

    def done(self) -> None:
        self._rasa.give(self._found)

    def _file(self, name: str, data: bytes) -> None:
        if len(data) > MAX_BYTES:
            raise unreadable(name, 1, "too_large", most=f"{MAX_BYTES // MIB} MiB")
        if not data.strip():
            raise unreadable(name, 1, "file_empty")
        if is_zip(data):
            self._zip(name, data)
        elif data.startswith(OLD_OFFICE):
            raise unreadable(name, 1, "old_office")
        elif data.startswith(NO_TEXT):
            raise unreadable(name, 1, "other_kind")
        else:
            self._text(name, decoded(name, data))

    def _zip(self, name: str, data: bytes) -> None:
        if is_workbook(data):
            self._workbook(name, tables_of_workbook(name, data))
            return
        members = dict(unpacked(name, data))
        for member, content in self.entries_of(name, members).items():
            if is_zip(content) and not is_workbook(content):
                self._found.refuse(member, 1, "zip_in_zip")
            elif "UnstructuredContent/" in member:
                self._found.warn(member, 1, "no_pairs")
            else:
                self.at(member, content)

    def _workbook(self, name: str, tables: Sequence[Table]) -> None:
        left = [table for table in tables if not self._table(table)]
        if len(left) == len(tables):
            raise unreadable(left[0].file if left else name, 1, "no_header")
        for table in left:
            self._found.warn(table.file, 1, "sheet_left")

    def _text(self, name: str, text: str) -> None:
        start = next((line for line in text.splitlines() if _says_something(line)), "")
        if start.startswith(("{", "[")):
            read_services_json(name, _json(name, text), self._found)
        elif table := table_of_text(name, text):
            self._table(table)
        elif LIKE_YAML.fullmatch(start):
            self._yaml(read_yaml(text.encode(), name))
        else:
            raise unreadable(name, 1, "no_header")

    def _table(self, table: Table) -> bool:
        readers: tuple[tuple[bool, Callable[[Table, Found], None]], ...] = (
            (table.is_ours, read_ours),
            (table.is_of_the_services, read_services_table),
            (table.is_synonyms, read_synonyms),
            (table.is_settings, read_settings),
            (table.is_plain, read_plain),
        )
        for fits, reader in readers:
            if fits:
                reader(sound(table, self._found), self._found)
                return True
        return False

    def _yaml(self, source: Source) -> None:
        self._found.problems.extend(source.problems)
        if is_rasa(source.data):
            self._rasa.read(source, self._found)
        elif isinstance(source.data, list):
            self._found.entries.extend(_one_by_one(source))
        elif isinstance(source.data, dict) and not BESIDES.isdisjoint(source.data):
            self._found.warn(source.file, 1, "only_entries")
        elif not source.problems:
            raise unreadable(source.file, 1, "other_yaml")


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = {"detail": error.msg, "column": error.colno}
        raise unreadable(name, error.lineno, "no_json", **where) from None
    except (ValueError, RecursionError):
        raise unreadable(name, 1, "json_nested") from None


def _one_by_one(source: Source) -> Iterator[Source]:
    """Each entry with its own lines: to look for them among all lines would take the square."""
    lines: defaultdict[str | int, dict[Keys, int]] = defaultdict(lambda: {(): 1})
    for path, line in source.lines.items():
        if path:
            lines[path[0]][0, *path[1:]] = line
    for number, data in enumerate(source.data):
        yield Source(source.file, [data], lines[number], [])
