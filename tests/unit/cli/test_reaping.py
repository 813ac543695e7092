"""Tests of where `reap` looks; a profile that is not there keeps it from asking AWS."""

import json
from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.reaping import Reaping, ReapOptions, SkippedPlace
from rcl_flow.cli.unhindered import UnhinderedConsole
from rcl_flow.clock import SystemClock
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.state.backend import Backend
from rcl_flow.pipeline.state.records import RunRecord, run_key, write_record
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.unit.clocks import FakeClock


@pytest.fixture
def places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> "Places":
    """Return what tells where `reap` looks in an empty folder, without a region."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    return Places(capsys)


class Places:
    """Asks `reap` where it looks."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Read there what it says."""
        self._capsys = capsys

    def of(self, *options: str, profile: str = "nobody") -> list[str]:
        """Return the regions that it tried."""
        assert run_app(["reap", "--profile", profile, "--json", *options]) == 4
        document = json.loads(self._capsys.readouterr().out)
        return [each["region"] for each in document["skipped"]]


def test_reap_looks_where_aws_itself_would(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment's region, as every tool of AWS does, and that of a config without one.

    What is typed wins, and an endpoint is in one region.
    """
    assert places.of() == ["us-east-1"]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert places.of() == ["eu-west-1", "us-east-1"]
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert places.of() == ["eu-central-1", "us-east-1"]
    assert places.of("--endpoint-url", "http://127.0.0.1:9") == ["eu-central-1"]
    assert places.of("--region", "us-west-2", "--region", "us-east-2") == ["us-west-2", "us-east-2"]


def test_region_of_the_profile_is_looked_in(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that was started with a profile runs where the profile says; a variable wins."""
    config = tmp_path / "config"
    config.write_text("[profile team]\nregion = eu-north-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert places.of(profile="team") == ["eu-north-1", "us-east-1"]
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert places.of(profile="team") == ["eu-west-1", "us-east-1"]


def test_environments_region_does_not_narrow_all_regions(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one is usual there; the other is asked for."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert len(places.of("--all-regions")) > 10


def test_region_that_is_none_is_not_looked_in(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`aws-global`, which some tools set: a cron job goes on stopping models."""
    monkeypatch.setenv("AWS_REGION", "aws-global")
    assert places.of() == ["us-east-1"]


def test_region_of_the_workspaces_runs_is_before_the_environments(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that runs is where a run has started it, whatever the shell is set to."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    now = FakeClock().now()
    found = RunRecord(
        run_id="20261124T110000Z-01234567",
        input_digest="0" * 64,
        project="parts",
        backend=Backend(kind="aws", region="ap-south-1"),
        status="completed",
        started_at=now,
        updated_at=now,
    )
    store = SqliteStore(tmp_path / ".rcl-flow" / "state.sqlite", SystemClock())
    write_record(store, run_key(found.run_id), found)
    assert places.of() == ["ap-south-1"]


@pytest.mark.parametrize(
    ("is_needed", "looked", "fails"),
    [(True, ["eu-west-1"], True), (False, ["eu-west-1"], False), (False, [], True)],
)
def test_reap_fails_when_it_sees_nothing_or_not_what_it_has_to(
    is_needed: bool, looked: list[str], fails: bool
) -> None:
    """An organisation may forbid us-east-1, which is looked into just in case."""
    options = ReapOptions(
        regions=(),
        all_regions=False,
        profile=None,
        endpoint_url=None,
        schedule_group="default",
        dry_run=True,
    )
    reaping = Reaping(options, UnhinderedConsole(as_json=True), looked=looked)
    refused = AwsRefusedError("No.", hint="Ask.", operation="ListTagsForResource", code="No")
    reaping.skipped.append(SkippedPlace("us-east-1", "No.", refused, is_needed))
    assert reaping.failure is (refused if fails else None)
