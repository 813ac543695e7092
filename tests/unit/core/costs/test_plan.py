"""Tests of a plan's values: calls, price, and what the budget says."""

import pytest

from rcl_flow.core.costs.budget import Budget, Spent
from rcl_flow.core.costs.cost import Prices
from rcl_flow.core.costs.estimate import NOTHING, Estimate
from rcl_flow.core.costs.plan import (
    NO_COST,
    BudgetCheck,
    Plan,
    PlannedStep,
    add_calls,
    check_budget,
    price,
)

TRAINING = Estimate(low=1800, expected=3600, high=7200)
INFERENCE = Estimate(low=60, expected=360, high=1800)
COST = price(TRAINING, INFERENCE, 2, Prices())


def test_price_counts_training_once_and_every_unit() -> None:
    """A training hour for $1, six minutes of two units for $4 an hour."""
    assert COST.training_usd == Estimate(low=0.5, expected=1, high=2)
    assert COST.inference_usd.expected == pytest.approx(0.8)
    assert COST.usd.expected == pytest.approx(1.8)
    assert COST.usd.high == pytest.approx(2 + 4)


def a_plan(**changes: object) -> Plan:
    """Return a plan that costs nothing."""
    plan = Plan(
        project="p",
        backend="aws",
        status="planned",
        steps=(),
        calls={"PutObject": 2},
        cost=NO_COST,
        prices=Prices(),
        history=0,
        budget=BudgetCheck(verdict="none"),
    )
    return plan.model_copy(update=changes)


@pytest.mark.parametrize(
    ("changes", "is_free"),
    [
        ({}, True),
        ({"status": "unchanged", "calls": {}}, True),
        ({"cost": COST}, False),
        ({"calls": {"CreateProjectVersion": 1}}, False),
        ({"calls": {"StartProjectVersion": 1}}, False),
        ({"calls": {"DetectCustomLabels": 1}}, False),
        ({"status": "refused"}, False),
    ],
)
def test_plan_is_free_when_nobody_has_to_pay(changes: dict[str, object], is_free: bool) -> None:
    """What another pays for, or what is not known since the plan ends before it, is not free."""
    assert a_plan(**changes).is_free is is_free


def test_plan_may_train_unless_it_is_known_not_to() -> None:
    """A plan that ends at a bucket says nothing of what comes after it."""
    judging = price(NOTHING, INFERENCE, 1, Prices())
    assert a_plan(cost=COST).may_train
    assert a_plan(status="refused").may_train
    assert not a_plan(cost=judging).may_train


def test_add_calls_sums_each_operation() -> None:
    """Two steps that put objects are one line."""
    steps = (
        PlannedStep(step="images", action="send", detail="", calls={"PutObject": 40}),
        PlannedStep(step="manifests", action="send", detail="", calls={"PutObject": 2}),
        PlannedStep(step="bucket", action="create", detail="", calls={"CreateBucket": 1}),
        PlannedStep(step="model", action="nothing", detail="", calls={"DetectCustomLabels": 0}),
    )
    assert add_calls(steps) == {"CreateBucket": 1, "PutObject": 42}


@pytest.mark.parametrize(
    ("budget", "verdict", "names"),
    [
        (Budget(), "none", ""),
        (Budget(max_usd=1.5), "exceeds", "max_usd"),
        (Budget(max_usd=5), "may-exceed", "max_usd"),
        (Budget(max_usd=7), "within", ""),
        (Budget(max_inference_minutes=5), "exceeds", "max_inference_minutes"),
        (Budget(max_inference_minutes=29), "may-exceed", "max_inference_minutes"),
        (Budget(max_training_hours=1.5), "may-exceed", "max_training_hours"),
    ],
)
def test_check_budget_compares_the_expected_and_the_greatest(
    budget: Budget, verdict: str, names: str
) -> None:
    """The limit that would be come to is named."""
    found = check_budget(budget, COST, Prices())
    assert found.verdict == verdict
    assert names in found.reason
    assert bool(found.reason) == bool(names)


def test_check_budget_counts_what_earlier_attempts_have_used() -> None:
    """A run that is resumed has one budget, not one each time."""
    before = Spent(training_seconds=3600 * 6)
    assert check_budget(Budget(max_usd=7), COST, Prices(), before).verdict == "exceeds"


def test_no_cost_keeps_every_budget() -> None:
    """Nothing to do is free."""
    assert NO_COST.usd == NOTHING
    assert check_budget(Budget(max_usd=0.01), NO_COST, Prices()).verdict == "within"


@pytest.mark.parametrize(
    ("action", "mark"), [("create", "+"), ("replace", "~"), ("adopt", "="), ("refuse", "!")]
)
def test_a_step_shows_what_becomes_of_it(action: str, mark: str) -> None:
    """One sign for each kind of change."""
    step = PlannedStep.model_validate({"step": "x", "action": action, "detail": ""})
    assert step.mark == mark
