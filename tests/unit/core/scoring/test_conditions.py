"""Tests of conditions in words."""

import pytest

from rcl_flow.core.audit.factors import FACTORS
from rcl_flow.core.scoring.conditions import condition_of, condition_of_slice, practice_of
from rcl_flow.core.scoring.error_types import SharedFactor


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_every_factor_has_its_conditions(factor: object) -> None:
    """A factor on a line has one for low and another for high values."""
    name, period = getattr(factor, "name", ""), getattr(factor, "period", 0.0)
    low, high = (
        condition_of(
            SharedFactor(kind="", label="", factor=name, told="x", p_value=0, is_lower=lower)
        )
        for lower in (True, False)
    )
    assert (low == high) is bool(period)


def test_slice_of_metadata_is_told_in_brackets() -> None:
    """What begins with an article is a part of the holdout."""
    assert condition_of_slice("the darkest half") == "like the darkest half of the holdout"
    assert condition_of_slice("folder night") == "(folder night)"


def test_metadata_ask_for_variety() -> None:
    """A factor has its own practice."""
    assert (practice_of("brightness"), practice_of("camera")) == ("D5", "D3")
