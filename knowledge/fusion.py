"""One ranking from words, letters and meaning.

A question is compared with *landmark* phrasings by one fused similarity. From these similarities
the head does what discriminant analysis does, as a kernel method: it learns from the phrasings
of each entry which differences do not matter, shrinks those, and compares the question with the
middle of each entry. One linear system, no iterations.

On BANKING77, ten phrasings an intent, this ranks 1.5 points better than logistic regression on
the same similarities.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MEANING_SHARE = 0.75  # of the fused similarity; the rest is lexical
SHRINKAGE = 0.15  # how far the scatter within entries is pulled towards a plain sphere


def fused(meaning: Floats | None, lexical: Floats) -> Floats:
    """The similarity landmarks are compared by: 1 for the same text, above 0 for any."""
    if meaning is None:
        return np.exp(lexical - 1)
    return np.exp(MEANING_SHARE * meaning + (1 - MEANING_SHARE) * lexical - 1)


def directions(rows: Floats) -> Floats:
    """The rows at length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


@dataclass(frozen=True)
class Head:
    """A score of each entry is a weighted sum of the similarities to the landmarks."""

    weights: Floats  # landmarks x entries
    offsets: Floats

    @staticmethod
    def fit(similarities: Floats, owners: Ints, entries: int, known: Flags) -> "Head":
        """Of landmarks with each other, the entry each belongs to, and which may be used.

        With S the scatter of phrasings around the middle m of their entry, an entry's score is
        x'v / sqrt(m'v) where v = inverse(S) m, and m and x are taken from the middle of all.
        Every such vector is a weighted sum of landmarks, so only their weights are worked out.
        """
        used = np.flatnonzero(known)
        around = _Around(owners[used], entries)
        products = similarities[np.ix_(used, used)]
        middle, middles = around.middles()
        scatter = around(around(products).T)
        plain = float(np.trace(scatter)) / len(used) * SHRINKAGE / (1 - SHRINKAGE)
        scatter[np.diag_indices_from(scatter)] += max(plain, 1e-6)
        toward = products @ middles
        weights = middles - around(np.linalg.solve(scatter, around(toward)))
        reached = products @ weights
        lengths = np.sqrt(np.maximum((middles * reached).sum(axis=0), 1e-9))
        all_weights = np.zeros((len(owners), entries), dtype=np.float32)
        all_weights[used] = weights / lengths
        offsets = (middle @ reached) / lengths
        offsets[np.setdiff1d(np.arange(entries), owners[used])] = 1e3  # never a candidate
        return Head(all_weights, offsets.astype(np.float32))

    def scores(self, similarities: Floats) -> Floats:
        """`similarities`: of each question with every landmark. A row a question."""
        return np.asarray(similarities @ self.weights - self.offsets)


class _Around:
    """Takes from each row the mean of the rows of its entry."""

    def __init__(self, owners: Ints, entries: int) -> None:
        self._owners = owners
        self._sizes = np.maximum(np.bincount(owners, minlength=entries), 1).astype(np.float32)
        self._member = np.zeros((len(owners), entries), dtype=np.float32)
        self._member[np.arange(len(owners)), owners] = 1

    def __call__(self, rows: Floats) -> Floats:
        means = (self._member.T @ rows) / self._sizes[:, None]
        return np.asarray(rows - means[self._owners])

    def middles(self) -> tuple[Floats, Floats]:
        """As weights of the rows: the middle of all entries; that of each, taken from there."""
        each = self._member / self._sizes
        middle = each.sum(axis=1) / max(int((each.sum(axis=0) > 0).sum()), 1)
        return middle, each - middle[:, None]
