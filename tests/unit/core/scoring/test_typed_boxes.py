"""Tests of the kinds of mistakes in objects."""

import numpy as np
import pytest

from rcl_flow.core.scoring.matching import match_objects, object_outcomes
from rcl_flow.core.scoring.mistake_table import tally_of
from rcl_flow.core.scoring.typing_errors import mistakes_of, positives_of, type_errors
from tests.unit.core.scoring.holdouts import Found, Objects, Place, scenes

LABELS = ("bolt", "nut")
LEFT: Place = (0, 0, 40, 40)
NEARLY_LEFT: Place = (4, 0, 40, 40)
BESIDE_LEFT: Place = (20, 0, 40, 40)  # overlaps LEFT by a third
RIGHT: Place = (60, 60, 40, 40)
GRAZED: Place = (35, 35, 40, 40)
Typed = list[tuple[str, str, str, float]]


def typed(objects: Objects, found: Found) -> Typed:
    """Return kind, truth, prediction and confidence of the mistakes in one image."""
    errors = type_errors(scenes([(objects, found)], LABELS)).errors
    return [(e.kind, e.truth, e.predicted, e.confidence_percent) for e in errors]


@pytest.mark.parametrize(
    ("objects", "found", "mistakes"),
    [
        ([("bolt", LEFT)], [("bolt", 50, NEARLY_LEFT)], []),
        (
            [("bolt", LEFT)],
            [("bolt", 90, LEFT), ("bolt", 80, NEARLY_LEFT)],
            [("duplicate", "bolt", "bolt", 80)],
        ),
        ([("bolt", LEFT)], [("bolt", 80, BESIDE_LEFT)], [("localisation", "bolt", "bolt", 80)]),
        ([("bolt", LEFT)], [("nut", 80, NEARLY_LEFT)], [("confusion", "bolt", "nut", 80)]),
        (
            [("bolt", LEFT)],
            [("bolt", 90, RIGHT)],
            [("miss", "bolt", "", 0), ("background", "", "bolt", 90)],
        ),
        (
            [("bolt", LEFT)],
            [("nut", 90, BESIDE_LEFT)],
            [("miss", "bolt", "", 0), ("background", "", "nut", 90)],
        ),
        ([("bolt", LEFT)], [("bolt", 49, LEFT)], [("miss", "bolt", "", 49)]),
        ([], [("bolt", 70, LEFT)], [("background", "", "bolt", 70)]),
        ([("bolt", LEFT)], [], [("miss", "bolt", "", 0)]),
        (
            [("bolt", LEFT), ("nut", RIGHT)],
            [("bolt", 90, LEFT), ("nut", 80, LEFT)],
            [("miss", "nut", "", 0), ("confusion", "bolt", "nut", 80)],
        ),
        (
            [("bolt", LEFT)],
            [("nut", 60, LEFT), ("nut", 80, NEARLY_LEFT)],
            [("confusion", "bolt", "nut", 80), ("confusion", "bolt", "nut", 60)],
        ),
    ],
)
def test_kind_of_each_mistake(objects: Objects, found: Found, mistakes: Typed) -> None:
    """A missed box is told once: by what lies in its place, or as a miss."""
    assert typed(objects, found) == mistakes


def test_box_of_a_mistake_is_where_it_is() -> None:
    """A false alarm shows the found box, a miss the true one."""
    errors = type_errors(scenes([([("bolt", LEFT)], [("bolt", 90, RIGHT)])], LABELS)).errors
    places = {e.kind: (e.box.left, e.box.width) for e in errors if e.box}
    assert places["miss"] == pytest.approx((0.0, 0.4))
    assert places["background"] == pytest.approx((0.6, 0.4))


def test_wrong_place_is_no_mix_up() -> None:
    """A box of the right label is not taken for another label, however badly it lies."""
    objects = [("bolt", LEFT), ("bolt", RIGHT)]
    found = [("bolt", 90.0, BESIDE_LEFT), ("nut", 80.0, RIGHT)]
    table = mistakes_of(scenes([(objects, found)], LABELS))
    assert table.mixed_up(2).tolist() == [[0, 1], [0, 0]]


def test_confusion_prefers_the_missed_box() -> None:
    """Of two boxes in its place, a wrong answer is about the one that was not found."""
    objects = [("bolt", LEFT), ("bolt", NEARLY_LEFT)]
    found = [("bolt", 90.0, LEFT), ("nut", 80.0, LEFT)]
    assert typed(objects, found) == [("confusion", "bolt", "nut", 80)]


def test_gains_say_what_taking_a_kind_back_brings() -> None:
    """By hand: one bolt found, one in the wrong place, one found twice."""
    rows: list[tuple[Objects, Found]] = [
        ([("bolt", LEFT)], [("bolt", 90, LEFT), ("bolt", 80, NEARLY_LEFT)]),
        ([("bolt", LEFT)], [("bolt", 80, BESIDE_LEFT)]),
    ]
    gains = {count.kind: count.f1_gain for count in type_errors(scenes(rows, LABELS)).kinds}
    now = 2 / (2 + 2 + 1)
    assert gains["localisation"] == pytest.approx(4 / (4 + 1) - now)
    assert gains["duplicate"] == pytest.approx(2 / (2 + 1 + 1) - now)


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_matching(seed: int) -> None:
    """However the boxes lie, each false alarm and each missed box is in one mistake."""
    rng = np.random.default_rng(seed)

    def place() -> Place:
        left, top, width, height = rng.integers(0, 4, 4) * 10
        return float(left), float(top), float(width + 20), float(height + 20)

    def name() -> str:
        return LABELS[rng.integers(2)]

    rows = [
        (
            [(name(), place()) for _ in range(rng.integers(0, 5))],
            [(name(), float(rng.integers(30, 100)), place()) for _ in range(rng.integers(0, 6))],
        )
        for _ in range(20)
    ]
    holdout = scenes(rows, LABELS)
    answers = holdout.objects_answered
    outcomes = object_outcomes(answers, match_objects(answers), holdout.thresholds)
    table = mistakes_of(holdout)
    tally = tally_of(table, positives_of(holdout))
    assert tally.hits.tolist() == outcomes.hits.sum(axis=0).tolist()
    assert tally.false_alarms.tolist() == outcomes.false_alarms.sum(axis=0).tolist()
    assert tally.misses.tolist() == outcomes.misses.sum(axis=0).tolist()
    if len(table) and not table.of_kind("label suspect").any():
        assert tally.f1_without(table) == 1
