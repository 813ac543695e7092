"""Tests of the sections' base: built late, and no less checked for it."""

import pytest
from pydantic import ValidationError

from rcl_flow.config import FlowConfig, NotificationsConfig
from rcl_flow.config.section import Section

SECTIONS = [
    pytest.param(field.default, id=name)
    for name, field in FlowConfig.model_fields.items()
    if isinstance(field.default, Section)
]


@pytest.mark.parametrize("default", SECTIONS)
def test_default_of_a_section_is_what_the_section_makes_of_nothing(default: Section) -> None:
    """Defaults are made without checks, at import; they pass all of them."""
    made = type(default)()
    assert default == made
    assert default.model_fields_set == made.model_fields_set
    assert type(default).model_validate(default.model_dump()) == made


def test_all_sections_of_our_own_have_a_default_that_is_tested() -> None:
    """A new section is found here without being named."""
    assert {param.id for param in SECTIONS} >= {"aws", "storage", "inference", "notifications"}


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
