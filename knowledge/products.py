"""What fitting spends its time with: products of thousands of rows, and a large system solved."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

BLOCK = 256  # rows worked on together
COMMON = 700  # columns so full that a dense product is quicker
CELLS = 16_000_000  # of a matrix held at once


def blocks(rows: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, rows, BLOCK)]


def solve(system: Floats, right: Floats) -> Floats:
    """By Cholesky's factors, in blocks: numpy's own routines work in double precision, at a
    quarter of the speed. The system is symmetric and positive definite; it is overwritten."""
    solved, inverses = right.copy(), []
    for block in blocks(len(system)):
        done, panel = system[block, : block.start], system[block.start :, block]
        panel -= system[block.start :, : block.start] @ done.T
        inverse = np.linalg.inv(np.linalg.cholesky(panel[:BLOCK]))
        panel[BLOCK:] = panel[BLOCK:] @ inverse.T
        solved[block] = inverse @ (solved[block] - done @ solved[: block.start])
        inverses.append(inverse)
    for block, inverse in zip(reversed(blocks(len(system))), reversed(inverses), strict=True):
        below = slice(block.stop, None)
        solved[block] = inverse.T @ (solved[block] - system[below, block].T @ solved[below])
    return solved


@dataclass(frozen=True)
class SparseRows:
    """One row after the other, each column at most once in a row."""

    starts: Ints  # where each row begins, and the end
    columns: Ints
    values: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def numbers(self) -> Ints:
        """The row of each value."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def take(self, rows: Ints) -> "SparseRows":
        sizes = np.diff(self.starts)[rows]
        places = runs(self.starts[rows], sizes)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        return SparseRows(starts, self.columns[places], self.values[places])

    def followed_by(self, more: "SparseRows") -> "SparseRows":
        return SparseRows(
            np.concatenate([self.starts, self.starts[-1] + more.starts[1:]]),
            np.concatenate([self.columns, more.columns]),
            np.concatenate([self.values, more.values]),
        )

    def split(self, dense: Ints) -> "tuple[Floats, SparseRows]":
        """These columns as a dense matrix, and the rest."""
        place = np.full(max(self.columns.max(initial=0), dense.max(initial=0)) + 1, -1)
        place[dense] = np.arange(len(dense))
        places, numbers = place[self.columns], self.numbers
        full = places >= 0
        matrix = np.zeros((len(self), len(dense)), dtype=np.float32)
        matrix[numbers[full], places[full]] = self.values[full]
        starts = np.searchsorted(numbers[~full], np.arange(len(self) + 1))
        return matrix, SparseRows(starts, self.columns[~full], self.values[~full])


def runs(starts: Ints, sizes: Ints) -> Ints:
    """The numbers from each start on, so many each, one run after the other."""
    ends = np.cumsum(sizes)
    count = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(count) + np.repeat(starts - (ends - sizes), sizes))


class Crossed:
    """Rows turned round, to be multiplied with others of the same columns: by matrices where
    columns are full, else value by value."""

    def __init__(self, rows: SparseRows) -> None:
        counts = np.bincount(rows.columns)
        most = min(COMMON, CELLS // max(len(rows), 1) + 1)
        self._common = np.argsort(-counts, kind="stable")[:most]
        self._size = len(rows)
        self._matrix, rest = rows.split(self._common)
        order = np.argsort(rest.columns, kind="stable")
        self._owners, self._values = rest.numbers[order], rest.values[order]
        self._starts = np.searchsorted(rest.columns[order], np.arange(len(counts) + 1))

    def among_themselves(self, rows: SparseRows) -> Floats:
        """The rows must be those this was made of."""
        return self._added(self._matrix @ self._matrix.T, rows.split(self._common)[1])

    def products(self, rows: SparseRows) -> Floats:
        """A row for each row given, a column for each of its own."""
        matrix, rest = rows.split(self._common)
        return self._added(matrix @ self._matrix.T, rest)

    def _added(self, products: Floats, rest: SparseRows) -> Floats:
        at_once = max(CELLS // 4 // self._size, 1)
        for begin in range(0, len(rest), at_once):
            some = rest.take(np.arange(begin, min(begin + at_once, len(rest))))
            sizes = np.diff(self._starts)[some.columns]
            places = runs(self._starts[some.columns], sizes)
            cells = np.repeat(some.numbers * self._size, sizes) + self._owners[places]
            added = self._values[places] * np.repeat(some.values, sizes)
            sums = np.bincount(cells, added, minlength=len(some) * self._size)
            products[begin : begin + at_once] += sums.reshape(len(some), -1)
        return products
