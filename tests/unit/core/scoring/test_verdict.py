"""Tests of the verdict on the gap between test and holdout."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.verdict import Flattery, harm_of, judge_gap

RULES = EvaluationRules(gap_margin=0.05)


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((0.01, 0.02), "generalises"),
        ((-0.05, 0.02), "generalises"),
        ((-0.04, -0.01), "generalises"),
        ((-0.051, 0.02), "inconclusive"),
        ((-0.2, 0.0), "inconclusive"),
        ((-0.2, -0.001), "drops"),
        ((-0.9, -0.8), "drops"),
    ],
)
def test_verdict_follows_both_ends_of_the_interval(
    interval: tuple[float, float], verdict: str
) -> None:
    """Within the margin it generalises, wholly below zero it drops, else nobody knows."""
    assert judge_gap(interval, RULES) == verdict


def test_verdict_without_margin_accepts_only_a_certain_rise() -> None:
    """With a margin of zero any possible fall is too much."""
    strict = EvaluationRules(gap_margin=0.0)
    assert judge_gap((0.0, 0.1), strict) == "generalises"
    assert judge_gap((-0.001, 0.1), strict) == "inconclusive"


@pytest.mark.parametrize("level", [0.5, 1.0, 95.0, float("nan")])
def test_evaluation_rules_refuse_an_impossible_confidence_level(level: float) -> None:
    """The level is a ratio between one half and one."""
    with pytest.raises(ValidationError):
        EvaluationRules(confidence_level=level)


def test_harm_excuses_what_is_expected() -> None:
    """A sure fall that the choice of thresholds explains is none."""
    flattery = Flattery(expected=0.03, error=0.0, positives=50)
    harm = harm_of(-0.06, (-0.075, -0.045), flattery, RULES)
    assert harm == pytest.approx((-0.045, -0.015))
    assert judge_gap(harm, RULES) == "generalises"


def test_harm_excuses_no_more_than_the_margin_to_generalise() -> None:
    """A test of five images a label flatters so much that a real fall would pass as none."""
    flattery = Flattery(expected=0.14, error=0.0, positives=5)
    harm = harm_of(-0.15, (-0.18, -0.12), flattery, RULES)
    assert harm == pytest.approx((-0.13, 0.12))
    assert judge_gap(harm, RULES) == "inconclusive"


def test_harm_of_a_test_of_few_images_has_to_exceed_the_most_that_flatters() -> None:
    """With two test images a label, no fall of 0.3 is sure; with fifty it is."""
    verdicts = [
        judge_gap(harm_of(-0.3, (-0.34, -0.26), Flattery(0.1, 0.0, positives), RULES), RULES)
        for positives in (2, 50)
    ]
    assert verdicts == ["inconclusive", "drops"]
    sure = harm_of(-0.9, (-0.95, -0.8), Flattery(0.1, 0.0, 2), RULES)
    assert judge_gap(sure, RULES) == "drops"


def test_harm_allows_for_the_error_of_what_is_expected() -> None:
    """It adds up with the interval's own width as independent errors do."""
    low, high = harm_of(0.0, (-0.03, 0.04), Flattery(0.0, 0.01, 10**9), RULES)
    assert low == pytest.approx(-((0.03**2 + 0.0196**2) ** 0.5), abs=1e-5)
    assert high == pytest.approx((0.04**2 + 0.0196**2) ** 0.5, abs=1e-5)
