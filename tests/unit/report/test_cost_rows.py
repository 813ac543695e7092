"""Tests of the cost, item by item."""

import pytest

from rcl_flow.core.costs.cost import Prices, cost_of
from rcl_flow.report.cost_rows import cost_rows


def test_cost_rows_add_up_to_total() -> None:
    """The items are the estimate, no more and no less."""
    prices = Prices(training_usd_per_hour=1.37, inference_unit_usd_per_hour=5.47)
    cost = cost_of(training_seconds_billed=4321, inference_unit_seconds=765.4, prices=prices)
    rows = cost_rows(cost, prices)
    assert [row.seconds for row in rows] == [4321, 765.4]
    assert [row.usd_per_hour for row in rows] == [1.37, 5.47]
    assert sum(row.usd for row in rows) == pytest.approx(cost.estimated_usd, abs=1e-6)
