"""What fitting spends its time with: products of thousands of rows, and a large system solved."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

BLOCK = 256  # rows worked on together
COMMON = 700  # columns so full that a dense product is quicker


def solve(system: Floats, right: Floats) -> Floats:
    """By Cholesky's factors, in blocks: numpy's own routines work in double precision, at a
    quarter of the speed. The system is symmetric and positive definite; it is overwritten."""
    blocks = [slice(start, start + BLOCK) for start in range(0, len(system), BLOCK)]
    solved, inverses = right.copy(), []
    for block in blocks:
        done, panel = system[block, : block.start], system[block.start :, block]
        panel -= system[block.start :, : block.start] @ done.T
        inverse = np.linalg.inv(np.linalg.cholesky(panel[:BLOCK]))
        panel[BLOCK:] = panel[BLOCK:] @ inverse.T
        solved[block] = inverse @ (solved[block] - done @ solved[: block.start])
        inverses.append(inverse)
    for block, inverse in zip(reversed(blocks), reversed(inverses), strict=True):
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


def products_among(rows: SparseRows) -> Floats:
    """Of every row with every row: by matrices where columns are full, else by their values."""
    counts = np.bincount(rows.columns)
    common = np.argsort(-counts, kind="stable")[:COMMON]
    matrix, rest = rows.split(common)
    products = np.asarray(matrix @ matrix.T)
    order = np.argsort(rest.columns, kind="stable")
    owners, values = rest.numbers[order], rest.values[order]
    starts = np.searchsorted(rest.columns[order], np.arange(len(counts) + 1))
    for begin in range(0, len(rows), BLOCK):
        some = rest.take(np.arange(begin, min(begin + BLOCK, len(rows))))
        sizes = np.diff(starts)[some.columns]
        places = runs(starts[some.columns], sizes)
        cells = np.repeat(some.numbers * len(rows), sizes) + owners[places]
        added = values[places] * np.repeat(some.values, sizes)
        sums = np.bincount(cells, added, minlength=len(some) * len(rows))
        products[begin : begin + BLOCK] += sums.reshape(len(some), -1)
    return products
