"""Tests of the command that compares two runs; what it tells is tested in tests/e2e."""

import io
from pathlib import Path

import pytest

from rcl_flow.cli.comparing import drive_compare
from rcl_flow.cli.console import Console
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.errors import ConfigError


def test_compare_takes_no_file_for_its_folder(tmp_path: Path) -> None:
    """It is said before two holdouts are compared."""
    taken = tmp_path / "taken"
    taken.write_text("kept")
    console = Console(as_json=False, stdout=io.StringIO())
    with pytest.raises(ConfigError, match=r"taken is a file, not a folder"):
        drive_compare(("a", "b"), tmp_path / "none", taken, console, EvaluationRules())
    assert taken.read_text() == "kept"
