"""The files of a content folder that hold no entries, brought to say what a content says."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any

from knowledge.files import GOLDEN, MESSAGES, OUT_OF_SCOPE, POLICY, Content
from knowledge.golden import COLUMNS, Case, CasesError, read_cases
from knowledge.interchange.yaml_text import yaml_of_mapping
from knowledge.parts import Body, Kind, Part
from knowledge.reading import Reading, languages_of, unplaced
from knowledge.yaml_source import Path as Keys
from knowledge.yaml_source import Source, read_yaml

NAMES = {Kind.POLICY: POLICY, Kind.MESSAGES: MESSAGES, Kind.OUT_OF_SCOPE: OUT_OF_SCOPE}


def others_of(folder: Path, content: Content) -> dict[str, str | None]:
    """The files by name that say something else, as they are to be written; None: not at all.

    In a file only the values are written anew that differ, in their place; comments beside them
    stay. What a file does not say because it is usual is not added.
    """
    changed = {name: _brought_to(kind, folder / name, content) for kind, name in NAMES.items()}
    found: dict[str, str | None] = {name: text for name, text in changed.items() if text}
    if _cases_in(folder / GOLDEN) != content.golden:
        found[GOLDEN] = _golden(content.golden) if content.golden else None
    return found


def _brought_to(kind: Kind, path: Path, content: Content) -> str:
    """Empty where the file says it already."""
    wanted = content.part(Part(kind))
    data = path.read_bytes() if path.exists() else b""
    source = read_yaml(data, path.name)
    told = _told(kind, source if data else unplaced({}), content)
    if told == wanted:
        return ""
    said = _unusual(kind, content)
    if not source.data or told is None or wanted is None:
        return yaml_of_mapping(said)
    lines = data.decode("utf-8").splitlines(keepends=True)
    values = _Values(source.data, told, wanted, said)
    text = "".join(_Patch(source, lines).of((), values, (0, len(lines))))
    again = _told(kind, read_yaml(text.encode(), path.name), content)
    return text if again == wanted else yaml_of_mapping(said)


def _told(kind: Kind, source: Source, content: Content) -> Body | None:
    """What the file says, with what is usual filled in; None where it cannot be read."""
    spoken = content.policy.partner.languages
    reading = Reading(languages_of(source.data) if kind is Kind.POLICY else spoken)
    read = reading.others({kind: source})
    return None if reading.problems else replace(content, **read).part(Part(kind))


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
            block, tail = _parted(self.lines[start:end])
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


def _parted(block: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """What belongs to a value, and the empty lines and comments behind it."""
    end = len(block)
    while end > 1 and (not block[end - 1].strip() or block[end - 1].lstrip().startswith("#")):
        end -= 1
    return block[:end], block[end:]


def _cases_in(path: Path) -> tuple[Case, ...] | None:
    try:
        return tuple(read_cases(path)) if path.exists() else ()
    except CasesError:
        return None


def _golden(cases: Sequence[Case]) -> str:
    made = StringIO(newline="")
    rows = ((case.question, case.language, "|".join(case.expected)) for case in cases)
    csv.writer(made, lineterminator="\n").writerows((COLUMNS, *rows))
    return made.getvalue()
