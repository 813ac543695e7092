"""Tests of the emulator's settings: what cannot be is refused, and named."""

from typing import Any

import pytest

from rcl_flow.emulator.settings import EmulatorSettings, settings_of


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"training_seconds": -3}, "training_seconds is a finite number of at least 0, not -3"),
        ({"starting_seconds": float("inf")}, "starting_seconds is a finite number"),
        ({"unit_usd_per_hour": float("nan")}, "unit_usd_per_hour is a finite number"),
        ({"speed": 0}, "speed is above 0"),
        ({"port": 99_999}, "port is 0, for a free one, to 65535, not 99999"),
        ({"port": -1}, "port is 0"),
        ({"clock": "sundial"}, "clock is one of real, manual, skipping"),
        ({"training_noise": 1}, "training_noise is from 0 to below 1"),
    ],
)
def test_number_out_of_its_range_is_refused(members: dict[str, Any], said: str) -> None:
    """A training that never ends, or a clock that stands still, would be a test that hangs."""
    with pytest.raises(ValueError, match=said):
        settings_of(members)
    with pytest.raises(ValueError, match=said):
        EmulatorSettings(**members)


@pytest.mark.parametrize("members", [{"training_seconds": True}, {"port": True}, {"clock": 3}])
def test_member_of_another_type_is_refused(members: dict[str, Any]) -> None:
    """`true` is one to Python, and a slip in a marker."""
    with pytest.raises(TypeError, match="cannot be"):
        settings_of(members)


def test_whole_numbers_are_taken_for_seconds() -> None:
    """A marker says `training_seconds=86_400`."""
    assert settings_of({"training_seconds": 86_400, "enforce_quotas": True}).enforce_quotas
