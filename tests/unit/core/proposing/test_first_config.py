"""Tests of the first config's text."""

import pytest
import yaml

from rcl_flow.config import parse_config
from rcl_flow.config.published import SCHEMA_LINE
from rcl_flow.core.datasets.dataset import Split
from rcl_flow.core.proposing.first_config import (
    FirstSet,
    FirstSettings,
    first_config,
    yaml_text,
)


def sets(holdout_images: int = 500, path: str = "splits/x.manifest") -> dict[Split, FirstSet]:
    """Return three sets of one manifest."""
    names: tuple[Split, ...] = ("train", "test", "holdout")
    return {
        split: FirstSet({"manifest": path}, holdout_images, "drawn from photos (folder)")
        for split in names
    }


def test_config_is_valid_and_says_what_was_decided() -> None:
    """Every value of the text is what was asked for."""
    text = first_config(FirstSettings("parts"), sets(), SCHEMA_LINE)
    config = parse_config(text)
    assert (config.project, config.backend, config.workspace) == ("parts", "emulator", ".rcl-flow")
    assert config.data.holdout.manifest == "splits/x.manifest"
    assert text.splitlines()[0] == SCHEMA_LINE
    assert "audit" not in yaml.safe_load(text)


def test_config_for_aws_has_region_bucket_and_profile() -> None:
    """What the emulator's config shows as comments stands there."""
    settings = FirstSettings("parts", "aws", "eu-west-1", "parts-data", "work")
    config = parse_config(first_config(settings, sets(), SCHEMA_LINE))
    assert (config.backend, config.bucket) == ("aws", "parts-data")
    assert (config.aws.region, config.aws.profile) == ("eu-west-1", "work")


def test_comments_for_aws_are_a_config_without_their_signs() -> None:
    """What a user uncomments works."""
    text = first_config(FirstSettings("parts"), sets(), SCHEMA_LINE)
    start = text.index("# aws:")
    end = text.index("\n\n", start)
    wanted = "\n".join(line.removeprefix("# ") for line in text[start:end].splitlines())
    config = parse_config(
        text[:start].replace("backend: emulator", "backend: aws") + wanted + text[end:]
    )
    assert config.bucket == "my-bucket"


def test_audit_looks_for_near_duplicates_as_the_split_did() -> None:
    """A narrower split would be refused otherwise."""
    config = parse_config(
        first_config(FirstSettings("parts", near_duplicate_bits=1), sets(), SCHEMA_LINE)
    )
    assert config.audit.duplicates.near_duplicate_bits == 1


def test_config_tells_when_the_holdout_cannot_decide() -> None:
    """A small holdout is named where the gate stands."""
    assert "This holdout has 20" in first_config(FirstSettings("parts"), sets(20), SCHEMA_LINE)
    assert "This holdout has" not in first_config(FirstSettings("parts"), sets(200), SCHEMA_LINE)


@pytest.mark.parametrize(
    "text",
    (
        *("plain/a_b-c.png", ".rcl-flow", "../up", "yes", "null", "1.5", "2024", "", "a: b", "# x"),
        *('"q"', "ünï", "C:\\x", "a\tb", "'", "- a", ".5", "~", "s3://bucket/key", "No", "x #y"),
    ),
)
def test_every_text_comes_back_from_yaml(text: str) -> None:
    """Names of files can be anything."""
    assert yaml.safe_load(f"key: {yaml_text(text)}") == {"key": text}


def test_a_path_with_the_sign_of_a_variable_comes_back_from_the_config() -> None:
    """A folder named `${x}` is a folder, not a variable."""
    text = first_config(FirstSettings("parts"), sets(path="a/${x}.manifest"), SCHEMA_LINE)
    assert parse_config(text, environment={}).data.holdout.manifest == "a/${x}.manifest"
