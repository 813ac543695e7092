"""Tests of what shells offer, by the protocol that their scripts speak, and in a real bash."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.command_table import COMMANDS
from rcl_flow.clock import SystemClock
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from rcl_flow.wiring.stores import STORE_NAME

RUNS = {"20261130T111358Z-07aa3495": "digits", "20261201T080000Z-aaaaaaaa": "parts"}
HEAVY = frozenset({"PIL", "boto3", "botocore", "jinja2", "moto", "numpy", "sklearn"})
SCRIPT = """
import sys
from rcl_flow.cli.app import app
try:
    app([], prog_name="rcl-flow", standalone_mode=False)
finally:
    print(" ".join(sorted(sys.modules)), file=sys.stderr)
"""
PROGRAM = """#!{python}
import sys
sys.argv[0] = "rcl-flow"
from rcl_flow.__main__ import main
main()
"""
BASH = """
PATH="$1:$PATH"
source <(_RCL_FLOW_COMPLETE=source_bash rcl-flow)
complete -p rcl-flow
COMP_WORDS=(rcl-flow report 2026120); COMP_CWORD=2
_rcl_flow_completion rcl-flow
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with configs and a workspace of two runs."""
    monkeypatch.chdir(tmp_path)
    for name in ("flow.yaml", "demo/rcl-flow.yaml", "demo/deep/other.yml", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    store = SqliteStore(tmp_path / ".rcl-flow" / STORE_NAME, SystemClock())
    for run_id, project in RUNS.items():
        store.put(f"runs/{run_id}", json.dumps({"project": project}).encode())
    return tmp_path


def asked_as(shell: str, *words: str) -> dict[str, str]:
    """Return what a shell's script sets when the last of the words is half typed."""
    line = " ".join(("rcl-flow", *words))
    return {
        "_RCL_FLOW_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words)),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }


def ask_alone(environment: Mapping[str, str]) -> tuple[str, set[str]]:
    """Complete in an interpreter of its own; return what was offered, and what was loaded."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    return ended.stdout, set(ended.stderr.splitlines()[-1].split())


def offered(shell: str, *words: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Complete in this process, as the shell's script does; return what it prints."""
    from rcl_flow.cli.app import app

    for name, value in asked_as(shell, *words).items():
        monkeypatch.setenv(name, value)
    with redirect_stdout(io.StringIO()) as said, pytest.raises(SystemExit):
        app([], prog_name="rcl-flow", standalone_mode=False)
    return said.getvalue()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (("re",), ["report", "retrain", "reap"]),
        (("report", "--wo"), ["--workspace"]),
        (("report", ""), ["latest", *sorted(RUNS, reverse=True)]),
        (("report", "20261130"), ["20261130T111358Z-07aa3495"]),
        (("compare", "latest", "lat"), ["latest"]),
        (("predict", "flow.yaml", "x", "--run", "l"), ["latest"]),
        (("report", "--workspace", "elsewhere", ""), []),
        (("rollback", ""), ["digits", "parts"]),
        (("runs", "--project", "p"), ["parts"]),
        (("run", ""), ["demo/rcl-flow.yaml", "flow.yaml"]),
        (("validate", "demo/"), ["demo/deep/other.yml", "demo/rcl-flow.yaml"]),
        (("validate", "./fl"), ["./flow.yaml"]),
        (("validate", "./demo/../demo/rcl"), ["./demo/../demo/rcl-flow.yaml"]),
        (("gc", "no-such-folder/"), []),
        (("convert", "a", "b", "--to", "c"), ["csv", "coco", "cvat"]),
        (("--log-format", ""), ["auto", "human", "plain", "json"]),
        (("run", "--log-format", ""), ["auto", "human", "plain", "json"]),
        (("run", "flow.yaml", "--log-format", "p"), ["plain"]),
        (("run", "--log-format", "plain", "fl"), ["flow.yaml"]),
        (("explain", "model-not-"), ["model-not-stopped", "model-not-started"]),
        (("explain", "TOO_MANY_LABELS"), ["TOO_MANY_LABELS_ON_IMAGE"]),
    ],
)
def test_bash_is_offered(
    folder: Path, words: tuple[str, ...], wanted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands, options, runs, projects, configs and formats; else bash completes files."""
    assert folder.is_dir()
    assert offered("bash", *words, monkeypatch=monkeypatch).split() == wanted


def test_zsh_is_offered_values_with_what_they_mean(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The help stands beside a command; without a match zsh completes files."""
    shown = offered("zsh", "roll", monkeypatch=monkeypatch)
    assert shown.startswith('_arguments \'*: :(("rollback":"Let the champion before take')
    assert "20261201T080000Z" in offered("zsh", "report", "202612", monkeypatch=monkeypatch)
    assert offered("zsh", "validate", "x", monkeypatch=monkeypatch).strip() == "_files"
    assert folder.is_dir()


def test_fish_is_offered_values_with_what_they_mean(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tab parts value and help."""
    shown = offered("fish", "rollb", monkeypatch=monkeypatch)
    assert shown.split("\t")[0] == "rollback"
    assert offered("fish", "runs", "--project", "d", monkeypatch=monkeypatch).strip() == "digits"
    assert folder.is_dir()


@pytest.mark.parametrize("damage", ["no database", "no record"])
def test_what_cannot_be_read_is_not_offered(
    folder: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell has no place for an error."""
    path = folder / ".rcl-flow" / STORE_NAME
    if damage == "no database":
        path.write_bytes(b"no database at all, but long enough to be looked at" * 99)
    else:
        for run_id in RUNS:
            SqliteStore(path, SystemClock()).put(f"runs/{run_id}", b"[]{")
    assert offered("bash", "rollback", "", monkeypatch=monkeypatch).split() == []


def test_completion_loads_neither_aws_nor_numbers(folder: Path) -> None:
    """It answers between two keystrokes; the runs are read without what runs them."""
    shown, loaded = ask_alone(asked_as("bash", "report", "l"))
    assert shown.split() == ["latest"]
    assert "sqlite3" in loaded
    assert loaded & (HEAVY | {"rich"}) == set()
    assert folder.is_dir()


def test_commands_are_offered_without_loading_one(folder: Path) -> None:
    """Their names and helps are in the table."""
    shown, loaded = ask_alone(asked_as("bash", ""))
    assert shown.split() == list(COMMANDS)
    assert not {name for name in loaded if name.startswith("rcl_flow.cli.commands.")}
    assert folder.is_dir()


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_with_the_script_that_is_shown(folder: Path, tmp_path: Path) -> None:
    """The script is sourced by a real bash, whose function is called as it calls it."""
    program = tmp_path / "bin" / "rcl-flow"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable))
    program.chmod(0o755)
    root = str(Path(__file__).parents[3])
    ended = subprocess.run(
        ["bash", "--norc", "-c", BASH, "bash", str(program.parent)],
        capture_output=True,
        text=True,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": root},
    )
    how, *words = ended.stdout.split("\n")
    assert how == "complete -o default -F _rcl_flow_completion rcl-flow"
    assert words[:1] == ["20261201T080000Z-aaaaaaaa"]


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_help_says_how_completion_is_installed(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is found where one looks first."""
    assert run_app(["--help"]) == 0
    assert option in capsys.readouterr().out
