"""One ranking from words, letters and meaning: all of them in one feature space, one head."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.softmax import fit_softmax, log_softmax

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MEANING_SHARE = 0.6  # of the feature space; the rest is lexical
STRENGTH = 30.0  # of the data against the prior that all weights are small
LANDMARKS = 1500  # phrasings that stand for all in the lexical half


def spread(count: int, most: int = LANDMARKS) -> Ints:
    """At most so many numbers below `count`, evenly spread."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).astype(np.int64)


@dataclass(frozen=True)
class Space:
    """Where questions become feature rows whose products are the fused similarity."""

    mean: Floats  # of the sentence vectors: what every question here has in common
    landmarks: Ints
    whitening: Floats  # turns similarities to the landmarks into coordinates (Nystroem)

    @staticmethod
    def fit(vectors: Floats | None, landmarks: Ints, similarities: Floats) -> "Space":
        """`similarities`: of every landmark with every landmark."""
        mean = np.zeros(0, dtype=np.float32) if vectors is None else vectors.mean(axis=0)
        symmetric = (similarities + similarities.T).astype(np.float64) / 2
        values, directions = np.linalg.eigh(symmetric)
        kept = values > 1e-6 * max(values[-1], 1e-12)
        whitening = directions[:, kept] / np.sqrt(values[kept])
        return Space(mean, landmarks, whitening.astype(np.float32))

    def features(self, vectors: Floats | None, similarities: Floats) -> Floats:
        """`similarities`: of each question with every landmark."""
        lexical = similarities @ self.whitening
        if vectors is None:
            return np.asarray(lexical)
        meaning = vectors - self.mean
        meaning /= np.maximum(np.linalg.norm(meaning, axis=1, keepdims=True), 1e-9)
        halves = [np.sqrt(MEANING_SHARE) * meaning, np.sqrt(1 - MEANING_SHARE) * lexical]
        return np.hstack(halves).astype(np.float32)


@dataclass(frozen=True)
class Head:
    """How strongly a feature row speaks for each entry."""

    weights: Floats
    biases: Floats

    @staticmethod
    def fit(features: Floats, owners: Ints, entries: int) -> "Head":
        return Head(*fit_softmax(features, owners, entries, STRENGTH))

    def logs(self, features: Floats) -> Floats:
        """The logarithm of each entry's share of belief; one row for each question."""
        return log_softmax(features @ self.weights + self.biases)
