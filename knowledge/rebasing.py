"""Drafts on top of what was published since they were begun."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from knowledge import drafts, versions
from knowledge.check_said import SENTENCES
from knowledge.drafts import Draft
from knowledge.entry import Problem
from knowledge.merging import Clash, merge
from knowledge.parts import Body, Kind, Part
from storage.database import Connection


def chosen(connection: Connection, named: Sequence[tuple[Part, int]] | None) -> list[Draft]:
    still_open = drafts.all_open(connection)
    if named is None:
        return still_open
    known = {(draft.part, draft.revision): draft for draft in still_open}
    found = (known.get(each) or drafts.revision(connection, *each) for each in named)
    return [draft for draft in found if draft]


def brought_up(
    connection: Connection, found: Sequence[Draft], base: int
) -> tuple[dict[Part, Body | None], dict[Part, tuple[Clash, ...]]]:
    """The drafts with what was published since they were begun, and where that clashes."""
    bodies = {draft.part: None if draft.archived else draft.body for draft in found}
    behind = [draft for draft in found if draft.base_version != base]
    parts = [draft.part for draft in behind]
    numbers = {number for draft in behind for number in (draft.base_version, base)}
    said = {number: versions.bodies_of(connection, number, parts) for number in numbers}
    clashes: dict[Part, tuple[Clash, ...]] = {}
    for draft in behind:
        part, before = draft.part, said[draft.base_version]
        merged = merge(before.get(part), bodies[part], said[base].get(part))
        bodies[part] = merged.body
        if merged.clashes:
            clashes[part] = merged.clashes
    return bodies, clashes


def problems(clashes: Mapping[Part, Sequence[Clash]]) -> list[Problem]:
    return [_problem(part, clash) for part, each in clashes.items() for clash in each]


def _problem(part: Part, clash: Clash) -> Problem:
    code, field = ("clashes", ".".join(clash.path)) if clash.path else ("clashes_whole", "")
    entry = part.id if part.kind is Kind.ENTRY else str(part)
    return replace(Problem.of(SENTENCES, code, "", 0, field=field), entry=entry)
