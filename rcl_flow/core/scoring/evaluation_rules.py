"""What the config says of how scores are compared."""

from pydantic import Field

from rcl_flow.core.scoring.threshold_rules import ThresholdRules
from rcl_flow.core.values import Section


class EvaluationRules(Section):
    """How scores are compared."""

    confidence_level: float = Field(
        0.95, gt=0.5, lt=1, description="The share of resamples that an interval holds."
    )
    resamples: int = Field(2000, ge=200, le=100_000, description="Resamples for an interval.")
    gap_margin: float = Field(
        0.05, ge=0, lt=1, description="A fall of F1 from test to holdout that does not matter."
    )
    thresholds: ThresholdRules = ThresholdRules.model_construct()
