"""Measures a matcher on questions whose right entry is known."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from knowledge.golden import Case
from knowledge.matcher import Band, Matcher, Result


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case."""

    case: Case
    result: Result

    @property
    def in_scope(self) -> bool:
        return bool(self.case.expected)

    def right_within(self, ranks: int) -> bool:
        return any(match.entry_id in self.case.expected for match in self.result.matches[:ranks])

    @property
    def answered(self) -> bool:
        return self.result.band is Band.ANSWER

    @property
    def missed(self) -> bool:
        """Something a person would want to look at."""
        return not self.right_within(1) if self.in_scope else self.answered


@dataclass(frozen=True, slots=True)
class Figures:
    """Rates are 0-1, of the in-scope cases; out_of_scope_answered of the out-of-scope cases.

    A rate of no cases is None.
    """

    cases: int
    in_scope: int
    out_of_scope: int
    accuracy_at_1: float | None  # the first match is right, whatever the band
    recall_at_3: float | None  # a right one is among the first three
    answered: float | None
    answered_wrong: float | None  # answered, and with the wrong entry
    asked_back: float | None
    not_matched: float | None
    out_of_scope_answered: float | None

    @staticmethod
    def of(outcomes: Sequence[Outcome]) -> "Figures":
        inside = [each for each in outcomes if each.in_scope]
        outside = [each for each in outcomes if not each.in_scope]
        return Figures(
            cases=len(outcomes),
            in_scope=len(inside),
            out_of_scope=len(outside),
            accuracy_at_1=_share(each.right_within(1) for each in inside),
            recall_at_3=_share(each.right_within(3) for each in inside),
            answered=_share(each.answered for each in inside),
            answered_wrong=_share(each.answered and not each.right_within(1) for each in inside),
            asked_back=_share(each.result.band is Band.ASK for each in inside),
            not_matched=_share(each.result.band is Band.NONE for each in inside),
            out_of_scope_answered=_share(each.answered for each in outside),
        )

    def missed(self, min_accuracy: float | None, max_wrong: float | None) -> Iterator[str]:
        """Which of these percents are not held, as sentences; what is not known is not held."""
        right, wrong = self.accuracy_at_1, self.answered_wrong
        if min_accuracy is not None and (right is None or right < min_accuracy / 100):
            yield f"accuracy_at_1 is {_cell(right)}; at least {min_accuracy:g}% is asked for."
        if max_wrong is not None and (wrong is None or wrong > max_wrong / 100):
            yield f"answered_wrong is {_cell(wrong)}; at most {max_wrong:g}% is allowed."

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def _share(flags: Iterable[bool]) -> float | None:
    given = list(flags)
    return sum(given) / len(given) if given else None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All figures, and the cases to look at."""

    figures: Figures
    by_language: dict[str, Figures]
    latency_ms: dict[str, float]  # p50 and p95 of one question alone
    misses: list[Outcome] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            **self.figures.as_dict(),
            "by_language": {name: each.as_dict() for name, each in self.by_language.items()},
            "latency_ms": self.latency_ms,
            "misses": [_miss(outcome) for outcome in self.misses],
        }

    def as_text(self) -> str:
        parts = [_table({"all": self.figures, **self.by_language})]
        parts.append("one question: p50 {p50:.1f} ms, p95 {p95:.1f} ms".format(**self.latency_ms))
        if self.misses:
            parts.append(f"misses ({len(self.misses)}):")
            parts += [_miss_line(outcome) for outcome in self.misses]
        return "\n".join(parts) + "\n"


def evaluate(matcher: Matcher, cases: Sequence[Case]) -> Evaluation:
    """Asks one question after the other, as customers do."""
    outcomes: list[Outcome] = []
    seconds: list[float] = []
    matcher.match([cases[0].question])  # what the first question alone pays is not counted
    for case in cases:
        start = time.perf_counter()
        [result] = matcher.match([case.question])
        seconds.append(time.perf_counter() - start)
        outcomes.append(Outcome(case, result))
    p50, p95 = np.quantile(seconds, [0.5, 0.95]) * 1000
    return Evaluation(
        Figures.of(outcomes),
        {
            language: Figures.of([each for each in outcomes if each.case.language == language])
            for language in sorted({case.language for case in cases})
        },
        {"p50": float(p50), "p95": float(p95)},
        [outcome for outcome in outcomes if outcome.missed],
    )


def _miss(outcome: Outcome) -> dict[str, Any]:
    best = outcome.result.matches[0] if outcome.result.matches else None
    return {
        "question": outcome.case.question,
        "language": outcome.case.language,
        "expected": list(outcome.case.expected),
        "chosen": best.entry_id if best else None,
        "confidence": best.confidence if best else None,
        "band": outcome.result.band.value,
    }


def _miss_line(outcome: Outcome) -> str:
    best = outcome.result.matches[0] if outcome.result.matches else None
    chosen = f"{best.entry_id} ({best.confidence:.2f})" if best else "nothing"
    wanted = " or ".join(outcome.case.expected) or "out of scope"
    return f"  {outcome.result.band:<6} {outcome.case.question} -> {chosen}, not {wanted}"


def _table(columns: dict[str, Figures]) -> str:
    lines = ["".join([f"{'':<22}", *(f"{name or '-':>9}" for name in columns)])]
    for name in Figures.__slots__:
        cells = (getattr(figures, name) for figures in columns.values())
        lines.append("".join([f"{name:<22}", *(f"{_cell(cell):>9}" for cell in cells)]))
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.1%}"
