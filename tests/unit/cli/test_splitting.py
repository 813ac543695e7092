"""Tests of what `rcl-flow split` tells: counts that add up, and labels that can be told apart."""

from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app
from tests.unit.cli.labelled import put, put_folders


def test_copies_and_odd_labels_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The manifests have a line more than the table counts, and a space at a name's end shows."""
    put_folders(tmp_path / "src", 20, labels=("a", "a ", "x" * 60))
    put(tmp_path / "src" / "a" / "copy.png", 0)
    typed = ["split", str(tmp_path / "src"), "--out", str(tmp_path / "out")]
    assert run_app([*typed, "--workspace", str(tmp_path / "state")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition("  ")[0] for line in lines[1:4]] == ["a", "'a '", "x" * 35 + "…"]
    assert lines[5].startswith("20 images in ")
    assert lines[6] == "copies    1 file with the content of another, in its set"
    manifests = (tmp_path / "out").glob("*.manifest")
    assert sum(len(path.read_text().splitlines()) for path in manifests) == 21
