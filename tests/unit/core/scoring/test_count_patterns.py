"""Patterns of counts stand for the images that have them; blocks vary as single images do."""

import numpy as np
import pytest

from rcl_flow.core.scoring.count_patterns import distinct_rows, sums_of_blocks


@pytest.mark.parametrize("columns", [1, 5, 80])
def test_distinct_rows_are_numpys(columns: int) -> None:
    """Each row once with its number of times, also where the codes of rows do not fit a word."""
    rows = np.random.default_rng(columns).integers(0, 3, (400, columns))
    rows = np.vstack([rows, rows[:100]])
    found, counts = distinct_rows(rows[:, : columns // 2], rows[:, columns // 2 :])
    some = rows[rows.any(axis=1)]
    wanted, wanted_counts = np.unique(some, axis=0, return_counts=True)
    order = np.lexsort(found.T[::-1])
    assert np.array_equal(found[order], wanted)
    assert np.array_equal(counts[order], wanted_counts)


def test_rows_of_nothing_are_no_pattern() -> None:
    """An image without a count says nothing; of such images alone there is no pattern."""
    found, counts = distinct_rows(np.array([[0, 0], [0, 2], [0, 0]]), np.array([[0], [1], [0]]))
    assert (found.tolist(), counts.tolist()) == ([[0, 2, 1]], [1])
    nothing, none = distinct_rows(np.zeros((3, 2), dtype=np.int64))
    assert (nothing.shape, none.shape) == ((0, 2), (0,))


def test_blocks_hold_every_row_once() -> None:
    """Nothing is lost, and rows are not taken in their order."""
    rows = np.arange(100).reshape(-1, 1)
    sums, counts = sums_of_blocks(rows, 7, np.random.default_rng(1))
    assert sums.sum() == rows.sum()
    assert counts.tolist() == [1] * 7
    assert sums.ravel().tolist() != sorted(sums.ravel().tolist())
