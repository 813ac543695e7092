"""Tests of the service's figures recomputed from its snapshot."""

import pytest

from rcl_flow.core.scoring.parity import Difference, recompute
from rcl_flow.core.training.evaluation import Evaluation
from tests.builders import evaluation

OUTCOMES = [
    (["bolt"], ["bolt"]),
    (["bolt"], ["bolt", "nut"]),
    (["bolt", "nut"], ["nut"]),
    (["nut"], []),
]
BOLT = (1.0, 2 / 3, 4 / 5)
NUT = (1 / 2, 1 / 2, 1 / 2)
NEVER = (0.0, 0.0, 0.0)


def reported(**figures: tuple[float, float, float]) -> Evaluation:
    """Return an evaluation of the outcomes whose means are those of the figures."""
    return evaluation(OUTCOMES, figures)


def test_figures_follow_from_the_flags() -> None:
    """Unweighted means over the labels, and no difference."""
    parity = recompute(reported(bolt=BOLT, nut=NUT))
    assert parity.images == 4
    assert parity.precision == pytest.approx(3 / 4)
    assert parity.recall == pytest.approx(7 / 12)
    assert parity.f1 == pytest.approx(13 / 20)
    assert (parity.differences, parity.note) == ((), "")


def test_difference_is_told_largest_first() -> None:
    """The label's recall and F1, and the means that follow from them."""
    parity = recompute(reported(bolt=(1.0, 0.5, 0.9), nut=NUT))
    assert [each.figure for each in parity.differences] == [
        'recall of "bolt"',
        'F1 of "bolt"',
        "recall",
        "F1",
    ]
    assert parity.differences[0] == Difference(
        figure='recall of "bolt"', reported=0.5, recomputed=2 / 3
    )
    assert [each.size for each in parity.differences] == pytest.approx([1 / 6, 0.1, 1 / 12, 0.05])


def test_rounding_is_no_difference() -> None:
    """Six digits are enough; one more than that is a difference."""
    close = (1.0, 2 / 3 + 9e-7, 4 / 5 - 9e-7)
    assert recompute(reported(bolt=close, nut=NUT)).differences == ()
    off = (1.0, 2 / 3 + 3e-6, 4 / 5)
    assert [each.figure for each in recompute(reported(bolt=off, nut=NUT)).differences] == [
        'recall of "bolt"',
        "recall",
    ]


def test_label_without_test_image_takes_part_in_the_means_as_zero() -> None:
    """If the reported mean has it so."""
    parity = recompute(reported(bolt=BOLT, nut=NUT, rare=NEVER))
    assert parity.f1 == pytest.approx(13 / 30)
    assert (parity.differences, parity.note) == ((), "")


def test_label_without_test_image_is_left_out_of_means_that_leave_it_out() -> None:
    """Either is as good a reading of the documentation; the note says which it is."""
    without = reported(bolt=BOLT, nut=NUT)
    listed = reported(bolt=BOLT, nut=NUT, rare=NEVER)
    means = {name: getattr(without, name) for name in ("precision", "recall", "f1")}
    parity = recompute(listed.model_copy(update=means))
    assert parity.f1 == pytest.approx(13 / 20)
    assert parity.differences == ()
    assert "leave out the labels without a test image" in parity.note


def test_means_that_fit_neither_way_are_differences() -> None:
    """They are held against the mean of all labels."""
    odd = reported(bolt=BOLT, nut=NUT, rare=NEVER).model_copy(update={"f1": 0.9})
    (difference,) = recompute(odd).differences
    assert (difference.figure, difference.reported) == ("F1", 0.9)
    assert difference.recomputed == pytest.approx(13 / 30)


def test_snapshot_without_any_label_gives_zeros() -> None:
    """Nothing is tested, nothing fails."""
    parity = recompute(evaluation([([], []), ([], [])], {"bolt": NEVER, "nut": NEVER}))
    assert (parity.precision, parity.recall, parity.f1, parity.differences) == (0, 0, 0, ())


def test_detector_comes_with_a_note() -> None:
    """Differences of objects are told all the same."""
    found = reported(bolt=(1.0, 0.5, 0.9), nut=NUT).model_copy(update={"task": "detection"})
    parity = recompute(found)
    assert "0.646" in parity.note
    assert len(parity.differences) == 4
