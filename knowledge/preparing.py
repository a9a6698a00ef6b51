"""What a publish would do, found out before anybody sees it: checks, golden questions, the index.

Plain functions of values; slow, so `workshop` runs them in a process of their own.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from knowledge.building import Builder
from knowledge.check import check
from knowledge.entry import Problem, Severity
from knowledge.evaluate import Outcome
from knowledge.files import Content
from knowledge.golden import Case
from knowledge.matcher import Matcher, Result
from knowledge.parts import Kind, Part

BATCH = 64  # questions asked at once


@dataclass(frozen=True, slots=True)
class Found:
    """What a golden question finds; `entry_id` is empty when it finds nothing."""

    entry_id: str
    confidence: float
    band: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A golden question that passed and fails, or failed and passes."""

    question: str
    language: str
    expected: tuple[str, ...]
    before: Found
    after: Found


@dataclass(frozen=True, slots=True)
class GoldenRun:
    """A question passes when its entry comes first, or nothing is answered that is not ours."""

    cases: int
    passed_before: int
    passed: int
    answered: int  # at once, rightly
    asked_back: int
    answered_wrong: int
    better: tuple[Moved, ...]
    worse: tuple[Moved, ...]

    def counts(self) -> dict[str, int]:
        """What a version keeps of it."""
        return {
            "cases": self.cases,
            "passed": self.passed,
            "answered": self.answered,
            "asked_back": self.asked_back,
            "answered_wrong": self.answered_wrong,
            "better": len(self.better),
            "worse": len(self.worse),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Times are in seconds. `quick`: the index is to be fitted in full afterwards."""

    problems: tuple[Problem, ...]
    """All errors; of warnings not those of entries that stay as they are."""

    golden: GoldenRun
    quick: bool
    check_s: float
    build_s: float
    golden_s: float

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(each for each in self.problems if each.severity is Severity.ERROR)


def today(content: Content, now: datetime) -> Content:
    """What answers now: entries have a first and a last day of the partner's."""
    zone = ZoneInfo(content.policy.support.hours.time_zone)
    return content.valid_on(now.astimezone(zone).date())


class Known:
    """A matcher, and what it said to golden questions: what was `after` is `before` next time."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._said: dict[str, Result] = {}

    def outcomes(self, cases: Sequence[Case]) -> list[Outcome]:
        new = [each for each in {case.question: 0 for case in cases} if each not in self._said]
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            self._said.update(zip(batch, self.matcher.match(batch), strict=True))
        return [Outcome(case, self._said[case.question]) for case in cases]


def prepare(
    before: Content,
    after: Content,
    builder: Builder,
    now: datetime,
    known: dict[str, Known] | None = None,
) -> Report:
    """Raises nothing that an editor can cause. `before` is in force, `after` would be.

    known: by what is matched with, from earlier calls; this call's two are left in it.
    """
    earlier = known if known is not None else {}
    started = time.perf_counter()
    problems = _problems(before, after, now)
    checked = time.perf_counter()
    live, new = today(before, now), today(after, now)
    old_basis, basis = live.basis, new.basis
    old = earlier.get(old_basis.digest) or Known(builder.held(old_basis))
    both = {**earlier, old_basis.digest: old}
    made = both.get(basis.digest) or Known(builder.quick(basis, old_basis) or builder.build(basis))
    if known is not None:
        known.clear()
        known.update({old_basis.digest: old, basis.digest: made})
    built = time.perf_counter()
    golden = run_golden(old, made, _cases(after, new))
    asked = time.perf_counter()
    return Report(
        problems,
        golden,
        quick=not builder.has_full(basis),
        check_s=checked - started,
        build_s=built - checked,
        golden_s=asked - built,
    )


def _problems(before: Content, after: Content, now: datetime) -> tuple[Problem, ...]:
    """Texts of entries that stay as they are can have become wrong only with the policy."""
    old, new = before.part_hashes, after.part_hashes
    changed = {part for part in new if old.get(part) != new[part]}
    ids = {part.id for part in changed}
    found = check(after, now, texts_of=None if Part(Kind.POLICY) in changed else ids)
    return tuple(
        each
        for each in found
        if each.severity is Severity.ERROR or not each.entry or each.entry in ids
    )


def _cases(content: Content, valid: Content) -> list[Case]:
    """Not those that only entries could answer which are not in force on that day."""
    ids, known = ({entry.id for entry in each.entries} for each in (valid, content))
    waiting = known - ids
    return [
        case for case in content.golden if not case.expected or not set(case.expected) <= waiting
    ]


def run_golden(before: Known, after: Known, cases: Sequence[Case]) -> GoldenRun:
    old, new = before.outcomes(cases), after.outcomes(cases)
    pairs = list(zip(old, new, strict=True))
    return GoldenRun(
        cases=len(cases),
        passed_before=sum(not each.missed for each in old),
        passed=sum(not each.missed for each in new),
        answered=sum(each.in_scope and each.answered and not each.missed for each in new),
        asked_back=sum(each.in_scope and each.result.band == "ask" for each in new),
        answered_wrong=sum(each.missed and each.answered for each in new),
        better=tuple(_moved(a, b) for a, b in pairs if a.missed and not b.missed),
        worse=tuple(_moved(a, b) for a, b in pairs if b.missed and not a.missed),
    )


def _moved(before: Outcome, after: Outcome) -> Moved:
    case = after.case
    return Moved(
        case.question, case.language, case.expected, _found(before.result), _found(after.result)
    )


def _found(result: Result) -> Found:
    if not result.matches:
        return Found("", 0.0, result.band)
    best = result.matches[0]
    return Found(best.entry_id, best.confidence, result.band)
