"""Environments for the wheel: which Pythons are taken, what commands see and say."""

import sys
from pathlib import Path

import pytest

from tests.packaging.installing import (
    PYTHONS,
    clean_environment,
    done,
    interpreters,
    known,
    size_mb,
)


def test_known_interpreter_tells_its_version() -> None:
    """A path is asked for its version, to the last part."""
    found = known(sys.executable)
    assert found is not None
    assert found.version == ".".join(map(str, sys.version_info[:3]))
    assert found.minor in PYTHONS


def test_name_that_does_not_run_is_no_interpreter(tmp_path: Path) -> None:
    """Neither a name that is not there nor a stand-in that ends badly is taken."""
    stand_in = tmp_path / "python3.99"
    stand_in.write_text("#!/bin/sh\nexit 127\n")
    stand_in.chmod(0o755)
    assert known("no-such-python") is None
    assert known(str(stand_in)) is None


def test_one_interpreter_is_taken_for_each_version() -> None:
    """In their order, without a second of the same version."""
    minors = [each.minor for each in interpreters()]
    assert minors == [minor for minor in PYTHONS if minor in minors]
    assert minors


def test_environment_leads_neither_to_aws_nor_to_the_checkout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What would make an installed program read something of ours is gone."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("PYTHONPATH", "/checkout")
    monkeypatch.setenv("KEPT", "yes")
    left = clean_environment()
    assert left["KEPT"] == "yes"
    assert not {"AWS_PROFILE", "PYTHONPATH"} & left.keys()


def test_command_that_fails_is_told_with_what_it_said(tmp_path: Path) -> None:
    """The message has the code and the last words."""
    with pytest.raises(RuntimeError, match=r"ended with 3:\nno wheel"):
        done([sys.executable, "-c", "import sys; print('no wheel'); sys.exit(3)"], cwd=tmp_path)


def test_size_counts_files_and_no_links(tmp_path: Path) -> None:
    """A link costs its own few bytes, not those of its target."""
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "wheel").write_bytes(bytes(3_000_000))
    (tmp_path / "link").symlink_to(tmp_path / "inside" / "wheel")
    assert size_mb(tmp_path) == pytest.approx(3.0, abs=0.001)
