"""Tests of the verdict on the gap between test and holdout."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.scoring.verdict import EvaluationRules, judge_gap

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
