"""Tests of the one rule of what reaches a threshold: exact for every number that is written."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.percentages import percent_of, reaches, threshold_decimals
from rcl_flow.core.scoring.answers import LabelAnswers
from rcl_flow.core.scoring.predictions import predicted_labels
from tests.builders import prediction


@given(st.integers(0, 6), st.data())
def test_a_confidence_as_written_reaches_the_threshold_as_written(
    decimals: int, data: st.DataObject
) -> None:
    """Also 7, 14, 28, 55 and 56 percent, of which the ratio times 100 is a little more."""
    written = data.draw(st.integers(0, 100 * 10**decimals))
    threshold = float(f"{written}e-{decimals + 2}")
    assert reaches(float(f"{written}e-{decimals}"), threshold)
    assert not reaches(float(f"{written - 1}e-{decimals}"), threshold)


@given(st.floats(0, 100, width=32).filter(lambda percent: percent > 1e-30))
def test_a_served_confidence_is_told_from_its_neighbours(percent: float) -> None:
    """A threshold that is a 32-bit answer lets through that answer and not the one below."""
    below = float(np.nextafter(np.float32(percent), np.float32(0)))
    assert reaches(percent, percent / 100)
    assert not reaches(below, percent / 100)


@pytest.mark.parametrize("percent", [7, 14, 28, 29, 55, 56, 57, 58])
def test_all_answers_of_the_threshold_itself_are_found(percent: int) -> None:
    """Name by name and as arrays alike: a fixed threshold of exactly what was answered."""
    threshold = {"cat": percent / 100}
    assert predicted_labels(prediction("x", cat=float(percent)), threshold) == ("cat",)
    answers = LabelAnswers(("cat",), np.ones((3, 1), np.bool_), np.full((3, 1), float(percent)))
    assert answers.at(threshold).hits.sum() == 3
    assert percent_of(percent / 100) == pytest.approx(percent, rel=2e-12)


@pytest.mark.parametrize(
    ("threshold", "decimals"),
    [(0.5, 3), (0.0, 3), (1.0, 3), (0.9994, 3), (0.9996, 4), (0.00004, 5), (0.9999999, 6)],
)
def test_a_threshold_is_told_in_enough_decimals(threshold: float, decimals: int) -> None:
    """At 1.000 a label would be as good as never given, which 0.9996 is not."""
    assert threshold_decimals(threshold) == decimals
