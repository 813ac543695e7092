"""Tests of data frames: made by pandas itself, and asked for without it."""

import pytest

from rcl_flow.errors import ExtraMissingError
from rcl_flow.integrations.data_frames import data_frame


def test_columns_become_a_frame_of_the_same_values() -> None:
    """Texts, numbers and tuples stay what they are; None in figures is no number."""
    frame = data_frame({"label": ["a", "b"], "f1": [0.5, None], "truth": [("a",), ()]})
    assert list(frame.columns) == ["label", "f1", "truth"]
    assert frame.label.tolist() == ["a", "b"]
    assert frame.f1.isna().tolist() == [False, True]
    assert frame.truth.tolist() == [("a",), ()]


def test_missing_package_is_told_with_the_extra_and_the_way_without() -> None:
    """Who has not installed pandas reads what to install, and what works at once."""
    with pytest.raises(ExtraMissingError, match="package pandas_of_nobody") as caught:
        data_frame({"label": ["a"]}, package="pandas_of_nobody")
    assert "rcl-flow[notebook]" in caught.value.hint
    assert "columns()" in caught.value.hint
