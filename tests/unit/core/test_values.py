"""Tests of the base of frozen values."""

import pytest
from pydantic import ValidationError

from rcl_flow.core.values import Frozen


class Point(Frozen):
    """A value to test with."""

    x: float
    y: float = 0.0


def test_value_cannot_change() -> None:
    """A value that was read is the value that is used."""
    point = Point(x=1.0)
    with pytest.raises(ValidationError):
        point.x = 2.0  # type: ignore[misc]  # what is tested


def test_value_refuses_an_unknown_field() -> None:
    """A misspelt field is an error and is not dropped."""
    with pytest.raises(ValidationError):
        Point.model_validate({"x": 1.0, "z": 2.0})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_value_refuses_what_json_cannot_write(number: float) -> None:
    """NaN and infinity, which pass every comparison or none, never become a figure."""
    with pytest.raises(ValidationError):
        Point(x=number)


def test_equal_values_are_equal() -> None:
    """Values are compared by what they hold, and can be members of a set."""
    assert {Point(x=1.0), Point(x=1.0, y=0.0)} == {Point(x=1.0)}
