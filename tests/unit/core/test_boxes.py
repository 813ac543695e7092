"""Tests of boxes and their overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.boxes import Box, PixelBox, overlap


def box(left: float, top: float, width: float, height: float) -> Box:
    """Return a box of ratios."""
    return Box(left=left, top=top, width=width, height=height)


def test_pixel_box_becomes_ratios_of_the_image() -> None:
    """Across by the width, down by the height."""
    found = PixelBox("bolt", left=100, top=30, width=50, height=60).within(200, 300)
    assert found == box(0.5, 0.1, 0.25, 0.2)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (box(0, 0, 0.5, 0.5), box(0, 0, 0.5, 0.5), 1.0),
        (box(0, 0, 0.5, 0.5), box(0.5, 0, 0.5, 0.5), 0.0),
        (box(0, 0, 0.5, 0.5), box(0, 0.6, 0.5, 0.4), 0.0),
        (box(0, 0, 0.4, 0.4), box(0.2, 0, 0.4, 0.4), 1 / 3),
    ],
)
def test_overlap_is_that_worked_out_by_hand(first: Box, second: Box, expected: float) -> None:
    """Equal boxes overlap wholly, touching ones not at all."""
    assert overlap(first, second) == pytest.approx(expected)


sides = st.floats(0.001, 1)
boxes = st.builds(Box, left=st.floats(0, 1), top=st.floats(0, 1), width=sides, height=sides)


@given(boxes, boxes)
def test_overlap_is_a_symmetric_ratio(first: Box, second: Box) -> None:
    """Whatever the boxes, it lies between 0 and 1 and has no direction."""
    assert 0 <= overlap(first, second) <= 1 + 1e-9
    assert overlap(first, second) == pytest.approx(overlap(second, first))
    assert overlap(first, first) == pytest.approx(1)
