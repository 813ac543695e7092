"""Tests of the region whose limits `lint` goes by."""

import json
from pathlib import Path

import pytest

from benchmarks.startup import manifest
from rcl_flow.cli.app import run_app

LINES = 28_001
"""One more than the region of the profile takes for training."""


@pytest.mark.parametrize(
    ("options", "variable", "fails"),
    [
        ((), "", False),
        (("--region", "eu-west-2"), "", True),
        (("--profile", "team"), "", True),
        ((), "eu-west-2", True),
        (("--region", "eu-west-1", "--profile", "team"), "eu-west-2", False),
    ],
)
def test_limits_are_those_of_the_region(
    options: tuple[str, ...],
    variable: str,
    fails: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The typed one, else that of the environment, else that of a profile that is named."""
    config = tmp_path / "config"
    config.write_text("[profile team]\nregion = eu-west-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_REGION", variable)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    path = manifest(tmp_path / "train.manifest", LINES)
    assert run_app(["lint", str(path), *options, "--json"]) == (3 if fails else 0)
    found = json.loads(capsys.readouterr().out)
    assert ("more lines than the region takes" in json.dumps(found)) is fails
