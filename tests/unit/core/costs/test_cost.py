"""Tests of what a run costs."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.costs.cost import Prices, cost_of


def test_cost_adds_training_and_inference() -> None:
    """Half a training hour at 1 USD and a quarter of a unit hour at 4 USD are 1.50 USD."""
    cost = cost_of(training_seconds_billed=1800, inference_unit_seconds=900, prices=Prices())
    assert cost.estimated_usd == 1.5
    assert (cost.training_seconds_billed, cost.inference_unit_seconds) == (1800, 900)


def test_cost_is_nothing_when_nothing_ran() -> None:
    """A run that reuses everything is free."""
    cost = cost_of(training_seconds_billed=0, inference_unit_seconds=0, prices=Prices())
    assert cost.estimated_usd == 0


def test_cost_uses_the_prices_that_it_is_given() -> None:
    """The config's prices win over the defaults, each for its own kind of hour."""
    prices = Prices(training_usd_per_hour=7.2, inference_unit_usd_per_hour=0.36)
    cost = cost_of(training_seconds_billed=500, inference_unit_seconds=10_000, prices=prices)
    assert cost.estimated_usd == 2.0


def test_cost_keeps_small_amounts() -> None:
    """One second of one unit is a ninth of a cent and not rounded away."""
    cost = cost_of(training_seconds_billed=0, inference_unit_seconds=1, prices=Prices())
    assert cost.estimated_usd == 0.001111


@pytest.mark.parametrize("price", [-0.01, float("nan"), float("inf")])
def test_prices_refuse_what_is_no_price(price: float) -> None:
    """A negative, infinite or undefined price is refused."""
    with pytest.raises(ValidationError):
        Prices(training_usd_per_hour=price)


def test_prices_keep_the_hours_in_order() -> None:
    """A range from 24 to half an hour is a slip."""
    with pytest.raises(ValidationError, match="training_hours_range"):
        Prices(training_hours_range=(24, 0.5))
