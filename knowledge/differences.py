"""What changed from one version to another, for people: part by part, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from knowledge.parts import Body, Part

AROUND = 2  # unchanged lines shown before and after a change


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Line:
    mark: str  # "+" added, "-" removed, " " as before
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`field` is a path such as `answer.en` or `support.hours`."""

    field: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Change:
    part: Part
    what: What
    fields: tuple[FieldChange, ...]


def differences(
    before: Mapping[Part, Body | None], after: Mapping[Part, Body | None]
) -> list[Change]:
    """Of the parts in either; equal ones are left out."""
    found = (_change(part, before.get(part), after.get(part)) for part in sorted({*before, *after}))
    return [change for change in found if change.fields]


def _change(part: Part, before: Body | None, after: Body | None) -> Change:
    old, new = _fields(before), _fields(after)
    names = dict.fromkeys((*old, *new))
    changed = (FieldChange(name, _lines(old.get(name, ()), new.get(name, ()))) for name in names)
    what = What.ADDED if before is None else What.REMOVED if after is None else What.CHANGED
    return Change(part, what, tuple(change for change in changed if change.lines))


def _fields(body: Body | None) -> dict[str, tuple[str, ...]]:
    return dict(_flattened("", body)) if body is not None else {}


def _flattened(name: str, value: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flattened(f"{name}.{key}".lstrip("."), part)
    elif isinstance(value, list) and all(isinstance(each, dict) and "id" in each for each in value):
        for each in value:
            yield from _flattened(f"{name}.{each['id']}".lstrip("."), each)
    elif isinstance(value, list):
        yield name, tuple(_line(each) for each in value)
    elif value is not None:
        yield name, tuple(_line(value).splitlines())


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_line(part)}" for key, part in value.items() if part != [])
    if isinstance(value, list):
        return ", ".join(map(_line, value))
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)


def _lines(before: Sequence[str], after: Sequence[str]) -> tuple[Line, ...]:
    if before == after:
        return ()
    lines: list[Line] = []
    for group in SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(AROUND):
        if lines:
            lines.append(Line(" ", "…"))
        for what, i1, i2, j1, j2 in group:
            if what == "equal":
                lines += [Line(" ", text) for text in before[i1:i2]]
                continue
            lines += [Line("-", text) for text in before[i1:i2]]
            lines += [Line("+", text) for text in after[j1:j2]]
    return tuple(lines)
