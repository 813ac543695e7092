"""Tests of the config's schema."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from rcl_flow.config import FlowConfig, StorageConfig, parse_config

SHIPPED = sorted((Path(__file__).parents[3] / "config").glob("*.yaml"))
DATA = {name: {"folder": name} for name in ("train", "test", "holdout")}


def sections() -> list[type[BaseModel]]:
    """Return the config and every section of it that has a default."""
    defaults = [field.default for field in FlowConfig.model_fields.values()]
    return [FlowConfig, *(type(value) for value in defaults if isinstance(value, BaseModel))]


def test_shipped_configs_are_there() -> None:
    """The demo's config is one of them."""
    assert "demo.yaml" in {path.name for path in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_config_is_valid(path: Path) -> None:
    """Every config that comes with the program can be read."""
    assert parse_config(path.read_text(), file_name=path.name).project


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.__name__)
def test_schema_describes_every_field(section: type[BaseModel]) -> None:
    """Each plain field says what it is for; `validate --schema` shows it."""
    for name, field in section.model_fields.items():
        composed = isinstance(field.default, BaseModel) or name == "data"
        assert composed or field.description, name


def test_config_survives_its_own_dump() -> None:
    """The config that a run keeps is read back as the same config."""
    config = FlowConfig.model_validate({"project": "p", "data": DATA, "tags": {"a": "b"}})
    assert FlowConfig.model_validate_json(config.model_dump_json()) == config


@pytest.mark.parametrize("project", ["a", "a.b-c_D9", "x" * 255])
def test_project_takes_the_services_names(project: str) -> None:
    """Letters, digits, dot, hyphen and underscore, up to 255."""
    assert FlowConfig.model_validate({"project": project, "data": DATA}).project == project


@pytest.mark.parametrize("project", ["", "a b", "a/b", "ä", "a\n", "x" * 256])
def test_project_refuses_other_names(project: str) -> None:
    """What the service would refuse is refused before anything is created."""
    with pytest.raises(ValidationError):
        FlowConfig.model_validate({"project": project, "data": DATA})


@pytest.mark.parametrize("bucket", ["Upper", "ab", "-abc", "abc-", "a_b", "x" * 64, "s3://abc"])
def test_bucket_refuses_what_is_no_bucket_name(bucket: str) -> None:
    """A bucket's name has 3 to 63 small letters, digits, dots and hyphens."""
    with pytest.raises(ValidationError):
        StorageConfig(bucket=bucket)


def test_config_cannot_change() -> None:
    """The config that was checked is the config that is used."""
    config = FlowConfig.model_validate({"project": "p", "data": DATA})
    with pytest.raises(ValidationError):
        config.project = "q"  # type: ignore[misc]  # what is tested
