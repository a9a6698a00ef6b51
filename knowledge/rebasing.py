"""Drafts on top of what was published since they were begun."""

from collections.abc import Sequence

from knowledge import drafts, versions
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
) -> tuple[dict[Part, Body | None], list[Problem]]:
    """The drafts with what was published since they were begun, and where that clashes."""
    bodies: dict[Part, Body | None] = {}
    clashes: list[Problem] = []
    for draft in found:
        ours = None if draft.archived else draft.body
        if draft.base_version == base:
            bodies[draft.part] = ours
            continue
        before, theirs = (
            versions.bodies_of(connection, number, [draft.part]).get(draft.part)
            for number in (draft.base_version, base)
        )
        merged = merge(before, ours, theirs)
        bodies[draft.part] = merged.body
        clashes += [_problem(draft.part, clash) for clash in merged.clashes]
    return bodies, clashes


def _problem(part: Part, clash: Clash) -> Problem:
    what = ".".join(clash.path) or "it"
    said = f"{what} was changed by somebody else and published; open the draft and choose."
    return Problem("", 0, said, entry=part.id if part.kind is Kind.ENTRY else str(part))
