"""Tests of what differs between the test set and the holdout."""

import numpy as np
import pytest

from rcl_flow.core.audit.rules import FactorRules
from rcl_flow.core.datasets.dataset import Split
from rcl_flow.core.scoring.shifts import (
    PartShares,
    Sides,
    certain_parts,
    columns_of,
    factor_shifts,
    mix_shifts,
    part_shares,
    sides_of,
)
from rcl_flow.core.scoring.slice_candidates import Candidate, Dimension
from rcl_flow.core.scoring.slice_contrast import Contrast
from rcl_flow.core.scoring.slice_questions import Measure, Question
from rcl_flow.core.scoring.slices import Found
from rcl_flow.core.statistics import Window
from tests.builders import dataset, labelled
from tests.unit.core.audit.measured import Shooting, Shot, remeasured

RULES = FactorRules()
DARK = Candidate("the darkest quarter", (0,), Window(-np.inf, 0.3), Window(0.1, 0.3))
CAMERA = Candidate("camera X", (0,), names=frozenset({"X"}))
ANYWHERE = np.zeros(1, dtype=np.intp)


def sides(test: list[Shot], holdout: list[Shot]) -> Sides:
    """Return both sides, all images measured."""
    measured = {image.sha256: seen for image, seen in test + holdout}
    named: tuple[tuple[Split, list[Shot]], ...] = (("test", test), ("holdout", holdout))
    one, other = (dataset(split, [image for image, _ in shots]) for split, shots in named)
    return sides_of(one, other, measured)


def found(dimension: str, candidate: Candidate, label: str = "") -> Found:
    """Return a slice; only where it is and what it is about are looked at."""
    measure: Measure = "recall" if label else "right images"
    column = 0 if label else -1
    return Found(
        Dimension(dimension, ANYWHERE, (candidate,), is_factor=candidate.window is not None),
        candidate,
        Question(measure, label, column, column + 1),
        Contrast(30, 0.5, 0.9, (-0.5, -0.3), 12),
        0.01,
    )


def alike(seed: int, **holdout: object) -> tuple[list[Shot], list[Shot]]:
    """Return test and holdout of two labels, photographed alike but for values of the holdout."""
    shooting = Shooting(np.random.default_rng(seed))
    test = shooting.shots(80, "a") + shooting.shots(80, "b")
    return test, shooting.shots(80, "a", **holdout) + shooting.shots(80, "b", **holdout)


def test_alike_sides_do_not_differ() -> None:
    """Splits that were photographed alike have no shift."""
    assert factor_shifts(sides(*alike(0)), RULES) == ()


def test_darker_holdout_is_told_with_both_medians() -> None:
    """The shift says which way the holdout moved, and how far."""
    (shift,) = factor_shifts(sides(*alike(1, brightness=0.2)), RULES)
    assert (shift.factor, shift.side) == ("brightness", "is darker")
    assert shift.holdout_median == 0.2
    assert 0.4 < shift.test_median < 0.6
    assert shift.told == f"holdout is darker than test: {shift.figures}"
    assert shift.figures == f"median brightness 0.20 against {shift.test_median:.2f}"
    assert shift.distance > 0.5
    assert shift.p_value < 1e-6


def test_largest_shift_comes_first() -> None:
    """Of several, the distance decides."""
    test, holdout = alike(2, brightness=0.05)
    holdout = [remeasured(shot, saturation=min(shot[1].saturation + 0.2, 1.0)) for shot in holdout]
    shifts = factor_shifts(sides(test, holdout), RULES)
    assert [shift.factor for shift in shifts] == ["brightness", "saturation"]
    assert shifts[0].distance > shifts[1].distance


def test_few_or_unmeasured_images_are_not_compared() -> None:
    """Nothing is said of 19 images, nor of none."""
    test, holdout = alike(3, brightness=0.2)
    few = sides([*test[:10], *test[80:89]], holdout)
    assert factor_shifts(few, RULES) == ()
    assert part_shares(found("brightness", DARK), few, RULES) is None
    assert len(factor_shifts(sides([*test[:20], *test[80:100]], holdout), RULES)) == 1


def test_other_mix_of_labels_is_told_with_both_shares() -> None:
    """Shares are of the images; alike mixes say nothing."""
    test, holdout = labelled("test", {"a": 80, "b": 20}), labelled("holdout", {"a": 40, "b": 60})
    shifts = mix_shifts(test, holdout, RULES)
    assert {(s.label, s.test_share, s.holdout_share) for s in shifts} == {
        ("a", 0.8, 0.4),
        ("b", 0.2, 0.6),
    }
    assert all(shift.p_value < 1e-6 for shift in shifts)
    assert mix_shifts(test, labelled("holdout", {"a": 75, "b": 25}), RULES) == ()


def test_share_of_a_range_is_compared_over_the_same_labels() -> None:
    """That the holdout has more of a dark label does not make the label rarer in the test."""
    shooting = Shooting(np.random.default_rng(4))
    test = shooting.shots(90, "a", brightness=0.6) + shooting.shots(30, "b", brightness=0.2)
    holdout = shooting.shots(30, "a", brightness=0.6) + shooting.shots(90, "b", brightness=0.2)
    shares = part_shares(found("brightness", DARK), sides(test, holdout), RULES)
    assert shares is not None
    assert shares.test == pytest.approx(shares.holdout)
    assert shares.p_value == 1.0


def test_share_of_a_labels_slice_is_over_the_labels_images() -> None:
    """A slice of the recall of `a` is compared among images of `a`."""
    shooting = Shooting(np.random.default_rng(5))
    test = shooting.shots(60, "a", brightness=0.6) + shooting.shots(60, "b", brightness=0.2)
    holdout = shooting.shots(60, "a", brightness=0.2) + shooting.shots(60, "b", brightness=0.2)
    both = sides(test, holdout)
    of_a = part_shares(found("brightness", DARK, "a"), both, RULES)
    assert of_a is not None
    assert (of_a.test, of_a.holdout) == (0.0, 1.0)
    overall = part_shares(found("brightness", DARK), both, RULES)
    assert overall is not None
    assert (overall.test, overall.holdout) == (0.5, 1.0)


def test_share_of_a_camera_is_compared_and_of_a_folder_is_not() -> None:
    """Folders of one split mean nothing in another."""
    test, holdout = alike(6, camera="X")
    both = sides([remeasured(shot, camera="Y") for shot in test], holdout)
    shares = part_shares(found("camera", CAMERA), both, RULES)
    assert shares is not None
    assert (shares.test, shares.holdout) == (0.0, 1.0)
    folder = Candidate("folder night", (0,), names=frozenset({"night"}))
    assert part_shares(found("folder", folder), both, RULES) is None


def test_certain_parts_are_those_that_the_holdout_has_more_of() -> None:
    """A share needs certainty after correction, and to be larger in the holdout."""
    shares = [
        PartShares(0.1, 0.5, 1e-9),
        PartShares(0.5, 0.1, 1e-9),
        PartShares(0.1, 0.2, 0.01),
        None,
    ]
    assert certain_parts(shares, RULES) == [True, False, False, False]


def test_columns_follow_the_order_that_is_asked_for() -> None:
    """Factors are by digest in the table; images without measures have none."""
    test, holdout = alike(7)
    table = sides(test, holdout).holdout
    wanted = [holdout[3][0].sha256, "unknown", holdout[0][0].sha256]
    light = columns_of(table, wanted)["brightness"]
    assert light[[0, 2]].tolist() == [holdout[3][1].brightness, holdout[0][1].brightness]
    assert np.isnan(light[1])
