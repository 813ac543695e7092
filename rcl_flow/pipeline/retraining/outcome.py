"""What `rcl-flow retrain` prints with `--json`."""

from typing import Final, Literal

from rcl_flow.core.costs.estimate import NOTHING, Estimate
from rcl_flow.core.costs.plan import Plan
from rcl_flow.core.retraining.arrivals import ArrivalCounts
from rcl_flow.core.retraining.drift import Drift
from rcl_flow.core.retraining.retraining import Retraining
from rcl_flow.core.values import Frozen
from rcl_flow.pipeline.promotion.outcome import PromotionOutcome
from rcl_flow.pipeline.runs.outcome import RunOutcome

FORMAT_VERSION: Final = 1


class RetrainOutcome(Frozen):
    """A retraining that has ended, or that was not worth its price."""

    format_version: int = FORMAT_VERSION
    status: Literal["completed", "unchanged", "skipped"]
    """`unchanged`: the last retraining was of the same data; `runs` and `promotion` are its."""
    verdict: Retraining
    """What the policy said when the retraining began, or now that it does not."""
    arrivals: ArrivalCounts
    drift: Drift | None = None
    """None without `data.production`."""
    runs: tuple[RunOutcome, ...] = ()
    """One a training, in the order of `training.repeat_index`."""
    promotion: PromotionOutcome | None = None


class RetrainPlan(Frozen):
    """What a retraining would do now; nothing was changed."""

    format_version: int = FORMAT_VERSION
    status: Literal["would-train", "would-skip", "under-way", "refused"]
    """`under-way`: it goes on with the data that it began with; `refused`: the audit's gate."""
    verdict: Retraining
    arrivals: ArrivalCounts
    drift: Drift | None = None
    images: dict[str, int]
    """Different contents by split, after the arrivals have joined."""
    trainings: int
    """How many trainings it would be (`promotion.repeat`)."""
    errors: tuple[str, ...] = ()
    """The audit's, that would close the gate."""
    plan: Plan | None = None
    """Of the first of these trainings that costs something, else of the first; None where nothing
    is trained."""
    free: int = 0
    """How many of them cost nothing any more: their models are there, and judged."""
    usd: Estimate = NOTHING
    """What all of them cost together."""
