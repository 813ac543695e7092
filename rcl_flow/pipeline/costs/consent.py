"""Whether somebody has agreed to pay for what is planned."""

from collections.abc import Callable, Sequence

from rcl_flow.config import FlowConfig
from rcl_flow.core.costs.plan import Plan, PlannedCost
from rcl_flow.errors import ConsentNeededError


def require_consent(
    make_plans: Callable[[], Sequence[Plan]], config: FlowConfig, *, consent: bool
) -> None:
    """Refuse what nobody agreed to pay for; what costs nothing any more needs no consent.

    Args:
        make_plans: plans all runs that are to be paid for; not called where somebody has agreed. A
            budget agrees to what it limits: minutes of inference to no training.
        config: theirs.
        consent: somebody has agreed.

    Raises:
        ConsentNeededError: with prices and what is expected. Nothing was done.
    """
    if config.backend == "emulator" or consent or config.budget.is_of_training:
        return
    plans = [plan for plan in make_plans() if not plan.is_free]
    trains = config.model.project_version_arn is None and any(plan.may_train for plan in plans)
    if not plans or (config.budget.is_given and not trains):
        return
    prices, units = config.prices, config.inference.most_units
    training = f"a training hour costs {prices.training_usd_per_hour:.2f} USD, " if trains else ""
    raise ConsentNeededError(
        f"This run costs money on AWS: {training}a running model "
        f"{prices.inference_unit_usd_per_hour * units:.2f} USD an hour "
        f"(prices of {prices.as_of}, from the config).{_expected(plans[0].cost)}",
        hint="Add `--yes` to agree (`consent=True` in Python), give `budget.max_usd`, or try it "
        "for free with `--set backend=emulator`. `rcl-flow plan` says what it will cost.",
    )


def _expected(cost: PlannedCost) -> str:
    usd = cost.usd
    return f" Expected: {usd.expected:.2f} USD, at most {usd.high:.2f} USD." if usd.high else ""
