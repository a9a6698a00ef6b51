"""Puts right what is nearly a word of the phrasings."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist

from knowledge.text import WORD, words

SHORTEST_REPAIRED = 3  # letters
TWO_EDITS_FROM = 8  # letters; a long word may be two edits away from the one that was meant
REMEMBERED = 50_000  # words that were looked up
OFTEN = 20  # a word that stands so often in the texts is what three letters may be meant for
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


class Vocabulary(NamedTuple):
    """The words of normalised texts; plain data, to be kept on disk."""

    counts: Mapping[str, int]
    pairs: Collection[str]  # of neighbours, as one text each: the collector need not look at those
    correct: Collection[str]  # words that are well spelt, too, but that nobody is likely to mean

    @staticmethod
    def of(texts: Iterable[str], correct: Iterable[str] = ()) -> "Vocabulary":
        found = [words(text) for text in texts]
        pairs = {" ".join(pair) for each in found for pair in pairwise(each)}
        counts = Counter(word for each in found for word in each)
        return Vocabulary(counts, pairs, {word for text in correct for word in words(text)})


class Spelling:
    def __init__(self, vocabulary: Vocabulary) -> None:
        self._counts = vocabulary.counts
        self._pairs = frozenset(vocabulary.pairs)
        self._known = frozenset(self._counts).union(vocabulary.correct)
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(self._counts):
            self._by_length.setdefault(len(word), []).append(word)
        self._nearest: dict[str, str] = {}  # no lru_cache, whose circle only the collector frees

    def repair(self, text: str) -> str:
        """The normalised text with each misspelt word replaced."""
        if self._known.issuperset(words(text)):
            return text
        parts = text.split(" ")
        for place, (left, right) in enumerate(pairwise(parts)):
            if parts[place] == left and not self._known.issuperset((left, right)):
                parts[place : place + 2] = self._with_space_moved(left, right)
        return WORD.sub(lambda found: self._meant(found.group()), " ".join(parts))

    def _with_space_moved(self, left: str, right: str) -> tuple[str, str]:
        """`ho wdo` was `how do`; unchanged if neither letter at the space makes two words."""
        for pair in ((left + right[:1], right[1:]), (left[:-1], left[-1:] + right)):
            if all(word in self._counts for word in pair) and len(left + right) > 3:
                return pair
        return left, right

    def _meant(self, word: str) -> str:
        if (known := self._nearest.get(word)) is not None:
            return known
        if len(self._nearest) >= REMEMBERED:
            self._nearest.clear()
        return self._nearest.setdefault(word, self._find_nearest(word))

    def _find_nearest(self, word: str) -> str:
        if word in self._known or len(word) < SHORTEST_REPAIRED or not _LETTERS.fullmatch(word):
            return word
        found = [*self._near(word), *self._split(word)]
        return min(found)[-1] if found else word

    def _near(self, word: str) -> Iterator[tuple[float, int, str]]:
        """Cost, less for the more frequent, and the known word."""
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        lengths = range(max(len(word) - edits, SHORTEST_REPAIRED), len(word) + edits + 1)
        near = [other for length in lengths for other in self._by_length.get(length, ())]
        if not near:
            return
        distances = cdist([word], near, scorer=OSA.distance, score_cutoff=edits)[0]
        for place in np.flatnonzero(distances <= edits):
            other = near[place]
            if len(word) > SHORTEST_REPAIRED or self._is_meant(word, other):
                wrong_start = other[0] != word[0]
                yield 2.0 * int(distances[place]) + wrong_start, -self._counts[other], other

    def _is_meant(self, short: str, other: str) -> bool:
        """Few letters are near many words: the letters must be the same or the word common."""
        return sorted(short) == sorted(other) or self._counts[other] >= OFTEN

    def _split(self, word: str) -> Iterator[tuple[float, int, str]]:
        """`howdo` was `how do`, and `howxdo`, too: the space was left out, or another letter."""
        if len(word) <= SHORTEST_REPAIRED:
            return
        for place in range(1, len(word)):
            left, right, less = word[:place], word[place:], word[place + 1 :]
            known = min(len(left), len(right)) > 1 and {left, right} <= self._counts.keys()
            pair, shorter = f"{left} {right}", f"{left} {less}"
            if known or pair in self._pairs:
                yield 2.5, 0, pair
            if shorter in self._pairs:
                yield 3.5, 0, shorter
