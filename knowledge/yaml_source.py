"""YAML as editors mean it: plain data, the line of every value, and no surprises.

Only JSON's types exist: `no` is a word, 10:00 a text, 12.00 a text that keeps its zeros. Keys are
text and stand once; anchors, aliases and tags are refused, so nothing can grow or run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from knowledge.entry import Problem

Path = tuple[str | int, ...]

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
SENTENCES = {
    "too_large": "The file is larger than {most}; split it.",
    "not_utf8": "This is not UTF-8; save the file as UTF-8.",
    "no_yaml": "This is not valid YAML: {detail}.",
    "yaml_character": "There is a character here that a YAML file cannot hold; remove it.",
    "yaml_nested": "This is nested more than {most} deep; make it flatter.",
    "yaml_documents": "A second document starts here; keep one to a file.",
    "yaml_anchor": "&{name} and *{name} are not read; write it out.",
    "yaml_tag": "The tag {tag} is not read; remove it.",
    "yaml_key": "A key must be a plain word.",
    "key_twice": "{name} stands here a second time; keep one of them.",
}
# libyaml reads ten times as fast; a build of PyYAML without it still reads the same.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says, and on which line each value of it starts."""

    file: str
    data: Any
    lines: dict[Path, int]
    problems: list[Problem]

    def line(self, path: Path) -> int:
        """The line of the value at the path, or of the nearest thing around it."""
        path = self.nearest(path)
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]

    def nearest(self, path: Path) -> Path:
        """The path without the steps that lead nowhere in the data."""
        found: Path = ()
        value = self.data
        for step in path:
            there = value if isinstance(value, dict) else range(_length(value))
            if step in there:
                found, value = (*found, step), value[step]
        return found


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def read_yaml(text: bytes, file: str) -> Source:
    """Reads one document; what is wrong with it is in `problems`, all at once where possible."""
    reading = _Reading(file)
    if len(text) > MAX_BYTES:
        return reading.refused(1, "too_large", most=f"{MAX_BYTES // 1024} KiB")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        return reading.refused(text.count(b"\n", 0, error.start) + 1, "not_utf8")
    return reading.read(text)


@dataclass
class _Reading:
    """One pass over the events of a document."""

    file: str
    lines: dict[Path, int] = field(default_factory=lambda: {(): 1})
    problems: list[Problem] = field(default_factory=list)

    def read(self, text: bytes) -> Source:
        data = None
        try:
            loader = Loader(text)
            try:
                data = self._document(iter(loader.get_event, None))
            finally:
                loader.dispose()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            detail = error.problem or error.context
            self._refuse(mark.line + 1 if mark else 1, "no_yaml", detail=detail)
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0) or 0
            self._refuse(text.count(b"\n", 0, position) + 1, "yaml_character")
        except _TooDeepError as error:
            self._refuse(error.line, "yaml_nested", most=MAX_DEPTH)
        return Source(self.file, data, self.lines, self.problems)

    def refused(self, line: int, code: str, /, **values: object) -> Source:
        """Nothing of it is read."""
        self._refuse(line, code, **values)
        return Source(self.file, None, self.lines, self.problems)

    def _refuse(self, line: int, code: str, /, **values: object) -> None:
        self.problems.append(Problem.of(SENTENCES, code, self.file, line, **values))

    def _document(self, events: Iterator[Any]) -> Any:
        data: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and event.start_mark:
                documents += 1
                if documents == 2:
                    self._refuse(event.start_mark.line + 1, "yaml_documents")
            elif isinstance(event, yaml.NodeEvent):
                value = self._value(event, events, ())
                data = value if documents == 1 else data
        return data

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(path, line)
        if len(path) > MAX_DEPTH:
            raise _TooDeepError(line)
        if event.anchor is not None:
            self._refuse(line, "yaml_anchor", name=event.anchor)
        if isinstance(event, yaml.AliasEvent):
            return None
        if event.tag is not None:
            self._refuse(line, "yaml_tag", tag=event.tag)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _scalar(self, event: Any, path: Path) -> str | int | bool | None:
        if event.style in ("|", ">"):
            # A block's text starts on the line below its mark.
            self.lines[path] = event.start_mark.line + 2
        if event.style or not event.implicit[0]:
            return str(event.value)
        if event.value in WORDS:
            return WORDS[event.value]
        return int(event.value) if WHOLE_NUMBER.fullmatch(event.value) else str(event.value)

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            values.append(self._value(event, events, (*path, len(values))))
        return values

    def _mapping(self, events: Iterator[Any], path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event, events, path)
            if key in values:
                self._refuse(line, "key_twice", name=key)
            else:
                self.lines[*path, key] = line
            value = self._value(next(events), events, (*path, key))
            values.setdefault(key, value)
        return values

    def _key(self, event: Any, events: Iterator[Any], path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent) and event.tag is None and event.anchor is None:
            return str(event.value)
        line = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            self._value(event, events, (*path, "?"))
        self._refuse(line, "yaml_key")
        return "?"


class _TooDeepError(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line
