"""One ranking from words, letters and meaning.

A question is compared with *landmark* phrasings, by meaning, by wording and by both. From such
similarities a head does what discriminant analysis does, as a kernel method: it learns from the
phrasings of each entry which differences do not matter, shrinks those, and compares the question
with the middle of each entry. One linear system, no iterations.

On ten phrasings an intent of BANKING77 this ranks 1.5 points better than logistic regression on
the same similarities, and on entries with 75 various phrasings each it ranks 5 points better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from knowledge.products import blocks, solve

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

    def fused(self) -> Iterator[Floats]:
        """One for each head: 1 for the same text, above 0 for any. Read one before the next: they
        are made in the same place."""
        fused = np.empty_like(self.lexical)
        if self.meaning is None:
            yield np.exp(np.subtract(self.lexical, 1, out=fused), out=fused)
            return
        for share in MEANING_SHARES:
            for some in blocks(len(fused)):
                np.multiply(self.meaning[some], share, out=fused[some])
                fused[some] += self.lexical[some] * (1 - share)
            fused -= 1
            yield np.exp(fused, out=fused)


def directions(rows: Floats) -> Floats:
    """The rows at length 1."""
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


@dataclass(frozen=True)
class Heads:
    """A score of each entry is a weighted sum of the similarities to the landmarks."""

    weights: Floats  # heads x entries x landmarks
    offsets: Floats  # heads x entries

    @staticmethod
    def fit(
        among: Similarities,
        owners: Ints,
        entries: int,
        known: Sequence[Flags],
        outside: int | None,
        share: float = 1.0,
    ) -> "list[Heads]":
        """One for each set of landmarks that may be used. From landmarks among themselves, the
        entry each belongs to (ascending), and the number of the entry that is none.

        share: of more landmarks, for which these stand."""
        used = [np.flatnonzero(flags) for flags in known]
        fitted: list[list[tuple[Floats, Floats]]] = [[] for _ in used]
        for products in among.fused():
            for rows, heads in zip(used, fitted, strict=True):
                heads.append(_fit(_among(products, rows), owners[rows], outside, share))
        return [
            Heads._spread(heads, rows, owners, entries)
            for heads, rows in zip(fitted, used, strict=True)
        ]

    @staticmethod
    def _spread(
        fitted: list[tuple[Floats, Floats]], used: Ints, owners: Ints, entries: int
    ) -> "Heads":
        """Over all landmarks and all entries."""
        present = np.unique(owners[used])
        weights = np.zeros((len(fitted), entries, len(owners)), dtype=np.float32)
        offsets = np.full((len(fitted), entries), UNKNOWN, dtype=np.float32)
        for number, (weight, offset) in enumerate(fitted):
            weights[number][np.ix_(present, used)] = weight.T
            offsets[number, present] = offset
        return Heads(weights, offsets)

    def scores(self, asked: Similarities) -> Floats:
        """Questions x entries x heads."""
        parts = zip(asked.fused(), self.weights, self.offsets, strict=True)
        scored = ((each @ near.T).T - offsets for near, each, offsets in parts)
        return np.stack(list(scored), axis=2)


def _among(products: Floats, rows: Ints) -> Floats:
    """A copy of the products of these rows with each other."""
    part = np.empty((len(rows), len(rows)), dtype=products.dtype)
    for some in blocks(len(rows)):
        np.take(products[rows[some]], rows, axis=1, out=part[some])
    return part


def _fit(
    products: Floats, owners: Ints, outside: int | None, share: float
) -> tuple[Floats, Floats]:
    """With S the scatter of phrasings around the middle m of their entry, an entry's score is
    x'v / sqrt(m'v) where v = inverse(S) m, and m and x are taken from the middle of all.
    Every such vector is a weighted sum of landmarks, so only their weights are worked out.
    The products are overwritten: of ten thousand landmarks each matrix takes 400 MB.
    """
    groups = _Groups.of(owners)
    nearness = groups.near(products)  # of each landmark to the middle of each entry
    near_middle = nearness.mean(axis=1)
    near = nearness - near_middle[:, None]
    weights = groups.spread(np.diag(1 / groups.sizes))
    weights -= weights.mean(axis=1, keepdims=True)
    inside = int(np.searchsorted(owners, len(owners) if outside is None else outside))
    if inside:  # what is outside has nothing in common: each is its own middle
        inner = _Groups.of(owners[:inside])
        scatter = products[:inside, :inside]
        _leave_scatter(scatter, nearness[:inside], inner)
        plain = float(np.trace(scatter)) / len(products) * SHRINKAGE / (1 - SHRINKAGE) * share
        scatter[np.diag_indices_from(scatter)] += max(plain, 1e-6)
        weights[:inside] -= inner.residuals(solve(scatter, inner.residuals(near[:inside])))
    lengths = np.sqrt(np.maximum((near * weights).sum(axis=0), 1e-9))
    return weights / lengths, (near_middle @ weights) / lengths


def _leave_scatter(products: Floats, nearness: Floats, groups: "_Groups") -> None:
    """Take the middle of its own entry from each landmark."""
    means = np.ascontiguousarray(nearness[:, : len(groups.sizes)].T)
    between = groups.means(means.T)
    for number, (begin, end) in enumerate(pairwise([*groups.starts.tolist(), len(products)])):
        products[begin:end] -= groups.spread(means[:, begin:end]).T
        products[begin:end] -= means[number] - groups.spread(between[number])


@dataclass(frozen=True)
class _Groups:
    """The rows of each entry, which stand together."""

    starts: Ints
    sizes: Floats

    @staticmethod
    def of(owners: Ints) -> "_Groups":
        _, starts, sizes = np.unique(owners, return_index=True, return_counts=True)
        return _Groups(starts, sizes.astype(np.float32))

    def means(self, rows: Floats) -> Floats:
        return np.asarray(np.add.reduceat(rows, self.starts, axis=0) / self.sizes[:, None])

    def near(self, products: Floats) -> Floats:
        return np.asarray(np.add.reduceat(products, self.starts, axis=1) / self.sizes)

    def spread(self, rows: Floats) -> Floats:
        return np.repeat(rows, self.sizes.astype(np.int64), axis=0)

    def residuals(self, rows: Floats) -> Floats:
        return np.asarray(rows - self.spread(self.means(rows)))
