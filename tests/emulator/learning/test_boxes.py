"""Boxes and their overlap."""

import pytest

from rcl_flow.emulator.learning.boxes import WHOLE_IMAGE, Box


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (Box(0, 0, 0.5, 0.5), Box(0, 0, 0.5, 0.5), 1.0),
        (Box(0, 0, 0.5, 0.5), Box(0.5, 0, 0.5, 0.5), 0.0),
        (Box(0, 0, 0.5, 0.5), Box(0, 0.75, 0.5, 0.25), 0.0),
        (Box(0, 0, 0.5, 1), Box(0.25, 0, 0.5, 1), 1 / 3),
        (Box(0.25, 0.25, 0.5, 0.5), WHOLE_IMAGE, 0.25),
    ],
)
def test_overlap_is_intersection_over_union(one: Box, other: Box, overlap: float) -> None:
    """Equal boxes give 1, boxes that only touch 0; the order does not matter."""
    assert one.overlap(other) == pytest.approx(overlap)
    assert other.overlap(one) == pytest.approx(overlap)
