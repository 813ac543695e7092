"""What a run may cost, and whether it has come to that."""

from typing import NamedTuple

from pydantic import Field

from rcl_flow.core.costs.cost import Prices, cost_of
from rcl_flow.core.values import Section

_SECONDS_PER_MINUTE = 60
_SECONDS_PER_HOUR = 3600


class Budget(Section):
    """Limits of one run; a limit that is given is also the consent to what it limits."""

    max_usd: float | None = Field(
        None, gt=0, le=1e9, description="Training and inference together, at the config's prices."
    )
    max_inference_minutes: float | None = Field(
        None, gt=0, le=1e6, description="Minutes that the model may run, over all attempts."
    )
    max_training_hours: float | None = Field(
        None,
        gt=0,
        le=8_760,
        description="Hours to wait for the training, which itself cannot be stopped.",
    )

    @property
    def is_given(self) -> bool:
        """Whether there is any limit."""
        return self != Budget()

    @property
    def is_of_training(self) -> bool:
        """Whether there is a limit that concerns a training, too."""
        return self.max_usd is not None or self.max_training_hours is not None


class Spent(NamedTuple):
    """What a run has used so far, over all its attempts."""

    training_seconds: float = 0.0
    """Billed seconds, or those waited so far while the training goes on."""
    inference_seconds: float = 0.0
    """Seconds that the model was running."""
    inference_unit_seconds: float = 0.0


def inference_seconds_left(
    budget: Budget, spent: Spent, units: int, prices: Prices
) -> float | None:
    """Return for how long a model may run still, or None without a limit.

    Args:
        budget: the run's.
        spent: what it has used so far.
        units: inference units of the model.
        prices: the config's.
    """
    limits: list[float] = []
    if budget.max_inference_minutes is not None:
        limits.append(budget.max_inference_minutes * _SECONDS_PER_MINUTE - spent.inference_seconds)
    if budget.max_usd is not None:
        used_usd = cost_of(
            training_seconds_billed=spent.training_seconds,
            inference_unit_seconds=spent.inference_unit_seconds,
            prices=prices,
        ).estimated_usd
        usd_per_second = units * prices.inference_unit_usd_per_hour / _SECONDS_PER_HOUR
        if usd_per_second > 0:
            limits.append((budget.max_usd - used_usd) / usd_per_second)
    return max(0.0, min(limits)) if limits else None


def breach_of(budget: Budget, spent: Spent, prices: Prices) -> str | None:
    """Return the limit that `spent` has come to, in words, or None within the budget."""
    hours = spent.training_seconds / _SECONDS_PER_HOUR
    if budget.max_training_hours is not None and hours >= budget.max_training_hours:
        return (
            f"{hours:.2f} training hours of budget.max_training_hours {budget.max_training_hours:g}"
        )
    minutes = spent.inference_seconds / _SECONDS_PER_MINUTE
    if budget.max_inference_minutes is not None and minutes >= budget.max_inference_minutes:
        return (
            f"{minutes:.1f} minutes of running of budget.max_inference_minutes "
            f"{budget.max_inference_minutes:g}"
        )
    usd = cost_of(
        training_seconds_billed=spent.training_seconds,
        inference_unit_seconds=spent.inference_unit_seconds,
        prices=prices,
    ).estimated_usd
    if budget.max_usd is not None and usd >= budget.max_usd:
        return f"{usd:.2f} USD of budget.max_usd {budget.max_usd:g}"
    return None
