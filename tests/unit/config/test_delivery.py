"""Tests of the sections about who is told of a run."""

import pytest
from pydantic import ValidationError

from rcl_flow.config import NotificationsConfig


@pytest.mark.parametrize("name", ["ssm:", "secretsmanager:"])
def test_name_of_a_secret_has_at_most_2048_characters(name: str) -> None:
    """The service takes no longer one."""
    longest = name + "x" * 2_048
    assert NotificationsConfig(slack=longest).slack == longest
    with pytest.raises(ValidationError, match="at most 2,048 characters"):
        NotificationsConfig(slack=f"{longest}x")


def test_name_of_a_variable_may_be_long() -> None:
    """No service reads it."""
    reference = "env:" + "X" * 3_000
    assert NotificationsConfig(webhook=reference).webhook == reference


@pytest.mark.parametrize("reference", ["ssm:", "ssm:a b", "https://hooks.example.com", "env:1"])
def test_secret_itself_is_refused(reference: str) -> None:
    """Only where it is found may stand in a config."""
    with pytest.raises(ValidationError, match="pattern"):
        NotificationsConfig(slack=reference)
