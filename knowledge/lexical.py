"""How many words, letters and characters a question shares with a phrasing (TF-IDF, cosine)."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.products import Numbers, SparseRows
from knowledge.text import han_runs, words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

_SHORTEST, _LONGEST = 2, 5  # letters in an n-gram of a Latin word
REMEMBERED = 50_000  # words


def word_features(text: str) -> Iterator[str]:
    """Words and word pairs; Chinese characters and their pairs stand for words."""
    found = words(text)
    yield from found
    yield from (f"{first} {second}" for first, second in zip(found, found[1:], strict=False))
    yield from _han_features(text)


def features(text: str) -> Iterator[str]:
    """Those, and parts of words, so that `invoices` still meets `invoice`; Chinese as it is.

    The parts begin with a mark no word has, so that both kinds can be numbered together.
    """
    yield from word_features(text)
    for word in words(text):
        yield from _letters(word)
    yield from ("#" + feature for feature in _han_features(text))


def _letters(word: str) -> Iterator[str]:
    padded = f" {word} "
    for size in range(_SHORTEST, min(_LONGEST, len(padded)) + 1):
        yield from ("#" + padded[at : at + size] for at in range(len(padded) - size + 1))


def _han_features(text: str) -> Iterator[str]:
    for run in han_runs(text):
        yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))


@dataclass(frozen=True)
class SparseRow:
    """The known features of one text. The words weigh half, the letters the other half;
    unknown features count in the length: a word nobody used is a difference."""

    features: Ints | Numbers
    weights: Floats


@dataclass(frozen=True)
class Corpus:
    """The phrasings as sparse rows, one after the other; as arrays, to be kept on disk."""

    names: npt.NDArray[np.uint8]  # of the features: UTF-8, a line each
    idf: Doubles  # how rare each feature is
    starts: Ints  # where each row begins, and the end
    features: Numbers
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
        self._letters: dict[str, Ints] = {}  # of words that were read before

    @staticmethod
    def of(phrasings: Sequence[str]) -> "LexicalIndex":
        names = dict.fromkeys(name for text in phrasings for name in features(text))
        encoded = np.frombuffer("\n".join(names).encode(), dtype=np.uint8)
        size, empty = len(phrasings), (np.zeros(0, np.int32), np.zeros(0, np.float32))
        numbers = LexicalIndex(Corpus(encoded, np.zeros(len(names)), np.zeros(1, np.int64), *empty))
        views = [numbers._views(text) for text in phrasings]
        found = np.concatenate([np.unique(view) for pair in views for view in pair])
        idf = np.log((1 + size) / (1 + np.bincount(found, minlength=len(names)))) + 1
        reader = LexicalIndex(Corpus(encoded, idf, np.zeros(size + 1, np.int64), *empty))
        rows = [reader._row(pair) for pair in views]
        every = SparseRows.of([row.features for row in rows], [row.weights for row in rows])
        return LexicalIndex(Corpus(encoded, idf, every.starts, every.columns, every.values))

    def read(self, text: str) -> SparseRow:
        return self._row(self._views(text))

    def _views(self, text: str) -> tuple[Ints, Ints]:
        """The features by number, as often as they stand there; -1 for each that is unknown."""
        letters = [self._letters_of(word) for word in words(text)]
        han = self._numbered("#" + each for each in _han_features(text))
        return self._numbered(word_features(text)), np.concatenate([*letters, han])

    def _numbered(self, names: Iterable[str]) -> Ints:
        return np.array([self._number.get(name, -1) for name in names], np.int64)

    def _letters_of(self, word: str) -> Ints:
        if (known := self._letters.get(word)) is not None:
            return known
        if len(self._letters) >= REMEMBERED:
            self._letters.clear()
        return self._letters.setdefault(word, self._numbered(_letters(word)))

    def _row(self, views: tuple[Ints, Ints]) -> SparseRow:
        parts = [self._part(view) for view in views]
        return SparseRow(
            np.concatenate([features for features, _ in parts]),
            np.concatenate([weights for _, weights in parts]),
        )

    def _part(self, numbers: Ints) -> tuple[Ints, Floats]:
        known, counts = np.unique(numbers[numbers >= 0], return_counts=True)
        weights = self._idf[known] * (1 + np.log(counts))
        unknown = (len(numbers) - int(counts.sum())) * self._idf[-1] ** 2
        scale = math.sqrt(2 * (float(weights @ weights) + unknown)) or 1.0
        return known, (weights / scale).astype(np.float32)

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

    @property
    def width(self) -> int:
        """One more than the highest feature."""
        return len(self._idf)

    def row(self, number: int) -> SparseRow:
        part = slice(self._starts[number], self._starts[number + 1])
        return SparseRow(self._features[part], self._weights[part])
