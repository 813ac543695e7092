"""Tests of a plan as text."""

import pytest

from rcl_flow.cli.planning import plan_text
from rcl_flow.core.costs.cost import Prices
from rcl_flow.core.costs.estimate import Estimate
from rcl_flow.core.costs.plan import (
    NO_COST,
    BudgetCheck,
    Plan,
    PlannedCost,
    PlannedStep,
    add_calls,
    price,
)

STEPS = (
    PlannedStep(step="bucket", action="reuse", detail="acme-images"),
    PlannedStep(
        step="images",
        action="send",
        detail="1200 images (3400.0 MB), 800 are there",
        calls={"PutObject": 1200},
    ),
    PlannedStep(
        step="TRAIN dataset",
        action="replace",
        detail="2000 images, in place of other content that a former run has made of other images",
        calls={"DeleteDataset": 1, "CreateDataset": 1},
    ),
    PlannedStep(step="version", action="train", detail="rf-0123456789abcdef", calls={"CreateX": 1}),
)
COST = price(
    Estimate(low=1800, expected=12_471, high=86_400),
    Estimate(low=100, expected=250, high=1300),
    1,
    Prices(),
)


def a_plan(steps: tuple[PlannedStep, ...], cost: PlannedCost = COST, **changes: object) -> Plan:
    """Return a plan of the steps."""
    plan = Plan(
        project="shades",
        backend="aws",
        account="123456789012",
        region="eu-west-1",
        status="planned",
        steps=steps,
        calls=add_calls(steps),
        cost=cost,
        prices=Prices(),
        history=0,
        budget=BudgetCheck(verdict="none"),
    )
    return plan.model_copy(update=changes)


def test_plan_text_shows_each_step_its_sign_and_the_cost() -> None:
    """What is new, replaced and kept; and the cost as a range with the prices' date."""
    lines = plan_text(a_plan(STEPS)).splitlines()
    assert lines[0] == "shades on aws account 123456789012 in eu-west-1"
    assert lines[2].startswith("  = bucket         reuse    acme-images")
    assert lines[3].startswith("  + images         send     1200 images")
    assert lines[4].startswith("  ~ TRAIN dataset  replace  2000 images")
    text = "\n".join(lines)
    assert "plan      2 to do, 1 to change, 1 as it is" in text
    assert "PutObject 1200" in text
    assert "$0.50" in text
    assert "$24.00" in text
    assert "30 min 0 s to 24 h 0 min" in text
    assert f"of {Prices().as_of}" in text


@pytest.mark.parametrize(
    ("backend", "history", "basis"),
    [
        ("aws", 0, "times from published figures, as there is no history yet"),
        ("emulator", 0, "times from the config's `emulator` section and the emulator's usual pace"),
        ("aws", 2, "times from 2 past bills of this project"),
        ("emulator", 2, "times from 2 past bills of this project"),
    ],
)
def test_plan_text_says_where_the_times_come_from(backend: str, history: int, basis: str) -> None:
    """Nothing is published of the emulator: its times are those of the config."""
    text = plan_text(a_plan(STEPS, backend=backend, history=history))
    assert basis in " ".join(text.split())


def test_plan_text_says_that_the_emulator_is_free() -> None:
    """Its seconds have AWS's prices, which nobody pays."""
    told = "paid      nothing, on the emulator;"
    assert told in plan_text(a_plan(STEPS, backend="emulator"))
    assert "paid " not in plan_text(a_plan(STEPS))


def test_plan_text_fits_80_columns() -> None:
    """Long details are wrapped below their own column."""
    for budget in ("none", "within", "may-exceed", "exceeds"):
        check = BudgetCheck(verdict=budget, reason="3.00 USD of budget.max_usd 2 " * 4)
        lines = plan_text(a_plan(STEPS, budget=check)).splitlines()
        assert max(map(len, lines)) <= 80


def test_plan_text_says_that_nothing_is_to_do() -> None:
    """One line and no cost."""
    step = PlannedStep(step="run", action="nothing", detail="the run 2026-1 did all of this")
    text = plan_text(a_plan((step,), NO_COST, status="unchanged"))
    assert "nothing to do" in text
    assert "the run 2026-1 did all of this" in text
    assert "$0.00" in text


def test_plan_text_says_where_the_run_would_end() -> None:
    """A refused plan has no cost to show."""
    step = PlannedStep(step="bucket", action="refuse", detail="There is no bucket acme-images.")
    text = plan_text(a_plan((step,), NO_COST, status="refused"))
    assert "  ! bucket         REFUSED  There is no bucket acme-images." in text
    assert "The run would end at: bucket." in text
    assert "$" not in text


def test_plan_text_warns_of_the_budget() -> None:
    """What would be exceeded stands out."""
    check = BudgetCheck(verdict="exceeds", reason="expected: 3.00 USD of budget.max_usd 2")
    assert "WOULD BE EXCEEDED; expected: 3.00 USD" in plan_text(a_plan(STEPS, budget=check))
