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


def among_themselves(rows: SparseRows) -> Floats:
    """The products of the rows with each other: by matrices where columns are full, else value by
    value."""
    counts, size = np.bincount(rows.columns), len(rows)
    most = min(COMMON, CELLS // max(size, 1) + 1)
    matrix, rest = rows.split(np.argsort(-counts, kind="stable")[:most])
    order = np.argsort(rest.columns, kind="stable")
    owners, values = rest.numbers[order], rest.values[order]
    starts = np.searchsorted(rest.columns[order], np.arange(len(counts) + 1))
    products = matrix @ matrix.T
    at_once = max(CELLS // 4 // size, 1)
    for begin in range(0, size, at_once):
        some = rest.take(np.arange(begin, min(begin + at_once, size)))
        sizes = np.diff(starts)[some.columns]
        places = runs(starts[some.columns], sizes)
        cells = np.repeat(some.numbers * size, sizes) + owners[places]
        added = values[places] * np.repeat(some.values, sizes)
        sums = np.bincount(cells, added, minlength=len(some) * size)
        products[begin : begin + at_once] += sums.reshape(len(some), -1)
    return products
