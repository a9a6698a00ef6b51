"""What fitting spends its time with gives what plain matrices give."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from knowledge.products import SparseRows, among_themselves, gathered, solve

WIDTH = 6

Matrix = npt.NDArray[np.float32]

ROW = st.lists(st.sampled_from([0.0, 0.0, 0.5, 1.0, 2.0]), min_size=WIDTH, max_size=WIDTH)
MATRIX = st.lists(ROW, min_size=1, max_size=6)


def sparse(matrix: Matrix) -> SparseRows:
    columns = [np.flatnonzero(row) for row in matrix]
    return SparseRows.of(columns, [row[row != 0] for row in matrix])


def dense(rows: SparseRows) -> Matrix:
    matrix = np.zeros((len(rows), WIDTH), dtype=np.float32)
    matrix[rows.numbers, rows.columns] = rows.values
    return matrix


@given(MATRIX, MATRIX, st.data())
def test_rows_are_taken_as_they_are_numbered_through_all_parts(
    first: list[list[float]], second: list[list[float]], data: st.DataObject
) -> None:
    every = np.array(first + second, dtype=np.float32)
    wanted = data.draw(st.lists(st.integers(0, len(every) - 1), max_size=12))
    parts = [sparse(np.array(part, dtype=np.float32)) for part in (first, second)]
    rows = np.array(wanted, dtype=np.int64)
    np.testing.assert_array_equal(dense(gathered(parts, rows)), every[rows])


def test_what_is_all_of_it_is_not_copied() -> None:
    rows = sparse(np.eye(WIDTH, dtype=np.float32))
    taken = rows.take(np.arange(WIDTH))
    assert np.shares_memory(taken.columns, rows.columns)
    assert np.shares_memory(taken.values, rows.values)


@given(MATRIX, st.sets(st.integers(0, WIDTH - 1)))
def test_full_columns_and_the_rest_are_all_there_is(
    given_rows: list[list[float]], full: set[int]
) -> None:
    matrix = np.array(given_rows, dtype=np.float32)
    chosen = np.array(sorted(full), dtype=np.int64)
    columns, rest = sparse(matrix).split(chosen)
    np.testing.assert_array_equal(columns, matrix[:, chosen].T)
    left = matrix.copy()
    left[:, chosen] = 0
    np.testing.assert_array_equal(dense(rest), left)


@given(MATRIX.filter(lambda rows: any(map(any, rows))))
def test_rows_among_themselves(given_rows: list[list[float]]) -> None:
    matrix = np.array(given_rows, dtype=np.float32)
    np.testing.assert_allclose(among_themselves(sparse(matrix)), matrix @ matrix.T, atol=1e-5)


def test_a_system_of_several_blocks_is_solved() -> None:
    dice = np.random.default_rng(1)
    half = dice.standard_normal((600, 600), dtype=np.float32)
    system = half @ half.T / np.float32(600) + np.eye(600, dtype=np.float32)
    right = dice.standard_normal((600, 3), dtype=np.float32)
    solved = solve(system.copy(), right)
    np.testing.assert_allclose(system @ solved, right, atol=1e-3)
