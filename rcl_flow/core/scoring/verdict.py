"""What the gap between test and holdout means, in one word."""

from typing import Literal

from pydantic import Field

from rcl_flow.core.scoring.threshold_rules import ThresholdRules
from rcl_flow.core.values import Frozen

Verdict = Literal["generalises", "drops", "inconclusive"]


class EvaluationRules(Frozen):
    """How scores are compared."""

    confidence_level: float = Field(
        0.95, gt=0.5, lt=1, description="The share of resamples that an interval holds."
    )
    resamples: int = Field(2000, ge=200, le=100_000, description="Resamples for an interval.")
    gap_margin: float = Field(
        0.05, ge=0, lt=1, description="A fall of F1 from test to holdout that does not matter."
    )
    thresholds: ThresholdRules = ThresholdRules()


def judge_gap(interval: tuple[float, float], rules: EvaluationRules) -> Verdict:
    """Say whether the model generalises, from the interval of holdout F1 minus test F1.

    It generalises when even the interval's lower end is within the margin; it drops when the
    whole interval is below zero; otherwise more images are needed to tell.
    """
    low, high = interval
    if low >= -rules.gap_margin:
        return "generalises"
    return "drops" if high < 0 else "inconclusive"
