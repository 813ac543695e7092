"""Tests of whether confidences mean what they say."""

import numpy as np
import pytest

from rcl_flow.core.scoring.calibration import BINS, CalibrationBin, calibrate


def test_answers_fall_into_ranges_of_confidence() -> None:
    """A confidence at the border belongs to the upper range, but 100 to the last."""
    found = calibrate(np.array([0.0, 5.0, 10.0, 100.0]), np.array([False, True, True, True]))
    assert [each.answers for each in found.bins] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert found.bins[0] == CalibrationBin(
        low_percent=0,
        high_percent=10,
        answers=2,
        mean_confidence_percent=2.5,
        share_right=0.5,
    )
    assert (found.bins[1].low_percent, found.bins[9].high_percent) == (10, 100)
    assert (found.bins[2].mean_confidence_percent, found.bins[2].share_right) == (0, 0)


def test_sure_and_right_is_without_error() -> None:
    """So is a coin that is called a coin, but for the outcome of each throw."""
    sure = calibrate(np.full(4, 100.0), np.ones(4, dtype=np.bool_))
    assert (sure.expected_error, sure.brier_score) == (0, 0)
    coin = calibrate(np.full(4, 50.0), np.array([True, False, True, False]))
    assert (coin.expected_error, coin.brier_score) == (0, 0.25)


def test_sure_and_wrong_is_the_largest_error() -> None:
    """Both figures are 1."""
    wrong = calibrate(np.full(3, 100.0), np.zeros(3, dtype=np.bool_))
    assert (wrong.expected_error, wrong.brier_score) == (1, 1)


def test_error_is_weighted_by_answers() -> None:
    """Three answers that are off by 0.2, and one that is off by 0.6."""
    percents = np.array([80.0, 80.0, 80.0, 60.0])
    found = calibrate(percents, np.array([True, True, True, False]))
    assert found.expected_error == pytest.approx((3 * 0.2 + 0.6) / 4)


def test_without_answers_there_is_no_error() -> None:
    """All ranges are there, and empty."""
    found = calibrate(np.array([]), np.array([], dtype=np.bool_))
    assert (found.expected_error, found.brier_score) == (0, 0)
    assert [each.answers for each in found.bins] == [0] * BINS
