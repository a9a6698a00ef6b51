"""What gives every entry a score: weights for the landmarks, or else the middle of each entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from knowledge.fusion import SHRINKAGE, UNKNOWN, Flags, Floats, Heads, Ints, directions
from knowledge.landmarks import Landmarks
from knowledge.lexical import LexicalIndex, SparseRow
from knowledge.postings import Postings
from knowledge.products import SparseRows, blocks, gathered

MANY = 300
"""Entries. A weight for each landmark and entry is too much to read for a question then, and to
keep; by their middles entries of ten phrasings are ranked 1.6 points worse."""
SPREADS = 0.1  # what one spread counts beside similarities, which go up to 1


def are_many(entries: int) -> bool:
    return entries > MANY


class Scored(NamedTuple):
    scores: Floats  # questions x entries x heads
    wording: Floats | None  # how near each landmark is, where there are landmarks


class Ranking(Protocol):
    @property
    def count(self) -> int:
        """Of heads: scores of an entry."""

    def ask(self, rows: Sequence[SparseRow], vectors: Floats | None) -> Scored:
        """Questions as wording and as the index's outlook has them."""


@dataclass(frozen=True)
class ByLandmarks:
    landmarks: Landmarks
    heads: Heads

    @property
    def count(self) -> int:
        return len(self.heads.weights)

    def ask(self, rows: Sequence[SparseRow], vectors: Floats | None) -> Scored:
        near = self.landmarks.similarities(rows, vectors)
        return Scored(self.heads.scores(near), near.lexical)


@dataclass(frozen=True)
class Middles:
    """Plain discriminant analysis on the vectors, and how near the middles are as they stand, by
    meaning and by wording."""

    scaled: Floats | None  # entries x axes, by what matters; None without an encoder, as the next
    plain: Floats | None  # entries x axes, of length 1
    offsets: Floats  # of the scaled ones
    postings: Postings  # of the middles by wording

    @property
    def count(self) -> int:
        return 1 if self.scaled is None else 3

    @staticmethod
    def fit(
        lexical: LexicalIndex,
        vectors: Floats | None,
        owners: Ints,
        entries: int,
        outside: int | None,
        known: Flags,
    ) -> "Middles":
        """owners: the entry of each phrasing, ascending. Of these only the known ones count."""
        used = np.flatnonzero(known)
        rows = _middle_rows(lexical.rows.take(used), owners[used], entries)
        scaled, plain, offsets = None, None, np.zeros(entries, np.float32)
        if vectors is not None:
            some = vectors if known.all() else vectors[used]
            scaled, plain, offsets = _discriminants(some, owners[used], entries, outside)
        return Middles(scaled, plain, offsets, Postings.of(rows, lexical.width))

    def ask(self, rows: Sequence[SparseRow], vectors: Floats | None) -> Scored:
        wording = self.postings.similarities(rows)
        if vectors is None or self.plain is None or self.scaled is None:
            return Scored(wording[:, :, None], None)
        scaled = vectors @ self.scaled.T - self.offsets
        return Scored(np.stack([scaled, vectors @ self.plain.T, wording], axis=2), None)


def _middle_rows(rows: SparseRows, owners: Ints, entries: int) -> SparseRows:
    """The sum of each entry's rows, at length 1; some entries at a time, which needs little memory
    and sorts quickly."""
    starts = np.searchsorted(owners, np.arange(entries + 1))
    summed = []
    for some in blocks(entries):
        used = np.arange(starts[some.start], starts[some.stop])
        summed.append(_summed(rows.take(used), owners[used] - some.start, some.stop - some.start))
    return gathered(summed, np.arange(entries))


def _summed(rows: SparseRows, owners: Ints, entries: int) -> SparseRows:
    width = int(rows.columns.max(initial=0)) + 1
    cells = owners[rows.numbers] * width + rows.columns
    order = np.argsort(cells, kind="stable")  # which merges what is in order, as each row is
    cells = cells[order]
    firsts = np.flatnonzero(np.diff(cells, prepend=-1))
    sums = np.add.reduceat(rows.values[order], firsts, dtype=np.float64)
    numbers, columns = np.divmod(cells[firsts], width)
    lengths = np.sqrt(np.bincount(numbers, sums**2, minlength=entries))
    starts = np.searchsorted(numbers, np.arange(entries + 1))
    values = (sums / lengths[numbers]).astype(np.float32)
    return SparseRows(starts, columns.astype(np.int32), values)


def _discriminants(
    vectors: Floats, owners: Ints, entries: int, outside: int | None
) -> tuple[Floats, Floats, Floats]:
    """Scaled, plain, and the offsets. With S the scatter of phrasings around the middle m of their
    entry, taken from the middle of all, an entry's score is x'v / sqrt(m'v), v = inverse(S) m.
    What is outside has nothing in common and no part in S, nor is it scaled by more than its size.
    """
    present, starts, sizes = np.unique(owners, return_index=True, return_counts=True)
    middles = np.add.reduceat(vectors, starts, axis=0) / sizes[:, None]
    centre = middles.mean(axis=0)
    away = (middles - centre).astype(np.float64)
    scatter = np.zeros((vectors.shape[1],) * 2)
    places = np.repeat(np.arange(len(present)), sizes)
    for some in blocks(len(vectors)):
        apart = (vectors[some] - middles[places[some]])[owners[some] != outside]
        scatter += apart.T @ apart
    scatter /= len(vectors)
    plain = max(float(np.trace(scatter)) / len(scatter), 1e-6)
    scatter += np.eye(len(scatter)) * plain * SHRINKAGE / (1 - SHRINKAGE)
    scaled = np.linalg.solve(scatter, away.T).T
    scaled[present == outside] = away[present == outside] / plain
    scaled *= SPREADS / np.sqrt(np.maximum((away * scaled).sum(axis=1, keepdims=True), 1e-9))
    offsets = np.full(entries, UNKNOWN, dtype=np.float32)
    offsets[present] = scaled @ centre
    both = np.zeros((2, entries, vectors.shape[1]), dtype=np.float32)
    both[0, present], both[1, present] = scaled, directions(np.asarray(middles, np.float32))
    return both[0], both[1], offsets
