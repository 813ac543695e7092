"""What a run would do and cost, step by step, and what its budget says to that."""

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from rcl_flow.core.costs.budget import Budget, Spent, breach_of
from rcl_flow.core.costs.cost import Prices
from rcl_flow.core.costs.estimate import NOTHING, Estimate
from rcl_flow.core.values import Frozen

FORMAT_VERSION: Final = 1

PlanAction = Literal[
    "nothing", "reuse", "create", "update", "replace", "send", "train", "adopt", "start", "refuse"
]
"""`adopt`: a training that was asked for is waited for; `refuse`: the run would end here."""

_MARKS: Final[Mapping[PlanAction, str]] = {
    "nothing": "=",
    "reuse": "=",
    "create": "+",
    "update": "~",
    "replace": "~",
    "send": "+",
    "train": "+",
    "adopt": "=",
    "start": "+",
    "refuse": "!",
}

_NOTHING_SPENT: Final = Spent()
_BILLED: Final = frozenset({"CreateProjectVersion", "StartProjectVersion", "DetectCustomLabels"})
"""Calls that somebody pays for: a training, and the hours of a running model."""
BudgetVerdict = Literal["none", "within", "may-exceed", "exceeds"]


class PlannedStep(Frozen):
    """One step of the run."""

    step: str
    action: PlanAction
    detail: str
    calls: dict[str, int] = Field(default_factory=dict)
    """Calls that create, change or bill something; looking costs nothing and is not counted."""

    @property
    def mark(self) -> str:
        """`+` for what is new, `~` updated or replaced, `=` left as it is, `!` refused."""
        return _MARKS[self.action]


class PlannedCost(Frozen):
    """What a run will use, and its price."""

    training_seconds: Estimate = NOTHING
    inference_seconds: Estimate = NOTHING
    inference_units: int = 0
    training_usd: Estimate = NOTHING
    inference_usd: Estimate = NOTHING
    usd: Estimate = NOTHING
    """Both together."""


NO_COST: Final = PlannedCost()


class BudgetCheck(Frozen):
    """Whether the costs stay within the config's budget."""

    verdict: BudgetVerdict
    reason: str = ""


class Plan(Frozen):
    """What `rcl-flow run` would do now."""

    format_version: int = FORMAT_VERSION
    project: str
    backend: str
    account: str = ""
    """Whose bill it is, on AWS; else empty."""
    region: str = ""
    """On AWS; else empty."""
    status: Literal["unchanged", "planned", "refused"]
    """`unchanged`: nothing is left to do."""
    steps: tuple[PlannedStep, ...]
    calls: dict[str, int]
    """Of all steps, by operation."""
    cost: PlannedCost
    prices: Prices
    history: int
    """Past trainings and stretches of running that the estimate rests on."""
    budget: BudgetCheck

    @property
    def is_free(self) -> bool:
        """Whether it goes to its end without anything that somebody has to pay for."""
        is_known = self.status != "refused"  # else it is not known what another try would do
        return is_known and not self.cost.usd.high and _BILLED.isdisjoint(self.calls)

    @property
    def may_train(self) -> bool:
        """Whether a training may be paid for; that is not known of what ends before it."""
        return self.status == "refused" or self.cost.training_usd.high > 0

    def count(self, mark: str) -> int:
        """Return how many steps have that mark."""
        return sum(step.mark == mark for step in self.steps)


def add_calls(steps: tuple[PlannedStep, ...]) -> dict[str, int]:
    """Return the calls of all steps, by operation."""
    total: Counter[str] = Counter()
    for step in steps:
        total.update(step.calls)
    return {operation: total[operation] for operation in sorted(total) if total[operation]}


def price(
    training_seconds: Estimate, inference_seconds: Estimate, inference_units: int, prices: Prices
) -> PlannedCost:
    """Return what that many seconds cost; `inference_seconds` are of the clock."""
    training_usd = training_seconds.dollars(prices.training_usd_per_hour)
    inference_usd = inference_seconds.times(inference_units).dollars(
        prices.inference_unit_usd_per_hour
    )
    return PlannedCost(
        training_seconds=training_seconds,
        inference_seconds=inference_seconds,
        inference_units=inference_units,
        training_usd=training_usd,
        inference_usd=inference_usd,
        usd=training_usd.plus(inference_usd),
    )


def check_budget(
    budget: Budget, cost: PlannedCost, prices: Prices, before: Spent = _NOTHING_SPENT
) -> BudgetCheck:
    """Return whether the expected costs stay within the budget, and whether the greatest do.

    Args:
        budget: of the run, over all its attempts.
        cost: what is to come.
        prices: dollars an hour.
        before: what earlier attempts have used.
    """
    if not budget.is_given:
        return BudgetCheck(verdict="none")
    training, inference = cost.training_seconds, cost.inference_seconds
    expected = _after(before, cost, training.expected, inference.expected)
    breach = breach_of(budget, expected, prices)
    if breach is not None:
        return BudgetCheck(verdict="exceeds", reason=f"expected: {breach}")
    breach = breach_of(budget, _after(before, cost, training.high, inference.high), prices)
    if breach is not None:
        return BudgetCheck(verdict="may-exceed", reason=f"at most: {breach}")
    return BudgetCheck(verdict="within")


def _after(
    before: Spent, cost: PlannedCost, training_seconds: float, inference_seconds: float
) -> Spent:
    unit_seconds = inference_seconds * cost.inference_units
    return Spent(
        training_seconds=before.training_seconds + training_seconds,
        inference_seconds=before.inference_seconds + inference_seconds,
        inference_unit_seconds=before.inference_unit_seconds + unit_seconds,
    )
