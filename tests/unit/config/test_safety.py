"""Tests of the section about what stops a model."""

import pytest
from pydantic import ValidationError

from rcl_flow.config import parse_config
from rcl_flow.config.safety import EMULATED_ROLE_ARN, SafetyConfig
from rcl_flow.errors import ConfigError

CONFIG = "project: p\ndata:\n  train: {folder: a}\n  test: {folder: b}\n  holdout: {folder: c}\n"
ROLE = "arn:aws:iam::123456789012:role/rcl-flow-watchdog"


@pytest.mark.parametrize(
    ("watchdog", "given", "on_aws", "on_emulator"),
    [
        ("off", ROLE, None, None),
        ("tag", ROLE, None, None),
        ("auto", None, None, EMULATED_ROLE_ARN),
        ("auto", ROLE, ROLE, ROLE),
        ("scheduler", None, None, EMULATED_ROLE_ARN),
        ("scheduler", ROLE, ROLE, ROLE),
    ],
)
def test_stop_role_arn_is_there_where_a_schedule_is_made(
    watchdog: str, given: str | None, on_aws: str | None, on_emulator: str | None
) -> None:
    """A schedule needs a role, and the emulator has one of its own."""
    safety = SafetyConfig.model_validate({"watchdog": watchdog, "watchdog_role_arn": given})
    assert safety.stop_role_arn("aws") == on_aws
    assert safety.stop_role_arn("emulator") == on_emulator


def test_watchdog_is_off_as_people_write_it() -> None:
    """YAML reads a plain `off` as false; the message would name `off` as what it should be."""
    config = parse_config(CONFIG, overrides=["safety.watchdog=off"])
    assert config.safety.watchdog == "off"
    with pytest.raises(ConfigError, match="'tag' or 'off'"):
        parse_config(CONFIG, overrides=["safety.watchdog=on"])


@pytest.mark.parametrize(("minutes", "is_taken"), [(0.05, False), (0.99, False), (1, True)])
def test_lease_lasts_a_minute_at_least(minutes: float, is_taken: bool) -> None:
    """A lease of seconds ends within one slow call: the model is stopped under a run that lives."""
    if is_taken:
        assert SafetyConfig(lease_minutes=minutes).lease_minutes == minutes
        return
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        SafetyConfig(lease_minutes=minutes)
