"""The phrasings that every question is compared with, by meaning and by wording."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.fusion import Floats, Ints, Similarities, directions
from knowledge.lexical import LexicalIndex, SparseRow
from knowledge.postings import Postings
from knowledge.products import among_themselves

AXES = 128
"""With all 512 of the bundled encoder BANKING77 is ranked no better and CLINC150 judged no better;
a question is compared with ten thousand landmarks in five times the time."""


def spread(count: int, most: int) -> Ints:
    """At most so many numbers below `count`, evenly spread."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)


@dataclass(frozen=True)
class Outlook:
    """How vectors are compared: without what all questions here have in common, and along the
    axes on which these differ most."""

    mean: Floats
    axes: Floats  # a column each

    @staticmethod
    def of(vectors: Floats) -> "Outlook":
        mean = vectors.mean(axis=0)
        away = vectors - mean
        _, axes = np.linalg.eigh((away.T @ away).astype(np.float64))
        return Outlook(mean, axes[:, : -AXES - 1 : -1].astype(np.float32))

    def view(self, vectors: Floats) -> Floats:
        """Shorter than 1 by as much as lies on other axes, where no phrasing is."""
        return np.asarray(directions(vectors - self.mean) @ self.axes)


@dataclass(frozen=True)
class Landmarks:
    numbers: Ints
    postings: Postings
    vectors: Floats | None  # as the outlook has them; column-major: read by their transpose

    @staticmethod
    def of(numbers: Ints, lexical: LexicalIndex, vectors: Floats | None) -> "Landmarks":
        postings = Postings.of(lexical.rows.take(numbers), lexical.width)
        return Landmarks.read(numbers, postings, vectors)

    @staticmethod
    def read(numbers: Ints, postings: Postings, vectors: Floats | None) -> "Landmarks":
        own = None if vectors is None else np.asfortranarray(vectors[numbers])
        return Landmarks(numbers, postings, own)

    def similarities(self, rows: Sequence[SparseRow], vectors: Floats | None) -> Similarities:
        return Similarities(self.meaning(vectors), self.postings.similarities(rows))

    def meaning(self, vectors: Floats | None) -> Floats | None:
        """Of questions with these vectors: a row each, a column a landmark."""
        if vectors is None or self.vectors is None:
            return None
        return np.asarray(vectors @ self.vectors.T)

    def among_themselves(self, lexical: LexicalIndex) -> Similarities:
        wording = among_themselves(lexical.rows.take(self.numbers))
        return Similarities(self.meaning(self.vectors), wording)
