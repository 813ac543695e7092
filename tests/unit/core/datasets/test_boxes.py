"""Tests of boxes and their overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import Box, BoxProblem, PixelBox, box_problem, overlap


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


@pytest.mark.parametrize(
    ("marked", "problem"),
    [
        (PixelBox("bolt", 700, 500, 100, 100), None),
        (PixelBox("bolt", -1, 0, 50, 50), "outside"),
        (PixelBox("bolt", 0, -0.5, 50, 50), "outside"),
        (PixelBox("bolt", 700, 0, 101, 50), "outside"),
        (PixelBox("bolt", 0, 500, 50, 101), "outside"),
        (PixelBox("bolt", 10, 10, 0, 50), "inverted"),
        (PixelBox("bolt", 10, 10, 50, -3), "inverted"),
        (PixelBox("bolt", 10, 10, 50, 1), "tiny"),
        (PixelBox("bolt", 10, 10, 50, 1.5), None),
    ],
)
def test_box_is_dropped_for_what_it_does_to_the_image(
    marked: PixelBox, problem: BoxProblem | None
) -> None:
    """Up to the last pixel a box is inside; it must have an area of more than one pixel."""
    assert box_problem(marked, 800, 600) == problem


@pytest.mark.parametrize(("height", "problem"), [(2, "tiny"), (3, None)])
def test_box_must_survive_the_scaling_for_training(height: int, problem: BoxProblem | None) -> None:
    """In an image of 2560 pixels, two pixels become one, which is too small."""
    assert box_problem(PixelBox("bolt", 0, 0, 50, height), 2560, 600) == problem
