"""Tests of the region where nobody names one."""

from pathlib import Path

import pytest

from rcl_flow.wiring.regions import environment_region, likely_regions, usual_region


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one profile with a region, and nothing in the environment."""
    config = tmp_path / "config"
    config.write_text("[profile team]\nregion = eu-north-1\n[profile odd]\nregion = aws-global\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def test_region_is_the_environments_then_the_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the AWS CLI has it: AWS_REGION before AWS_DEFAULT_REGION before the profile."""
    assert (usual_region(), usual_region("team")) == ("us-east-1", "eu-north-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert usual_region("team") == environment_region() == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", " eu-central-1\n")
    assert usual_region("team") == environment_region() == "eu-central-1"


@pytest.mark.parametrize("name", ["", "aws-global", "EU"])
def test_what_is_no_region_is_passed_over(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some tools set such a name; nothing is there to be looked into."""
    monkeypatch.setenv("AWS_REGION", name)
    assert environment_region() is None
    assert (usual_region("team"), usual_region("odd")) == ("eu-north-1", "us-east-1")


def test_models_are_likely_in_the_usual_region_and_in_a_configs() -> None:
    """A config without a region is run in us-east-1, whatever the shell is set to."""
    assert likely_regions() == ("us-east-1",)
    assert likely_regions("team") == ("eu-north-1", "us-east-1")
