"""The files of a content folder that hold no entries, brought to say what a content says."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from knowledge.entry import KnowledgeError
from knowledge.files import GOLDEN, MESSAGES, OUT_OF_SCOPE, POLICY, Content
from knowledge.golden import COLUMNS, Case, read_cases
from knowledge.interchange.yaml_text import yaml_of_mapping
from knowledge.parts import Body, Kind, Part
from knowledge.reading import Reading, languages_of, unplaced
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source, read_yaml

NAMES = {Kind.POLICY: POLICY, Kind.MESSAGES: MESSAGES, Kind.OUT_OF_SCOPE: OUT_OF_SCOPE}


def others_of(folder: Path, content: Content) -> dict[str, str | None]:
    """The files by name that say something else, as they are to be written; None: not at all.

    In a file only the values are written anew that differ, in their place; comments beside them
    stay. What a file does not say because it is usual is not added. A file that is not right is
    not written over: raises KnowledgeError, CasesError.
    """
    there = {kind: folder / name for kind, name in NAMES.items() if (folder / name).exists()}
    sources = {kind: read_yaml(path.read_bytes(), str(path)) for kind, path in there.items()}
    policy = sources.get(Kind.POLICY)
    spoken = languages_of(policy.data) if policy else content.policy.partner.languages
    found: dict[str, str | None] = {}
    for kind, name in NAMES.items():
        source = sources.get(kind) or unplaced({})
        wanted = content.part(Part(kind))
        told = _told(kind, source, spoken, content) if source.data or source.problems else {}
        if told != wanted:
            lines = there[kind].read_text("utf-8").splitlines(True) if kind in there else []
            found[name] = _brought(kind, source, lines, told, content)
    cases = folder / GOLDEN
    if (read_cases(cases) if cases.exists() else []) != list(content.golden):
        found[GOLDEN] = _golden(content.golden) if content.golden else None
    return found


def _brought(kind: Kind, source: Source, lines: Sequence[str], told: Body, content: Content) -> str:
    """The file's text with what it is to say; all of it anew where that is not simple."""
    said, wanted = _unusual(kind, content), content.part(Part(kind))
    whole = yaml_of_mapping(said)
    if not source.data or not wanted:
        return whole
    values = _Values(source.data, told, wanted, said)
    text = "".join(_Patch(source, lines).of((), values, (0, len(lines))))
    try:
        spoken = content.policy.partner.languages
        again = _told(kind, read_yaml(text.encode(), source.file), spoken, content)
    except KnowledgeError:
        return whole
    return text if again == wanted else whole


def _told(kind: Kind, source: Source, spoken: Sequence[str], content: Content) -> Body:
    """What the file says, with what is usual filled in."""
    reading = Reading(spoken)
    read = reading.others({kind: source})
    if reading.problems:
        raise KnowledgeError(reading.problems)
    return replace(content, **read).part(Part(kind))


def _unusual(kind: Kind, content: Content) -> Any:
    match kind:
        case Kind.POLICY:
            return content.policy.model_dump(mode="json", exclude_defaults=True)
        case Kind.MESSAGES:
            return content.messages.model_dump(mode="json", exclude_defaults=True)
        case _:
            return content.part(Part(kind))


@dataclass(frozen=True)
class _Values:
    """A mapping as it stands in a file and as that is meant, as it is to be meant and as that is
    written."""

    written: Mapping[str, Any]
    told: Mapping[str, Any]
    wanted: Mapping[str, Any]
    said: Mapping[str, Any]

    def same(self, key: str) -> bool:
        return bool(self.told.get(key) == self.wanted.get(key))

    def of(self, key: str) -> "_Values | None":
        """None where it is no mapping, or was none."""
        found = [each.get(key) for each in (self.written, self.told, self.wanted, self.said)]
        mappings = [each for each in found if isinstance(each, dict) and each]
        return _Values(*mappings) if len(mappings) == len(found) else None


@dataclass(frozen=True)
class _Patch:
    """Mappings as a file has them, key by key."""

    source: Source
    lines: Sequence[str]

    def of(self, path: Keys, values: _Values, span: tuple[int, int]) -> Iterator[str]:
        """The lines of a mapping, which stands on those of the span."""
        starts = [self._line((*path, key)) for key in values.written]
        ends = [*starts[1:], span[1]]
        indent = " " * (len(self.lines[starts[0]]) - len(self.lines[starts[0]].lstrip()))
        yield from self.lines[span[0] : starts[0]]
        tail: Sequence[str] = ()
        for key, start, end in zip(values.written, starts, ends, strict=True):
            yield from tail
            block, tail = _parted(self.lines[start:end], len(indent))
            deeper = values.of(key)
            if values.same(key):
                yield from block
            elif deeper and self._is_open((*path, key), deeper):
                yield from self.of((*path, key), deeper, (start, end - len(tail)))
            elif key in values.said:
                yield from _dumped(key, values.said[key], indent)
        for key in values.said:
            if key not in values.written and not values.same(key):
                yield from _dumped(key, values.said[key], indent)
        yield from tail

    def _is_open(self, path: Keys, values: _Values) -> bool:
        """Its keys have a line each."""
        lines = [self._line(path), *(self._line((*path, key)) for key in values.written)]
        return lines == sorted(set(lines))

    def _line(self, path: Keys) -> int:
        """Where the key stands; of a text under `|` the source names the line below."""
        line = self.source.lines[path] - 1
        has_key = re.match(rf"""\s*["']?{re.escape(str(path[-1]))}["']?\s*:""", self.lines[line])
        return line if has_key else line - 1


def _dumped(key: str, value: Any, indent: str) -> Iterator[str]:
    for line in yaml_of_mapping({key: value}).splitlines(keepends=True):
        yield line if line == "\n" else indent + line


def _parted(block: Sequence[str], indent: int) -> tuple[Sequence[str], Sequence[str]]:
    """What belongs to a value, and the empty lines and comments behind it; what looks like one and
    stands deeper is its text."""
    end = len(block)
    while end > 1 and (
        not block[end - 1].strip() or re.match(rf" {{0,{indent}}}#", block[end - 1])
    ):
        end -= 1
    return block[:end], block[end:]


def _golden(cases: Sequence[Case]) -> str:
    made = StringIO(newline="")
    rows = ((case.question, case.language, "|".join(case.expected)) for case in cases)
    csv.writer(made, lineterminator="\n").writerows((COLUMNS, *rows))
    return made.getvalue()
