"""What an import would leave wrong in the knowledge base: `check` on all of it, taken together."""

from dataclasses import replace
from datetime import datetime

from knowledge.check import check
from knowledge.entry import Problem, Severity
from knowledge.files import Content
from knowledge.interchange.found import at_its_row
from knowledge.interchange.reading import Import

NOTHING = Import((), ())


def checked(made: Import, content: Content, now: datetime) -> Import:
    """The import with the errors that it would bring; with one of them it has no entries."""
    errors = [each for each in brought(made, content, now) if each.severity is Severity.ERROR]
    return Import((), (*errors, *made.problems)) if errors else made


def brought(made: Import, content: Content, now: datetime) -> list[Problem]:
    """What `check` finds that it does not find without the import, errors first."""
    changed = {change.part.id for change in made.diff(content.entries)}
    if not changed:
        return []
    known = {_said(problem) for problem in check(_with(NOTHING, content), now, changed)}
    found = check(_with(made, content), now, changed)
    return [_placed(problem, made) for problem in found if _said(problem) not in known]


def _said(problem: Problem) -> tuple[str, str]:
    """Wherever it stands, and whatever it points at stands."""
    return problem.entry, problem.message.replace(str(problem.values.get("place", "")), "")


def _with(made: Import, content: Content) -> Content:
    entries = {each.id: each for each in (*content.entries, *made.entries)}
    here = {each.id for each in made.entries}
    places = {path: place for path, place in content.places.items() if path[0] not in here}
    ordered = tuple(entries[each] for each in sorted(entries))
    return replace(content, entries=ordered, places={**places, **made.places})


def _placed(problem: Problem, made: Import) -> Problem:
    language = problem.message.partition(":")[0].removeprefix("answer.")
    place = made.places.get((problem.entry, "answer", language))
    in_a_row = place and problem.code == "fault" and problem.entry in made.in_rows
    return at_its_row(problem, place.line) if place and in_a_row else problem
