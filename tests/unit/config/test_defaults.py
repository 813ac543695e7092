"""Tests of the config's defaults: made without checks, and no less right for it."""

from collections.abc import Iterator

import pytest

from rcl_flow.config import FlowConfig
from rcl_flow.core.values import Section


def defaults(of: type[Section], above: str = "") -> Iterator[tuple[str, Section]]:
    """Yield every default that is itself a section, at any depth, and the field it is of."""
    for name, field in of.model_fields.items():
        if isinstance(field.default, Section):
            yield f"{above}{name}", field.default
            yield from defaults(type(field.default), f"{above}{name}.")


DEFAULTS = [pytest.param(default, id=field) for field, default in defaults(FlowConfig)]


@pytest.mark.parametrize("default", DEFAULTS)
def test_default_of_a_section_is_what_the_section_makes_of_nothing(default: Section) -> None:
    """Defaults are made without checks, at import; they pass all of them."""
    made = type(default)()
    assert default == made
    assert default.model_fields_set == made.model_fields_set
    assert type(default).model_validate(default.model_dump()) == made


def test_all_defaults_of_sections_are_looked_at() -> None:
    """A new section is found here without being named."""
    found = {param.id for param in DEFAULTS}
    assert found >= {"aws", "audit.factors", "evaluation.thresholds", "gates", "notifications"}
