"""What fitting spends its time with: products of thousands of rows, and a large system solved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]  # of rows or columns, where there are millions

BLOCK = 256  # rows worked on together
COMMON = 700  # columns so full that a dense product is quicker
CELLS = 16_000_000  # of a matrix held at once


def blocks(rows: int) -> list[slice]:
    return [slice(start, min(start + BLOCK, rows)) for start in range(0, rows, BLOCK)]


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
    columns: Numbers
    values: Floats

    @staticmethod
    def of(columns: Sequence[Ints | Numbers], values: Sequence[Floats]) -> "SparseRows":
        """Of each row."""
        return SparseRows(
            np.cumsum([0, *map(len, columns)]),
            _joined(columns, np.int32),
            _joined(values, np.float32),
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def numbers(self) -> Numbers:
        """The row of each value."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    def take(self, rows: Ints) -> "SparseRows":
        return gathered([self], rows)

    def split(self, dense: Ints) -> "tuple[Floats, SparseRows]":
        """These columns as a dense matrix, a row each, and the rest."""
        place = np.full(max(self.columns.max(initial=0), dense.max(initial=0)) + 1, -1, np.int32)
        place[dense] = np.arange(len(dense))
        places, numbers = place[self.columns], self.numbers
        full = places >= 0
        matrix = np.zeros((len(dense), len(self)), dtype=np.float32)
        matrix[places[full], numbers[full]] = self.values[full]
        rest = ~full
        starts = np.append(0, np.cumsum(np.bincount(numbers[rest], minlength=len(self))))
        return matrix, SparseRows(starts, self.columns[rest], self.values[rest])


def gathered(parts: Sequence[SparseRows], rows: Ints) -> SparseRows:
    """Rows as they are numbered through all the parts. What follows one another is copied as one,
    and not copied when that is everything."""
    firsts = np.cumsum([0, *map(len, parts)])
    part = np.searchsorted(firsts, rows, side="right") - 1
    row = rows - firsts[part]
    begins = np.flatnonzero((np.diff(rows, prepend=-2) != 1) | (np.diff(part, prepend=-1) != 0))
    lasts = np.append(begins, len(rows))[1:] - 1
    of = [parts[number] for number in part[begins].tolist()]
    spans = [
        slice(each.starts[first], each.starts[last + 1])
        for each, first, last in zip(of, row[begins], row[lasts], strict=True)
    ]
    sizes = np.concatenate([np.diff(each.starts) for each in parts])[rows]
    return SparseRows(
        np.append(0, np.cumsum(sizes)),
        _joined([each.columns[span] for each, span in zip(of, spans, strict=True)], np.int32),
        _joined([each.values[span] for each, span in zip(of, spans, strict=True)], np.float32),
    )


def _joined(arrays: Sequence[npt.NDArray[Any]], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    if len(arrays) == 1 and arrays[0].dtype == kind:
        return arrays[0]
    return np.concatenate([np.zeros(0, kind), *arrays], dtype=kind, casting="same_kind")


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
    products = matrix.T @ matrix
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
