"""Tests of what changes do to boxes."""

import pytest

from rcl_flow.core.augmenting.changes import Change, move_boxes, move_of
from rcl_flow.core.datasets.boxes import Box, PixelBox

BOX = PixelBox("a", 10, 20, 30, 40)


def moved(change: Change, box: PixelBox = BOX) -> PixelBox:
    """Return where a box of an image of 200 x 100 pixels goes."""
    ((found,), _) = move_boxes((box,), move_of(change, 200, 100))
    return found


@pytest.mark.parametrize(
    ("change", "box"),
    [
        (Change("grayscale"), BOX),
        (Change("gamma", 2), BOX),
        (Change("mirror"), PixelBox("a", 160, 20, 30, 40)),
        (Change("flip"), PixelBox("a", 10, 40, 30, 40)),
        (Change("quarter-turn", 1), PixelBox("a", 20, 160, 40, 30)),
        (Change("quarter-turn", 2), PixelBox("a", 160, 40, 30, 40)),
        (Change("quarter-turn", -1), PixelBox("a", 40, 10, 40, 30)),
        (Change("scale", 0.5), PixelBox("a", 5, 10, 15, 20)),
    ],
    ids=str,
)
def test_box_goes_where_the_change_puts_it(change: Change, box: PixelBox) -> None:
    """Each operation has its place for a box, worked out by hand."""
    assert moved(change) == box


def test_box_of_a_rotation_is_the_upright_one_around_it() -> None:
    """A turned box becomes wider and higher, about the same middle."""
    middle = PixelBox("a", 90, 40, 20, 20)
    found = moved(Change("rotation", 10), middle)
    assert found.width == pytest.approx(20 * 1.158, abs=0.01)
    assert found.width == pytest.approx(found.height)


def test_rotation_leaves_no_empty_corner() -> None:
    """The corners of the new image lie in the old one."""
    move = move_of(Change("rotation", 9), 200, 100)
    a, b, c, d, e, f = move.matrix
    assert move.point(100, 50) == pytest.approx((move.width / 2, move.height / 2))
    for x, y in [(0, 0), (move.width, 0), (0, move.height), (move.width, move.height)]:
        before_x, before_y = e * (x - c) - b * (y - f), a * (y - f) - d * (x - c)
        assert -1e-9 <= before_x <= 200 + 1e-9
        assert -1e-9 <= before_y <= 100 + 1e-9


def test_box_that_leaves_the_picture_is_dropped_with_the_reason() -> None:
    """A crop that shows a third of an object does not show the object."""
    crop = Change("crop", area=Box(left=0.15, top=0, width=0.8, height=1))
    kept, dropped = move_boxes((BOX,), move_of(crop, 200, 100))
    assert kept == ()
    assert [entry.problem for entry in dropped] == ["outside"]


def test_box_that_leaves_the_picture_a_little_is_cut() -> None:
    """A box never goes over the edge: the service would drop it."""
    crop = Change("crop", area=Box(left=0.1, top=0, width=0.8, height=1))
    assert moved(crop) == PixelBox("a", 0, 20, 20, 40)


def test_box_that_shrinks_too_far_is_dropped() -> None:
    """What is below the service's smallest box is told, not written."""
    thin = PixelBox("a", 10, 10, 3, 40)
    kept, dropped = move_boxes((thin,), move_of(Change("scale", 0.3), 200, 100))
    assert kept == ()
    assert [entry.problem for entry in dropped] == ["tiny"]


def test_parameters_are_what_is_needed_to_do_it_again() -> None:
    """The lineage says how much, or which part."""
    assert Change("rotation", 7).parameters == {"amount": 7}
    assert Change("mirror").parameters == {}
    area = Box(left=0.1, top=0.2, width=0.5, height=0.6)
    assert Change("crop", area=area).parameters == dict(area)
