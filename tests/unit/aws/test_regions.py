"""Tests of the list of regions, and of a profile's."""

from pathlib import Path

import pytest

from rcl_flow.aws.regions import profile_region, rekognition_regions
from rcl_flow.core.arns import is_region


def test_rekognition_regions_are_those_of_the_service() -> None:
    """The list has the regions that Custom Labels is documented in, each once."""
    regions = rekognition_regions()
    assert {"us-east-1", "eu-west-1", "ap-southeast-2"} <= set(regions)
    assert len(set(regions)) == len(regions)
    assert all(map(is_region, regions))


@pytest.fixture
def shared_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the shared config file, which has a profile with a region and one without."""
    path = tmp_path / "config"
    path.write_text(
        "[default]\nregion = eu-west-1\n[profile team]\nregion = eu-north-1\n[profile x]\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    return path


@pytest.mark.usefixtures("shared_config")
def test_region_of_a_profile_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name it is that of AWS_PROFILE, else of the default profile."""
    assert profile_region("team") == "eu-north-1"
    assert profile_region("x") is None
    assert profile_region(None) == "eu-west-1"
    monkeypatch.setenv("AWS_PROFILE", "team")
    assert profile_region(None) == "eu-north-1"


def test_profile_that_cannot_be_read_has_no_region(shared_config: Path) -> None:
    """Whoever connects with it says what is wrong."""
    assert profile_region("nobody") is None
    shared_config.write_text("no config at all")
    assert profile_region("team") is None
