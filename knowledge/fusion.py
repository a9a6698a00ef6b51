"""One ranking from words, letters and meaning.

A question is compared with *landmark* phrasings, by meaning, by wording and by both. From such
similarities a head does what discriminant analysis does, as a kernel method: it learns from the
phrasings of each entry which differences do not matter, shrinks those, and compares the question
with the middle of each entry. One linear system, no iterations.

On ten phrasings an intent of BANKING77 this ranks 1.5 points better than logistic regression on
the same similarities, and on entries with 75 various phrasings each it ranks 5 points better.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MEANING_SHARES = (0.75, 1.0, 0.0)  # of the similarity each head works with; the rest is lexical
UNKNOWN = 1e3  # taken from the score of an entry nothing is known of
SHRINKAGE = 0.15  # how far the scatter within entries is pulled towards a plain sphere


@dataclass(frozen=True)
class Similarities:
    """Of questions (rows) with landmarks (columns)."""

    meaning: Floats | None
    lexical: Floats

    def at(self, rows: Ints, columns: Ints) -> "Similarities":
        part = np.ix_(rows, columns)
        meaning = None if self.meaning is None else self.meaning[part]
        return Similarities(meaning, self.lexical[part])

    def fused(self) -> Iterator[Floats]:
        """One for each head: 1 for the same text, above 0 for any."""
        if self.meaning is None:
            yield np.exp(self.lexical - 1)
            return
        for share in MEANING_SHARES:
            yield np.exp(share * self.meaning + (1 - share) * self.lexical - 1)


def directions(rows: Floats) -> Floats:
    """The rows at length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


@dataclass(frozen=True)
class Heads:
    """A score of each entry is a weighted sum of the similarities to the landmarks."""

    weights: Floats  # heads x landmarks x entries
    offsets: Floats  # heads x entries

    @staticmethod
    def fit(
        among: Similarities, owners: Ints, entries: int, known: Flags, outside: int | None
    ) -> "Heads":
        """From landmarks among themselves: the entry each belongs to, which may be used, and the
        number of the entry that is none."""
        used = np.flatnonzero(known)
        around = _Around(owners[used], entries, outside)
        fitted = [_fit(products, around) for products in among.at(used, used).fused()]
        weights = np.zeros((len(fitted), len(owners), entries), dtype=np.float32)
        weights[:, used] = np.stack([each for each, _ in fitted])
        offsets = np.stack([each for _, each in fitted])
        offsets[:, np.setdiff1d(np.arange(entries), owners[used])] = UNKNOWN
        return Heads(weights, offsets)

    def scores(self, asked: Similarities) -> Floats:
        """Questions x entries x heads."""
        parts = zip(asked.fused(), self.weights, self.offsets, strict=True)
        return np.stack([near @ weights - offsets for near, weights, offsets in parts], axis=2)


def _fit(products: Floats, around: "_Around") -> tuple[Floats, Floats]:
    """With S the scatter of phrasings around the middle m of their entry, an entry's score is
    x'v / sqrt(m'v) where v = inverse(S) m, and m and x are taken from the middle of all.
    Every such vector is a weighted sum of landmarks, so only their weights are worked out.
    """
    middle, middles = around.middles()
    scatter = around(around(products).T)
    plain = float(np.trace(scatter)) / len(scatter) * SHRINKAGE / (1 - SHRINKAGE)
    scatter[np.diag_indices_from(scatter)] += max(plain, 1e-6)
    weights = middles - around(np.linalg.solve(scatter, around(products @ middles)))
    reached = products @ weights
    lengths = np.sqrt(np.maximum((middles * reached).sum(axis=0), 1e-9))
    return weights / lengths, (middle @ reached) / lengths


class _Around:
    """Takes from each row the mean of the rows of its entry."""

    def __init__(self, owners: Ints, entries: int, outside: int | None) -> None:
        self._owners = owners
        self._sizes = np.maximum(np.bincount(owners, minlength=entries), 1).astype(np.float32)
        self._member = np.zeros((len(owners), entries), dtype=np.float32)
        self._member[np.arange(len(owners)), owners] = 1
        self._strays = owners == outside  # have nothing in common: each is its own middle

    def __call__(self, rows: Floats) -> Floats:
        means = (self._member.T @ rows) / self._sizes[:, None]
        residuals = np.asarray(rows - means[self._owners])
        residuals[self._strays] = 0
        return residuals

    def middles(self) -> tuple[Floats, Floats]:
        """As weights of the rows: the middle of all entries; that of each, taken from there."""
        each = self._member / self._sizes
        middle = each.sum(axis=1) / max(int((each.sum(axis=0) > 0).sum()), 1)
        return middle, each - middle[:, None]
