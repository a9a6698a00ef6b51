"""Two people changed the same text: what both did, field by field, and where they clash."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.parts import Body

Keys = tuple[str, ...]
ABSENT: Any = object()
NAMES = ("id", "question")  # what tells the elements of a list apart


@dataclass(frozen=True, slots=True)
class Clash:
    """A place that both changed, each in another way; None where one of them removed it."""

    path: Keys
    before: Body | None
    ours: Body | None
    theirs: Body | None


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes together; where they clash, ours."""

    body: Body
    clashes: tuple[Clash, ...] = field(default=())


def merge(before: Body | None, ours: Body | None, theirs: Body | None) -> Merged:
    """`before` is what both began from; None stands for a part that is not there."""
    clashes: list[Clash] = []
    first, second, third = (ABSENT if body is None else body for body in (before, ours, theirs))
    body = _merged((), first, second, third, clashes)
    return Merged(_shown(body), tuple(clashes))


def _merged(path: Keys, before: Body, ours: Body, theirs: Body, clashes: list[Clash]) -> Body:
    if ours == theirs or theirs == before:
        return ours
    if ours == before:
        return theirs
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return _by_key(path, before if isinstance(before, dict) else {}, ours, theirs, clashes)
    if isinstance(ours, list) and isinstance(theirs, list):
        known = before if isinstance(before, list) else []
        old, mine, yours = (_by_name(each) for each in (known, ours, theirs))
        if old is not None and mine is not None and yours is not None:
            return list(_by_key(path, old, mine, yours, clashes).values())
        if _same_title(known, ours, theirs) and _plain([*known, *ours, *theirs]):
            return _both(known, ours, theirs)
    clashes.append(Clash(path, *(_shown(each) for each in (before, ours, theirs))))
    return ours


def _by_key(
    path: Keys,
    before: Mapping[str, Any],
    ours: Mapping[str, Any],
    theirs: Mapping[str, Any],
    clashes: list[Clash],
) -> dict[str, Any]:
    def of(each: Mapping[str, Any]) -> Any:
        return each.get(key, ABSENT)

    found = {}
    for key in dict.fromkeys((*ours, *theirs)):
        found[key] = _merged((*path, key), of(before), of(ours), of(theirs), clashes)
    return {key: value for key, value in found.items() if value is not ABSENT}


def _by_name(elements: Sequence[Any]) -> dict[str, Any] | None:
    """The elements by what they are called; None when not all have a name of their own."""
    for name in NAMES:
        named = {each[name]: each for each in elements if isinstance(each, dict) and name in each}
        if len(named) == len(elements):
            return named
    return None


def _plain(elements: Sequence[Any]) -> bool:
    return all(isinstance(each, Hashable) for each in elements)


def _same_title(before: list[Any], ours: list[Any], theirs: list[Any]) -> bool:
    """The first question is the title: both may not have chosen another one."""
    return ours[:1] in (before[:1], theirs[:1]) or theirs[:1] == before[:1]


def _both(before: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any]:
    """Without what either removed, with what either added; in the order of who moved the first."""
    moved = ours[:1] == before[:1] != theirs[:1]
    first, second = (theirs, ours) if moved else (ours, theirs)
    kept = [each for each in first if each in second or each not in before]
    return [*kept, *_added(before, second, kept)]


def _added(before: list[Any], elements: list[Any], kept: list[Any]) -> Iterator[Any]:
    return (each for each in elements if each not in before and each not in kept)


def _shown(value: Body) -> Body | None:
    return None if value is ABSENT else value
