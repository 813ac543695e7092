"""Tests of the config's schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from rcl_flow.config import DataConfig, FlowConfig, StorageConfig, parse_config

FOLDER = Path(__file__).parents[3] / "config"
SHIPPED = sorted(FOLDER.glob("*.yaml"))
DATA = {name: {"folder": name} for name in ("train", "test", "holdout")}


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield every model that a type names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation)
    for part in get_args(annotation):
        yield from models_in(part)


def sections() -> list[type[BaseModel]]:
    """Return the config and every section in it, down to the entries of lists."""
    return list(dict.fromkeys(models_in(FlowConfig)))


def test_shipped_configs_are_there() -> None:
    """The demo's config is one of them."""
    assert "demo.yaml" in {path.name for path in SHIPPED}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_config_is_valid(path: Path) -> None:
    """Every config that comes with the program can be read."""
    assert parse_config(path.read_text(), file_name=path.name).project


@pytest.mark.parametrize("section", sections(), ids=lambda section: section.__name__)
def test_schema_describes_every_field(section: type[BaseModel]) -> None:
    """Each says what it is for, a section by its docstring; `validate --schema` shows it."""
    assert section.__doc__
    for name, field in section.model_fields.items():
        assert field.description or list(models_in(field.annotation)), name


def test_sections_of_every_depth_are_looked_at() -> None:
    """Those of `data`, `audit` and `evaluation` among them."""
    assert {section.__name__ for section in sections()} >= {
        *("FlowConfig", "DataConfig", "ImageSource", "DuplicateRules", "Waiver"),
    }


def fields_of(section: type[BaseModel], above: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Yield every field that has a place of its own in a config, with its path."""
    for name, field in section.model_fields.items():
        yield f"{above}{name}", field
        if isinstance(field.default, BaseModel) or field.annotation is DataConfig:
            (below,) = (one for one in models_in(field.annotation) if one is field.annotation)
            yield from fields_of(below, f"{above}{name}.")


def test_example_shows_every_field_with_its_meaning() -> None:
    """config/example.yaml is the reference: each field stands in it below what it is for."""
    text = (FOLDER / "example.yaml").read_text()
    comments = (line.partition("# ")[2] for line in text.splitlines())
    said = " ".join(" ".join(comments).split())
    for path, field in fields_of(FlowConfig):
        shown: Any = yaml.safe_load(text)
        for name in path.split("."):
            assert name in shown, path
            shown = shown[name]
        assert (field.description or "") in said, path


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
