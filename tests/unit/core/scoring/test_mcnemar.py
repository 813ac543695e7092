"""Tests of McNemar's exact test."""

import numpy as np
import pytest
from scipy.stats import binomtest  # type: ignore[import-untyped]  # brings no types

from rcl_flow.core.scoring.mcnemar import mcnemar, mcnemar_p_value


@pytest.mark.parametrize(
    ("only_first", "only_second"),
    [(0, 0), (0, 1), (1, 1), (0, 6), (3, 9), (12, 4), (40, 41), (500, 430), (5000, 5300)],
)
def test_p_value_is_that_of_an_exact_binomial_test(only_first: int, only_second: int) -> None:
    """An independent implementation gives the same chance."""
    thrown = only_first + only_second
    expected = binomtest(only_first, thrown).pvalue if thrown else 1.0
    assert mcnemar_p_value(only_first, only_second) == pytest.approx(expected, rel=1e-9)


def test_table_counts_each_image_once() -> None:
    """Two flags an image give four counts, and the two that disagree give the chance."""
    first = np.array([True] * 5 + [False] * 9)
    second = np.array([True] * 4 + [False] + [True] * 7 + [False] * 2)
    test = mcnemar(first, second, 0.95)
    counts = (test.both_right, test.only_first, test.only_second, test.both_wrong)
    assert counts == (4, 1, 7, 2)
    assert test.p_value == pytest.approx(18 / 256)
    assert not test.certain
    assert mcnemar(first, second, 0.9).certain
