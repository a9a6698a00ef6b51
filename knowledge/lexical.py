"""How many words, letters and characters a question shares with a phrasing (TF-IDF, cosine)."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from knowledge.products import SparseRows
from knowledge.text import han_runs, words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

_SHORTEST, _LONGEST = 2, 5  # letters in an n-gram of a Latin word
COMMON = 20  # a feature is common when more than one row in so many has it


def word_features(text: str) -> Iterator[str]:
    """Words and word pairs; Chinese characters and their pairs stand for words."""
    found = words(text)
    yield from found
    yield from (f"{first} {second}" for first, second in zip(found, found[1:], strict=False))
    yield from _han_features(text)


def letter_features(text: str) -> Iterator[str]:
    """Parts of words, so that `invoices` still meets `invoice`; Chinese as it is.

    Each begins with a mark no word has, so that both kinds of feature can be numbered together.
    """
    for word in words(text):
        yield from _letters(word)
    yield from ("#" + feature for feature in _han_features(text))


@lru_cache(maxsize=50_000)
def _letters(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(
        "#" + padded[start : start + size]
        for size in range(_SHORTEST, min(_LONGEST, len(padded)) + 1)
        for start in range(len(padded) - size + 1)
    )


def _han_features(text: str) -> Iterator[str]:
    for run in han_runs(text):
        yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))


def _counts(text: str) -> tuple[Counter[str], Counter[str]]:
    return Counter(word_features(text)), Counter(letter_features(text))


@dataclass(frozen=True)
class SparseRow:
    """The known features of one text. The words weigh half, the letters the other half;
    unknown features count in the length: a word nobody used is a difference."""

    features: Ints
    weights: Floats


@dataclass(frozen=True)
class Corpus:
    """The phrasings as sparse rows, one after the other; as arrays, to be kept on disk."""

    names: npt.NDArray[np.uint8]  # of the features: UTF-8, a line each
    idf: Doubles  # how rare each feature is
    starts: Ints  # where each row begins, and the end
    features: Ints
    weights: Floats


class LexicalIndex:
    """The phrasings as sparse rows; a product of two rows is the mean of both cosines."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self._starts, self._features = corpus.starts, corpus.features
        self._weights = corpus.weights
        names = corpus.names.tobytes().decode().split("\n")
        self._number = dict(zip(names, range(len(names)), strict=True))
        self._idf = np.append(corpus.idf, math.log(1 + self.size) + 1)  # and of the unknown

    @staticmethod
    def of(phrasings: Sequence[str]) -> "LexicalIndex":
        counted = [_counts(text) for text in phrasings]
        frequency = Counter(feature for pair in counted for view in pair for feature in view)
        size = len(phrasings)
        idf = np.array([math.log((1 + size) / (1 + count)) + 1 for count in frequency.values()])
        names = np.frombuffer("\n".join(frequency).encode(), dtype=np.uint8)
        no_rows = np.zeros(size + 1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)
        reader = LexicalIndex(Corpus(names, idf, *no_rows))
        rows = [reader._row(pair) for pair in counted]
        starts = np.cumsum([0, *(len(row.features) for row in rows)])
        features = np.concatenate([row.features for row in rows])
        weights = np.concatenate([row.weights for row in rows])
        return LexicalIndex(Corpus(names, idf, starts, features, weights))

    def read(self, text: str) -> SparseRow:
        return self._row(_counts(text))

    def _row(self, views: tuple[Counter[str], Counter[str]]) -> SparseRow:
        parts = [self._part(view) for view in views]
        return SparseRow(
            np.concatenate([features for features, _ in parts]),
            np.concatenate([weights for _, weights in parts]),
        )

    def _part(self, view: Counter[str]) -> tuple[Ints, Floats]:
        numbers = np.array([self._number.get(feature, -1) for feature in view], np.int64)
        weights = self._idf[numbers]  # the last is that of the unknown
        weights *= 1 + np.log(np.fromiter(view.values(), np.float64, len(view)))
        known = numbers >= 0
        scale = math.sqrt(2 * float(weights @ weights)) or 1.0
        return numbers[known], (weights[known] / scale).astype(np.float32)

    @property
    def size(self) -> int:
        return len(self._starts) - 1

    def similarities(self, asked: SparseRow, runs: Sequence[slice]) -> Floats:
        """The similarity to the phrasings of each run, 0-1. Each phrasing has a feature."""
        dense = np.zeros(self.width, dtype=np.float32)
        dense[asked.features] = asked.weights
        return np.concatenate([self._run(dense, run) for run in runs])

    def _run(self, dense: Floats, run: slice) -> Floats:
        starts = self._starts[run.start : run.stop + 1]
        part = slice(starts[0], starts[-1])
        products = dense[self._features[part]] * self._weights[part]
        return np.asarray(np.add.reduceat(products, starts[:-1] - starts[0]), np.float32)

    @property
    def rows(self) -> SparseRows:
        return SparseRows(self._starts, self._features, self._weights)

    def postings(self, phrasings: Ints) -> "Postings":
        return Postings(self.rows.take(phrasings), self.width)

    @property
    def width(self) -> int:
        """One more than the highest feature."""
        return len(self._idf)

    def row(self, number: int) -> SparseRow:
        part = slice(self._starts[number], self._starts[number + 1])
        return SparseRow(self._features[part], self._weights[part])


class Postings:
    """Rows turned round: for each feature the rows that have it. Quick where all rows matter.

    The features that many rows have are most of the work, so they stand as whole columns."""

    def __init__(self, rows: SparseRows, features: int) -> None:
        self.size = len(rows)
        order = np.argsort(rows.columns, kind="stable")
        self._rows = rows.numbers[order]
        self._weights = rows.values[order]
        self._starts = np.searchsorted(rows.columns[order], np.arange(features + 1))
        often = np.flatnonzero(np.diff(self._starts) > self.size // COMMON)
        self._column = np.full(features, -1)
        self._column[often] = np.arange(len(often))
        self._columns = np.zeros((len(often), self.size), dtype=np.float32)
        for column, feature in zip(self._columns, often, strict=True):
            part = slice(self._starts[feature], self._starts[feature + 1])
            column[self._rows[part]] = self._weights[part]

    def similarities(self, asked: Sequence[SparseRow]) -> Floats:
        """The similarity of each to every row."""
        return np.stack([self._similarities(each) for each in asked])

    def _similarities(self, asked: SparseRow) -> Floats:
        columns = self._column[asked.features]
        common = columns >= 0
        near = asked.weights[common] @ self._columns[columns[common]]
        rare = asked.features[~common]
        starts, ends = self._starts[rare], self._starts[rare + 1]
        lengths = ends - starts
        last = np.cumsum(lengths)
        if len(last) and last[-1]:
            places = np.arange(last[-1]) + np.repeat(starts - (last - lengths), lengths)
            products = self._weights[places] * np.repeat(asked.weights[~common], lengths)
            near += np.bincount(self._rows[places], products, minlength=self.size)
        return np.asarray(near, dtype=np.float32)
