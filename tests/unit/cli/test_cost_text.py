"""Tests of how costs are told where somebody pays them, and where nobody does."""

import pytest

from rcl_flow.cli.cost_text import cost_cell, cost_text, price_text


@pytest.mark.parametrize(
    ("paid", "told"),
    [
        (True, ("$1.25", "$1.25", "4.00 USD an hour")),
        (
            False,
            (
                "nothing was paid; on AWS $1.25",
                "$0.00 ($1.25 on AWS)",
                "free here; on AWS 4.00 USD an hour",
            ),
        ),
    ],
)
def test_what_nobody_pays_is_told_as_such(paid: bool, told: tuple[str, ...]) -> None:
    """A price of AWS beside a run on the emulator would look like a bill."""
    said = cost_text(1.25, paid=paid), cost_cell(1.25, paid=paid), price_text(4.0, paid=paid)
    assert said == told
