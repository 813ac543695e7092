"""Tests of what `rcl-flow gc` refuses before it looks for anything."""

from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app


@pytest.mark.parametrize("run", ["", " "])
def test_empty_name_is_no_run(run: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`gc --run "$RUN" --yes` without RUN would remove the only run there is: it begins so."""
    code = run_app(["gc", "--run", run, "--yes", "--workspace", str(tmp_path)])
    assert code == 2
    assert "is a variable of the shell not set?" in capsys.readouterr().err
