"""Tests of the gap of all labels and of each, judged with the test's flattery taken out."""

import numpy as np
import pytest

from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.gap_verdicts import Sides, label_gaps, overall_gap
from rcl_flow.core.scoring.gaps import Side, measure_side
from rcl_flow.core.scoring.metrics import outcomes_of_flags
from rcl_flow.core.scoring.optimism import ExpectedFalls

RULES = EvaluationRules(resamples=400)
NO_FALLS = ExpectedFalls(np.zeros(2), np.zeros(2))


def side(of_first: int, of_second: int, wrong: int = 0) -> Side:
    """Return images of two labels, of each label so many missed."""
    truth = np.repeat(np.eye(2, dtype=bool), [of_first, of_second], axis=0)
    said = truth.copy()
    said[:wrong] = said[of_first : of_first + wrong] = False
    outcomes = outcomes_of_flags(("a", "b"), truth, said)
    return measure_side(outcomes, "classification", RULES, np.random.default_rng(0))


@pytest.mark.parametrize(("positives", "verdict"), [(100, "drops"), (4, "inconclusive")])
def test_rare_label_of_the_test_keeps_the_whole_from_dropping(positives: int, verdict: str) -> None:
    """The flattery of a mean is that of its rarest labels: their harmonic mean counts."""
    sides = Sides(side(100, positives), side(400, 400, wrong=80), NO_FALLS)
    gap = overall_gap(sides, RULES, dict(zip("ab", label_gaps(sides, RULES), strict=True)))
    assert gap.f1 == pytest.approx(1.6 / 1.8 - 1)
    assert gap.verdict == verdict


def test_labels_are_judged_by_their_own_numbers() -> None:
    """The label with a hundred test images drops, the one with three is not sure to."""
    sides = Sides(side(100, 3), side(400, 400, wrong=120), NO_FALLS)
    first, second = label_gaps(sides, RULES)
    assert first is not None
    assert second is not None
    assert first.f1 == second.f1
    assert (first.verdict, second.verdict) == ("drops", "inconclusive")


def test_label_without_images_on_one_side_has_no_gap() -> None:
    """What was not seen twice has not changed."""
    sides = Sides(side(20, 0), side(20, 20), NO_FALLS)
    first, second = label_gaps(sides, RULES)
    assert first is not None
    assert second is None


def test_driver_is_the_label_whose_fall_is_explained_the_least() -> None:
    """Of two equal falls, the one drives that choosing a threshold does not explain."""
    falls = ExpectedFalls(np.array([0.04, 0.0]), np.zeros(2))
    sides = Sides(side(200, 200), side(400, 400, wrong=120), falls)
    gap = overall_gap(sides, RULES, dict(zip("ab", label_gaps(sides, RULES), strict=True)))
    assert (gap.verdict, gap.driver) == ("drops", "b")
    assert gap.optimism == pytest.approx(0.02)
