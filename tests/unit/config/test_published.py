"""Tests of the schema that editors read, asked through a validator of JSON Schema."""

from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import pytest
import yaml

from rcl_flow.config import parse_config
from rcl_flow.config.published import (
    SCHEMA_LINE,
    SCHEMA_NAME,
    config_schema,
    schema_text,
    with_schema_line,
)

ROOT = Path(__file__).parents[3]
SHIPPED = [
    *sorted((ROOT / "config").glob("*.yaml")),
    ROOT / "config" / "ci-template" / "flow.yaml",
    ROOT / "infra" / "flow.example.yaml",
]
SCHEMA = config_schema()
DATA = {name: {"folder": name} for name in ("train", "test", "holdout")}


def mistakes(**fields: Any) -> list[str]:  # noqa: ANN401  # what a YAML file can hold
    """Return the paths at which an editor underlines something of a config."""
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(
        {"project": "p", "data": DATA, **fields}
    )
    return sorted(".".join(map(str, one.path)) for one in found)


def test_schema_is_one() -> None:
    """Every word of it is a word of its dialect."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_shipped_config_names_its_schema_and_follows_it(path: Path) -> None:
    """An editor finds the schema from where the config lies, and underlines nothing in it."""
    text = path.read_text()
    sign, _, place = text.partition("\n")[0].partition("=")
    assert sign == SCHEMA_LINE.partition("=")[0]
    assert (path.parent / place).resolve().read_text() == schema_text()
    assert mistakes(**yaml.safe_load(text)) == []


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("inference", "concurrency", 4),
        ("inference", "concurrency", "${CALLS}"),
        ("inference", "inference_units", "${UNITS:-auto}"),
        ("gates", "min_holdout_f1", "${F1}"),
        ("storage", "create_bucket", "${MAKE}"),
        ("storage", "bucket", "parts-${STAGE}"),
        ("executor", "kind", "${WHERE}"),
        ("notifications", "slack", None),
        ("tags", "team", "${TEAM}"),
        ("tags", "tëam", "vision"),
    ],
)
def test_schema_takes_what_the_program_takes(section: str, field: str, value: object) -> None:
    """Values, and variables in the place of any of them."""
    assert mistakes(**{section: {field: value}}) == []


@pytest.mark.parametrize(
    ("section", "field", "value"),
    [
        ("inference", "concurrency", "many"),
        ("inference", "concurrency", 0),
        ("inference", "concurrency", "${}"),
        ("executor", "kind", "cloud"),
        ("storage", "bucket", "Upper_Case"),
    ],
)
def test_schema_refuses_what_the_program_refuses(section: str, field: str, value: object) -> None:
    """An editor tells before the program does."""
    assert mistakes(**{section: {field: value}}) == [f"{section}.{field}"]


def test_schema_knows_no_other_field() -> None:
    """A slip of the pen is underlined."""
    assert mistakes(inference={"concurency": 4}) == ["inference"]


def test_fields_keep_what_is_said_of_them() -> None:
    """An editor shows meaning and default beside the variable's form."""
    field = SCHEMA["$defs"]["InferenceConfig"]["properties"]["concurrency"]
    assert field["default"] == 16
    assert field["description"].startswith("DetectCustomLabels calls at once")


def test_line_is_put_in_front_once() -> None:
    """A line that leads elsewhere is replaced."""
    text = "# yaml-language-server: $schema=../elsewhere.json\n# about\nproject: p\n"
    assert with_schema_line(text) == f"{SCHEMA_LINE}\n# about\nproject: p\n"
    assert with_schema_line("project: p\n") == f"{SCHEMA_LINE}\nproject: p\n"
    assert with_schema_line(f"\ufeff{text}") == f"{SCHEMA_LINE}\n# about\nproject: p\n"
    assert SCHEMA_NAME in SCHEMA_LINE
    assert parse_config(f"{SCHEMA_LINE}\n{yaml.safe_dump({'project': 'p', 'data': DATA})}")
