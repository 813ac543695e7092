"""Tests of the advice on thresholds, holdout and test set."""

import pytest

from rcl_flow.core.scoring.comparison import Gap
from rcl_flow.core.scoring.gap_reasons import FactorShift, GapReasons, MixShift
from rcl_flow.core.scoring.judging_advice import (
    enlarge_holdout,
    mend_test_set,
    set_thresholds,
    with_run_named,
)
from rcl_flow.core.scoring.verdict import Hindrance
from tests.unit.core.scoring.holdouts import material
from tests.unit.core.scoring.known_models import LABELS, known, rows, tuning

HOLDOUT = material(rows(), LABELS)
UNSURE = Gap(f1=-0.04, interval=(-0.1, 0.02), verdict="inconclusive")


def test_thresholds_that_are_better_with_certainty_are_to_be_used() -> None:
    """The label that gains the most first; the gain was measured on other images."""
    better = tuning(0.01, 0.06, ant=0.45, bee=0.8, cow=0.5)
    (advice,) = set_thresholds(known(HOLDOUT, tuned=better))
    assert (advice.action, advice.labels, advice.practice) == ("threshold", ("bee", "ant"), "J1")
    assert advice.told == (
        "Set other thresholds for 2 labels (bee: 0.5 to 0.8, ant: 0.5 to 0.45): F1 +0.040."
    )
    assert advice.thresholds == {"bee": 0.8, "ant": 0.45}
    assert advice.evidence == (
        "Tuned on 60 holdout images. On the other 140 the F1 is 0.840 with the tuned thresholds "
        "of all labels and 0.800 at the assumed ones: a change of +0.010 to +0.060.",
        "F1 of the labels that it helps: bee from 0.800 to 0.860, ant from 0.800 to 0.810.",
        "To do it: rcl-flow evaluate latest --set evaluation.thresholds.objective=best_f1",
        "The images that thresholds are tuned on do not count for the score: the judged images "
        "then fall to 140. Where that is too few, add holdout images first.",
    )
    assert advice.expected_gain is not None
    assert round(advice.expected_gain, 9) == 0.04


def test_command_of_the_advice_names_the_run() -> None:
    """Else it would judge whichever run is the newest by the time that somebody types it."""
    (advice,) = set_thresholds(known(HOLDOUT, tuned=tuning(0.01, 0.06, bee=0.8)))
    named = with_run_named(advice, "20261123T100500Z-0f7a9c11")
    assert named.evidence[2] == (
        "To do it: rcl-flow evaluate 20261123T100500Z-0f7a9c11 "
        "--set evaluation.thresholds.objective=best_f1"
    )
    assert named.evidence[:2] == advice.evidence[:2]


def test_labels_that_other_thresholds_do_not_help_are_not_named() -> None:
    """One gets worse, one stays as it is; only the third is told."""
    f1 = {"ant": 0.795, "bee": 0.8, "cow": 0.9}
    better = tuning(0.01, 0.06, f1=f1, ant=0.1, bee=0.51, cow=0.9984)
    (advice,) = set_thresholds(known(HOLDOUT, tuned=better))
    assert advice.labels == ("cow",)
    assert advice.told == "Set other thresholds for 1 label (cow: 0.5 to 0.998): F1 +0.040."


def test_high_threshold_is_not_told_as_one() -> None:
    """0.99996 is told in as many digits as it takes; 1 would find nothing."""
    (advice,) = set_thresholds(known(HOLDOUT, tuned=tuning(0.01, 0.06, cow=0.99996)))
    assert "cow: 0.5 to 0.99996" in advice.told


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


@pytest.mark.parametrize("hindrance", ["small test", "flattered test"])
def test_inconclusive_gap_that_no_holdout_settles_asks_for_a_larger_test_set(
    hindrance: Hindrance,
) -> None:
    """Where the test set is what is too small, adding holdout images is no advice."""
    gap = UNSURE.model_copy(update={"hindrance": hindrance})
    (advice,) = enlarge_holdout(known(HOLDOUT, gap=gap))
    assert (advice.action, advice.practice) == ("test set", "J3")
    assert advice.told.startswith("Enlarge the test set and train again")
    assert "-0.040 [-0.100, +0.020]" in advice.evidence[0]


def test_inconclusive_gap_that_nothing_settles_asks_for_nothing() -> None:
    """It lies at the margin, so that no number of images tells on which side."""
    assert list(enlarge_holdout(known(HOLDOUT, gap=UNSURE))) == []


def test_holdout_that_is_too_small_to_reckon_with_asks_for_more() -> None:
    """How many cannot be said yet."""
    gap = UNSURE.model_copy(update={"hindrance": "few images"})
    (advice,) = enlarge_holdout(known(HOLDOUT, gap=gap))
    assert (advice.told, advice.images_wanted) == ("Add more images to the holdout.", 0)


def test_few_images_of_a_label_are_told_beside_a_small_test_set() -> None:
    """Both are to be enlarged, each for its own reason."""
    gap = UNSURE.model_copy(update={"hindrance": "small test"})
    test_set, holdout = enlarge_holdout(known(material([*rows()[:130]], LABELS), gap=gap))
    assert (test_set.action, holdout.action) == ("test set", "holdout")
    assert (holdout.labels, holdout.images_wanted) == (("doe",), 20)
    assert holdout.evidence == ("Labels with fewer than 15 holdout images: doe (10).",)


def test_whole_holdout_is_kept_with_the_advice_to_enlarge_it() -> None:
    """Images that thresholds in use were tuned on belong to it; a suggestion takes none away."""
    few = material([*rows()[:130]], LABELS)
    (suggested,) = enlarge_holdout(known(few))
    (used,) = enlarge_holdout(known(few, tuned=tuning(used=True, ant=0.4)))
    assert (suggested.holdout_images, used.holdout_images) == (130, 190)


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
