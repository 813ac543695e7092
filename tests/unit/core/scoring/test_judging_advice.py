"""Tests of the advice on thresholds, holdout and test set."""

from rcl_flow.core.scoring.comparison import Gap
from rcl_flow.core.scoring.gap_reasons import FactorShift, GapReasons, MixShift
from rcl_flow.core.scoring.judging_advice import (
    enlarge_holdout,
    mend_test_set,
    set_thresholds,
)
from tests.unit.core.scoring.holdouts import material
from tests.unit.core.scoring.known_models import LABELS, known, rows, tuning

HOLDOUT = material(rows(), LABELS)


def test_thresholds_that_are_better_with_certainty_are_to_be_used() -> None:
    """The largest change first; the gain was measured on other images."""
    better = tuning(0.01, 0.06, ant=0.45, bee=0.8, cow=0.5)
    (advice,) = set_thresholds(known(HOLDOUT, tuned=better))
    assert (advice.action, advice.labels, advice.practice) == ("threshold", ("bee", "ant"), "J1")
    assert advice.told == (
        "Use the suggested thresholds instead of the assumed ones: bee 0.80 for 0.50, ant 0.45 "
        "for 0.50."
    )
    assert advice.expected_gain is not None
    assert round(advice.expected_gain, 9) == 0.04


def test_thresholds_that_may_be_no_better_are_no_advice() -> None:
    """Nor are those that are in use already."""
    assert list(set_thresholds(known(HOLDOUT, tuned=tuning(-0.001, 0.06, bee=0.8)))) == []
    assert list(set_thresholds(known(HOLDOUT, tuned=tuning(0.01, 0.06, used=True, bee=0.8)))) == []


def test_inconclusive_gap_asks_for_more_holdout_images() -> None:
    """As many as the comparison says."""
    gap = Gap(f1=-0.04, interval=(-0.1, 0.02), verdict="inconclusive", more_images=400)
    (advice,) = enlarge_holdout(known(HOLDOUT, gap=gap))
    assert (advice.action, advice.images_wanted, advice.practice) == ("holdout", 400, "J3")
    assert advice.told == "Add about 400 more images to the holdout."
    assert "-0.040 [-0.100, +0.020]" in advice.evidence[0]


def test_inconclusive_gap_that_nobody_can_settle_names_no_number() -> None:
    """Where the comparison does not say how many, neither does the advice."""
    gap = Gap(f1=-0.04, interval=(-0.1, 0.02), verdict="inconclusive")
    (advice,) = enlarge_holdout(known(HOLDOUT, gap=gap))
    assert (advice.told, advice.images_wanted) == ("Add more images to the holdout.", 0)


def test_labels_with_few_holdout_images_are_named() -> None:
    """15 are the least that say anything; 30 are asked for."""
    few = material([*rows()[:130]], LABELS)
    (advice,) = enlarge_holdout(known(few))
    assert (advice.labels, advice.images_wanted) == (("doe",), 20)
    assert advice.evidence == ("Labels with fewer than 15 holdout images: doe (10).",)


def test_test_set_unlike_the_holdout_is_to_be_mended() -> None:
    """Factors and labels that differ are the evidence."""
    reasons = GapReasons(
        factor_shifts=(
            FactorShift(
                factor="brightness",
                told="holdout is darker than test: median brightness 0.31 against 0.52",
                distance=0.4,
                p_value=0.001,
                test_median=0.52,
                holdout_median=0.31,
            ),
        ),
        mix_shifts=(MixShift(label="bee", test_share=0.25, holdout_share=0.6, p_value=0.001),),
    )
    (advice,) = mend_test_set(known(HOLDOUT, reasons=reasons))
    assert (advice.action, advice.labels, advice.practice) == ("test set", ("bee",), "J2")
    assert advice.evidence == (
        "holdout is darker than test: median brightness 0.31 against 0.52.",
        "bee is 60% of the holdout and 25% of the test set.",
    )
    assert advice.expected_gain is None


def test_model_that_is_judged_well_needs_nothing() -> None:
    """A sure verdict, enough images, a test set like the holdout."""
    told = known(HOLDOUT)
    assert [*set_thresholds(told), *enlarge_holdout(told), *mend_test_set(told)] == []
