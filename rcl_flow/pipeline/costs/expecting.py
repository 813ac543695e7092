"""What the next training will bill, and whether the budget has room for it."""

import math
from collections.abc import Sequence

from rcl_flow.core.costs.estimate import Estimate, PastTraining, between, estimate_training
from rcl_flow.errors import BudgetExceededError
from rcl_flow.pipeline.costs.spending import history_of
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.state.ledger import LedgerEntry

_EMULATOR_LATE_SECONDS = 60.0
_SECONDS_PER_HOUR = 3600


def expected_training(images: int, history: Sequence[LedgerEntry], run: Run) -> Estimate:
    """Return the billed seconds of a training, by the project's ledger or the usual range."""
    if run.config.backend == "emulator":
        # a begun second is billed
        least = max(1, math.ceil(run.config.emulator.training_seconds))
        usual = Estimate(low=least, expected=least, high=least + _EMULATOR_LATE_SECONDS)
    else:
        low, high = run.config.prices.training_hours_range
        usual = between(low * _SECONDS_PER_HOUR, high * _SECONDS_PER_HOUR)
    past = [PastTraining(one.seconds, one.images) for one in history if one.kind == "training"]
    return estimate_training(images, past, usual)


def require_room_for_training(images: int, run: Run) -> None:
    """Refuse a training that even at its least would cost more than the budget.

    Raises:
        BudgetExceededError: nothing was asked for.
    """
    most = run.config.budget.max_usd
    if most is None:
        return
    seconds = expected_training(images, history_of(run), run)
    price = run.config.prices.training_usd_per_hour / _SECONDS_PER_HOUR
    if seconds.low * price > most:
        raise BudgetExceededError(
            f"The training would cost {seconds.low * price:.2f} USD or more; budget.max_usd is "
            f"{most:g}. Nothing was asked for.",
            hint="`rcl-flow plan` shows the estimate. Raise the budget and run the same command.",
        )
