"""Tests of the section about what stops a model."""

import pytest

from rcl_flow.config.safety import EMULATED_ROLE_ARN, SafetyConfig

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
