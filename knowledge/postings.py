"""Sparse rows turned round: for each feature the rows that have it. Quick where all rows matter."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.lexical import Floats, Ints, SparseRow
from knowledge.products import Numbers, SparseRows, runs

COMMON = 20  # a feature is common when more than one row in so many has it


@dataclass(frozen=True)
class Postings:
    """As arrays, to be kept on disk. The features that many rows have are most of the work, so they
    stand as whole columns."""

    starts: Ints  # where the rows of each feature begin, and the end; common ones have none there
    rows: Numbers
    weights: Floats
    column: Ints  # the number of a common feature's column; -1 of the others
    columns: Floats  # a row each, for all rows

    @staticmethod
    def of(rows: SparseRows, features: int) -> "Postings":
        counts = np.bincount(rows.columns, minlength=features)
        often = np.flatnonzero(counts > len(rows) // COMMON)
        columns, rest = rows.split(often)
        order = np.argsort(rest.columns, kind="stable")
        column = np.full(features, -1)
        column[often] = np.arange(len(often))
        return Postings(
            np.searchsorted(rest.columns[order], np.arange(features + 1)),
            rest.numbers[order],
            rest.values[order],
            column,
            columns,
        )

    def similarities(self, asked: Sequence[SparseRow]) -> Floats:
        """The similarity of each to every row."""
        return np.stack([self._similarities(each) for each in asked])

    def _similarities(self, asked: SparseRow) -> Floats:
        columns = self.column[asked.features]
        common = columns >= 0
        near = asked.weights[common] @ self.columns[columns[common]]
        rare = asked.features[~common]
        lengths = self.starts[rare + 1] - self.starts[rare]
        if lengths.any():
            places = runs(self.starts[rare], lengths)
            products = self.weights[places] * np.repeat(asked.weights[~common], lengths)
            near += np.bincount(self.rows[places], products, minlength=len(near))
        return np.asarray(near, dtype=np.float32)
