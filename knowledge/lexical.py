"""Which phrasings share words, letters or characters with a question (TF-IDF, cosine)."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from knowledge.text import han_runs, words

Floats = npt.NDArray[np.float32]

_SHORTEST, _LONGEST = 2, 5  # letters in an n-gram of a Latin word


def word_features(text: str) -> Iterator[str]:
    """Words and word pairs; Chinese characters and their pairs stand for words."""
    found = words(text)
    yield from found
    yield from (f"{first} {second}" for first, second in zip(found, found[1:], strict=False))
    yield from _han_features(text)


def letter_features(text: str) -> Iterator[str]:
    """Parts of words, so that `invoices` still meets `invoice`; Chinese as it is."""
    for word in words(text):
        padded = f" {word} "
        for size in range(_SHORTEST, min(_LONGEST, len(padded)) + 1):
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]
    yield from _han_features(text)


def _han_features(text: str) -> Iterator[str]:
    for run in han_runs(text):
        yield from run
        yield from (run[i : i + 2] for i in range(len(run) - 1))


class LexicalView:
    """One kind of feature over all phrasings, kept as postings: feature -> phrasings."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self._size = len(documents)
        self._number: dict[str, int] = {}
        rows, columns, counts = [], [], []
        for row, document in enumerate(documents):
            for feature, count in document.items():
                rows.append(row)
                columns.append(self._number.setdefault(feature, len(self._number)))
                counts.append(count)
        row_of = np.array(rows, dtype=np.int32)
        column_of = np.array(columns, dtype=np.int64)
        frequency = np.bincount(column_of, minlength=len(self._number))
        self._idf = np.log((1 + self._size) / (1 + frequency)) + 1
        weights = (1 + np.log(np.array(counts, dtype=np.float64))) * self._idf[column_of]
        lengths = np.sqrt(np.bincount(row_of, weights**2, minlength=self._size))
        order = np.argsort(column_of, kind="stable")
        self._rows = row_of[order]
        self._weights = (weights / np.maximum(lengths, 1e-9)[row_of])[order]
        self._starts = np.concatenate([[0], np.cumsum(frequency)])

    def similarities(self, document: Counter[str]) -> Floats:
        """The cosine of one document with every phrasing."""
        length = 0.0
        rows, weights = [], []
        for feature, count in document.items():
            number = self._number.get(feature)
            if number is None:  # counts towards the length: an unknown word is a difference
                length += (1 + math.log(count)) ** 2 * self._unseen_idf**2
                continue
            weight = (1 + math.log(count)) * self._idf[number]
            length += weight**2
            postings = slice(self._starts[number], self._starts[number + 1])
            rows.append(self._rows[postings])
            weights.append(self._weights[postings] * weight)
        if not rows:
            return np.zeros(self._size, dtype=np.float32)
        total = np.bincount(np.concatenate(rows), np.concatenate(weights), minlength=self._size)
        return (total / math.sqrt(length)).astype(np.float32)

    @property
    def _unseen_idf(self) -> float:
        return math.log(1 + self._size) + 1


class LexicalIndex:
    """Both views of every phrasing; a similarity is the mean of the two cosines."""

    def __init__(self, phrasings: Sequence[str]) -> None:
        self._by_word = LexicalView([Counter(word_features(text)) for text in phrasings])
        self._by_letter = LexicalView([Counter(letter_features(text)) for text in phrasings])

    def similarities(self, texts: Sequence[str]) -> Floats:
        """One row for each normalised text, one column for each phrasing; 0-1."""
        return np.stack([self._similarities(text) for text in texts])

    def _similarities(self, text: str) -> Floats:
        by_word = self._by_word.similarities(Counter(word_features(text)))
        return (by_word + self._by_letter.similarities(Counter(letter_features(text)))) / 2
