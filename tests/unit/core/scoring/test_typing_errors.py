"""Tests of the summary of all mistakes."""

import numpy as np
import pytest

from rcl_flow.core.scoring.typing_errors import MOST_ERRORS, type_errors
from tests.unit.core.scoring.holdouts import Found, Objects, Place, material, random_rows, scenes

LABELS = ("ant", "bee", "cow")


def test_summary_of_a_perfect_holdout_is_empty() -> None:
    """No mistake, no kind, no pair."""
    summary = type_errors(material([(["ant"], {"ant": 90.0})] * 3, LABELS))
    assert (summary.errors, summary.kinds, summary.pairs) == ((), (), ())


def test_kinds_are_counted_with_their_gain() -> None:
    """By hand: ant 1 of 3 found, bee 1 of 1 with a false alarm."""
    rows = [
        (["ant"], {"ant": 90.0}),
        (["ant"], {"bee": 60.0}),
        (["ant"], {}),
        (["bee"], {"bee": 90.0}),
    ]
    kinds = {each.kind: each for each in type_errors(material(rows, LABELS)).kinds}
    now = (2 / 4 + 2 / 3) / 2
    assert kinds["confusion"].count == 1
    assert kinds["confusion"].f1_gain == pytest.approx((4 / 5 + 1) / 2 - now)
    assert kinds["miss"].count == 1
    assert kinds["miss"].f1_gain == pytest.approx((4 / 5 + 2 / 3) / 2 - now)


def test_kinds_that_cost_most_come_first() -> None:
    """Gains descend."""
    rows = random_rows(np.random.default_rng(8), LABELS, 60)
    gains = [each.f1_gain for each in type_errors(material(rows, LABELS)).kinds]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] > gains[-1]


def test_mistakes_are_listed_up_to_a_limit_and_counted_beyond() -> None:
    """The surest are kept."""
    count = MOST_ERRORS + 10
    rows = [(["ant"], {"bee": 50 + 49 * n / count}) for n in range(count)]
    summary = type_errors(material(rows, LABELS))
    assert len(summary.errors) == MOST_ERRORS
    assert sum(kind.count for kind in summary.kinds) == count
    assert summary.errors[0].confidence_percent > 98
    assert summary.errors[-1].confidence_percent > 50.0


def test_images_of_unknown_labels_suspect_nothing() -> None:
    """The model is sure and wrong about 60 images of a label that it does not have."""
    right = [([label], {label: 90.0}) for label in LABELS for _ in range(20)]
    nothing = type_errors(material([*right, *[([], {"ant": 99.0})] * 60], LABELS))
    unknown = type_errors(material([*right, *[(["zzz"], {"ant": 99.0})] * 60], LABELS))
    assert [(each.kind, each.count) for each in nothing.kinds] == [("label suspect", 60)]
    assert [(each.kind, each.count) for each in unknown.kinds] == [("background", 60)]
    assert (nothing.unknown_images, unknown.unknown_images) == (0, 60)


def test_objects_of_unknown_labels_suspect_nothing() -> None:
    """Their boxes are no forgotten ones; in other images they are."""
    place: Place = (0, 0, 40, 40)
    right: list[tuple[Objects, Found]] = [([("ant", place)], [("ant", 90, place)])] * 20
    wrong: list[tuple[Objects, Found]] = [
        ([], [("ant", 99, place)]),
        ([("zzz", place)], [("ant", 99, place)]),
    ]
    summary = type_errors(scenes([*right, *wrong], LABELS))
    assert {each.kind: each.count for each in summary.kinds} == {
        "label suspect": 1,
        "background": 1,
    }
    assert summary.unknown_images == 1


def test_unknown_labels_do_not_hide_wrong_ones() -> None:
    """Where a label is absent the model is judged by images that it could have known."""
    right = [([label], {label: 90.0}) for label in LABELS for _ in range(20)]
    swapped = [(["ant"], {"bee": 95.0, "ant": 40.0})] * 2
    unknown = [(["zzz"], {"ant": 45.0})] * 60  # else no less than usual where no ant is
    summary = type_errors(material([*right, *swapped, *unknown], LABELS))
    assert [(each.kind, each.count) for each in summary.kinds] == [("confusion", 2)]
