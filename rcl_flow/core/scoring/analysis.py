"""Everything that is found out about a model beside its score: why it is so and what to do."""

from rcl_flow.core.scoring.advice import Advice, PastAdvice
from rcl_flow.core.scoring.error_types import ErrorSummary
from rcl_flow.core.scoring.gap_reasons import GapReasons
from rcl_flow.core.scoring.parity import Parity
from rcl_flow.core.scoring.quality import Quality
from rcl_flow.core.scoring.thresholds import ThresholdTuning
from rcl_flow.core.values import Frozen


class Analysis(Frozen):
    """The comparison's reasons, mistakes and advice."""

    quality: Quality
    parity: Parity
    thresholds: ThresholdTuning
    reasons: GapReasons
    errors: ErrorSummary
    advice: tuple[Advice, ...]
    """The most gain first."""
    past_advice: tuple[PastAdvice, ...] = ()
    """What became of the last run's advice."""
