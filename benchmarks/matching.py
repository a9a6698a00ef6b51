"""How well and how fast questions are matched, next to plain fuzzy matching.

    python -m benchmarks.matching --train CSV [--test CSV] [--shots N --seed S] [--typos]
        [--names] [--phrasings N] [--json]

The files have the columns `text,category`; an empty category is out of scope. With --names what a
category is called is one more phrasing of it, for all that are compared.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: one question, one core

import numpy as np
import numpy.typing as npt
import yaml
from rapidfuzz import fuzz
from rapidfuzz.process import cdist

from benchmarks.questions import Row, draw, named, padded, read, with_typos
from knowledge.encoder import load_encoder
from knowledge.entry import Entry
from knowledge.matcher import Matcher
from knowledge.text import normalise

MOST_TESTED = 3000  # rows, where the test is the rest of the training file
MOST_TESTED_PADDED = 150  # where made-up phrasings are for speed: the fuzzy take a second each
TIMED = 300  # questions asked one by one
GENERAL = Path(__file__).parent.parent / "knowledge" / "content" / "out_of_scope.yaml"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """The three best categories of each question, and the score of the first."""

    ranked: list[list[str]]
    scores: Floats


class Ranker(Protocol):
    threshold: float | None  # learned from the training rows

    def ask(self, questions: Sequence[str]) -> Answers: ...


@dataclass(frozen=True)
class Figures:
    accuracy_at_1: float
    recall_at_3: float
    auroc: float | None  # in scope against out of scope
    in_scope_correct: float | None  # right and above the threshold
    out_of_scope_recall: float | None  # below the threshold
    p50_ms: float
    p95_ms: float
    build_s: float
    memory_mb: float


class Ours:
    def __init__(self, rows: Sequence[Row], encoder: str) -> None:
        by_category: dict[str, list[str]] = {}
        for row in rows:
            by_category.setdefault(row.category, []).append(row.text)
        outside = by_category.pop("", None) or _general_questions()
        self._categories = {str(number): name for number, name in enumerate(sorted(by_category))}
        entries = [
            _entry(entry_id, by_category[category])
            for entry_id, category in self._categories.items()
        ]
        self._matcher = Matcher.build(entries, load_encoder(encoder), outside)
        self.threshold: float | None = self._matcher.thresholds.even

    def ask(self, questions: Sequence[str]) -> Answers:
        results = self._matcher.match(questions)
        ranked = [[self._categories[match.entry_id] for match in each.matches] for each in results]
        scores = [each.matches[0].confidence if each.matches else 0.0 for each in results]
        return Answers(ranked, np.array(scores))


def _entry(entry_id: str, questions: list[str]) -> Entry:
    """Not validated: what strangers ask is longer than what editors may write."""
    return Entry.model_construct(
        id=entry_id,
        topic="measured",
        questions={"en": tuple(questions)},
        answer={"en": "-"},
        follow_ups=(),
        needs_account=False,
        owner="nobody",
        review_by=date.max,
    )


def _general_questions() -> list[str]:
    lists: dict[str, list[str]] = yaml.safe_load(GENERAL.read_text(encoding="utf-8"))
    return [question for questions in lists.values() for question in questions]


class Fuzzy:
    """A category is as near as its nearest phrasing, by one of rapidfuzz's scorers."""

    def __init__(self, rows: Sequence[Row], scorer: Callable[..., float]) -> None:
        self._scorer = scorer
        inside = sorted((row for row in rows if row.category), key=lambda row: row.category)
        self._texts = [normalise(row.text) for row in inside]
        labels = [row.category for row in inside]
        self._categories = sorted(set(labels))
        self._starts = np.searchsorted(labels, self._categories)
        outside = [row.text for row in rows if not row.category]
        self.threshold = self._learn(labels, outside) if outside else None

    def _learn(self, labels: list[str], outside: Sequence[str]) -> float:
        """Each of 1,000 phrasings against the others, and all that is out of scope."""
        numbers = random.Random(0).sample(range(len(labels)), min(1000, len(labels)))
        near = self._near([self._texts[number] for number in numbers])
        near[np.arange(len(numbers)), numbers] = 0
        inside = self._answers(near)
        right = [row[0] == labels[n] for row, n in zip(inside.ranked, numbers, strict=True)]
        scores = np.concatenate([inside.scores, self.ask(outside).scores])
        gained = np.array(
            [*(np.array(right) / len(right)), *(-np.ones(len(outside)) / len(outside))]
        )
        order = np.argsort(-scores, kind="stable")
        return float(scores[order[int(np.argmax(np.cumsum(gained[order])))]])

    def _near(self, texts: Sequence[str]) -> Floats:
        return cdist(texts, self._texts, scorer=self._scorer, dtype=np.float32).astype(float)

    def _answers(self, near: Floats) -> Answers:
        best = np.maximum.reduceat(near, self._starts, axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :3]
        ranked = [[self._categories[number] for number in row] for row in order]
        return Answers(ranked, best.max(axis=1))

    def ask(self, questions: Sequence[str]) -> Answers:
        return self._answers(self._near([normalise(question) for question in questions]))


def measure(make: Callable[[], Ranker], test: Sequence[Row]) -> Figures:
    before, start = _resident_mb(), time.perf_counter()
    ranker = make()
    build = time.perf_counter() - start
    memory = _resident_mb() - before
    parts = [
        ranker.ask([row.text for row in test[at : at + 500]]) for at in range(0, len(test), 500)
    ]
    ranked = [names for part in parts for names in part.ranked]
    scores = np.concatenate([part.scores for part in parts])
    inside = np.array([bool(row.category) for row in test])
    first = np.array([row.category == names[0] for row, names in zip(test, ranked, strict=True)])
    third = np.array([row.category in names for row, names in zip(test, ranked, strict=True)])
    divided = None if ranker.threshold is None or inside.all() else scores >= ranker.threshold
    p50, p95 = np.quantile(_times(ranker, test), [0.5, 0.95])
    return Figures(
        accuracy_at_1=float(first[inside].mean()),
        recall_at_3=float(third[inside].mean()),
        auroc=None if inside.all() else _auroc(scores[inside], scores[~inside]),
        in_scope_correct=None if divided is None else float((first & divided)[inside].mean()),
        out_of_scope_recall=None if divided is None else float((~divided)[~inside].mean()),
        p50_ms=float(p50),
        p95_ms=float(p95),
        build_s=build,
        memory_mb=max(memory, 0.0),
    )


def _times(ranker: Ranker, test: Sequence[Row]) -> list[float]:
    """Milliseconds for one question alone, after one that is not counted."""
    asked = [row.text for row in test[: TIMED + 1]]
    times = []
    for question in asked:
        start = time.perf_counter()
        ranker.ask([question])
        times.append((time.perf_counter() - start) * 1000)
    return times[1:] or times


def _auroc(inside: Floats, outside: Floats) -> float:
    """How often a question in scope scores above one out of scope; a draw counts half."""
    ordered = np.sort(outside)
    below = np.searchsorted(ordered, inside, side="left")
    level = np.searchsorted(ordered, inside, side="right")
    return float((below + level).mean() / 2 / len(outside))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(arguments: Sequence[str]) -> int:
    options = _options(arguments)
    train, rest = draw(read(options.train), options.shots, options.seed)
    dice = random.Random(options.seed)
    if options.test:
        test = read(options.test)
    elif rest:
        test = dice.sample(rest, min(MOST_TESTED, len(rest)))
    else:
        print("Nothing is left to test on: give --test or --shots.", file=sys.stderr)
        return 2
    if options.names:
        train = [*train, *named(train)]
    if options.phrasings:
        train = padded(train, options.phrasings, dice)
        test = test[:MOST_TESTED_PADDED]
    if options.typos:
        test = [Row(with_typos(row.text, dice), row.category) for row in test]
    rankers: dict[str, Callable[[], Ranker]] = {
        "ours": lambda: Ours(train, options.encoder),
        "rapidfuzz_token_sort": lambda: Fuzzy(train, fuzz.token_sort_ratio),
        "rapidfuzz_token_set": lambda: Fuzzy(train, fuzz.token_set_ratio),
    }
    figures = {name: asdict(measure(make, test)) for name, make in rankers.items()}
    print(json.dumps(figures, indent=2) if options.json else _table(figures))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="CSV: text,category")
    parser.add_argument("--test", type=Path, help="CSV; without it the rest of --train")
    parser.add_argument("--shots", type=int, help="phrasings of each category to learn from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--typos", action="store_true", help="a typo every 20 characters")
    parser.add_argument("--phrasings", type=int, help="pad with made-up ones, to measure speed")
    parser.add_argument("--encoder", default="default", help="none, default or a folder")
    parser.add_argument("--names", action="store_true", help="learn from the categories' names")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _table(figures: dict[str, dict[str, Any]]) -> str:
    lines = ["".join([f"{'':<22}", *(f"{name:>22}" for name in figures)])]
    for key in next(iter(figures.values())):
        cells = ("-" if each[key] is None else f"{each[key]:.3f}" for each in figures.values())
        lines.append("".join([f"{key:<22}", *(f"{cell:>22}" for cell in cells)]))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
