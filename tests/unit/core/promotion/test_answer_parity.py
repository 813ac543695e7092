"""Tests of whether two models gave the same answers."""

import pytest

from rcl_flow.core.datasets.boxes import Box, DetectedBox
from rcl_flow.core.promotion.answer_parity import measure_parity
from rcl_flow.core.scoring.predictions import Prediction


def answers(**confidences: float) -> dict[str, Prediction]:
    """Return answers of one label, each by its image."""
    return {
        name: Prediction(sha256=name, confidences_percent={"cat": percent})
        for name, percent in confidences.items()
    }


def found(*boxes: tuple[str, float, float]) -> dict[str, Prediction]:
    """Return the answer of one image, its boxes by label, confidence and left side."""
    made = tuple(
        DetectedBox(
            label=label,
            confidence_percent=percent,
            box=Box(left=left, top=0.1, width=0.2, height=0.2),
        )
        for label, percent, left in boxes
    )
    best = {label: percent for label, percent, _ in boxes}
    return {"a": Prediction(sha256="a", confidences_percent=best, boxes=made)}


def test_rounding_is_no_difference() -> None:
    """A millionth of a percent is not another answer."""
    parity = measure_parity(answers(a=50.0, b=60.0), answers(a=50.0 + 9e-7, b=60.0))
    assert parity.identical
    assert parity.largest_difference_percent == pytest.approx(9e-7, rel=1e-3)


def test_differences_are_counted_and_the_largest_is_named_first() -> None:
    """The images that differ most lead the list."""
    parity = measure_parity(answers(a=50.0, b=60.0, c=1.0), answers(a=50.1, b=55.0, c=1.0))
    assert not parity.identical
    assert (parity.images, parity.differing_images, parity.differing) == (3, 2, ("b", "a"))
    assert parity.largest_difference_percent == pytest.approx(5.0)


def test_an_answer_of_one_model_alone_is_a_difference() -> None:
    """A label or an image that only one of them has."""
    other = {"a": Prediction(sha256="a", confidences_percent={"cat": 50.0, "dog": 0.0})}
    assert measure_parity(answers(a=50.0), other).largest_difference_percent == 100
    parity = measure_parity(answers(a=50.0), answers(a=50.0, b=1.0))
    assert (parity.unanswered, parity.differing_images, parity.identical) == (1, 0, False)
    assert not measure_parity({}, {}).identical


def test_boxes_are_compared_by_label_confidence_and_place() -> None:
    """In whatever order they come."""
    one = found(("nut", 90.0, 0.1), ("bolt", 80.0, 0.5))
    assert measure_parity(one, found(("bolt", 80.0, 0.5), ("nut", 90.0, 0.1))).identical
    moved = measure_parity(one, found(("nut", 90.0, 0.11), ("bolt", 80.0, 0.5)))
    assert (moved.identical, moved.differing_images) == (False, 1)
    assert moved.largest_shift == pytest.approx(0.01)
    assert not measure_parity(one, found(("nut", 90.0, 0.1))).identical
    weaker = measure_parity(one, found(("nut", 90.0, 0.1), ("bolt", 79.0, 0.5)))
    assert weaker.largest_difference_percent == pytest.approx(1.0)
