"""Tests of the command line's root: help, imports, exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.command_table import COMMANDS

CONFIG = "project: shades\ndata: {train: {folder: a}, test: {folder: b}, holdout: {folder: c}}\n"
SCRIPT = """
import sys
from rcl_flow.cli.app import run_app
code = run_app(sys.argv[1:])
print(" ".join(sorted(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


def run_alone(*arguments: str) -> tuple[int, str, set[str]]:
    """Run a command in a process of its own; return exit code, stdout and loaded modules."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout, set(ended.stderr.splitlines()[-1].split())


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the path of a valid config."""
    path = tmp_path / "rcl-flow.yaml"
    path.write_text(CONFIG)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_command_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command says how it is typed."""
    assert run_app([command, "--help"]) == 0
    assert f"Example: rcl-flow {command}" in capsys.readouterr().out


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The root's help lists what there is, each on one line of 80 columns."""
    assert run_app(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "Example" in shown
    listed = [line.split() for line in shown.splitlines() if line.startswith("  ")]
    assert {words[0] for words in listed if words} >= set(COMMANDS)
    for command in COMMANDS:
        (line,) = [text for text in shown.splitlines() if text.startswith(f"  {command} ")]
        assert len(line) <= 80
        assert "..." not in line


@pytest.mark.parametrize("columns", [40, 51, 52])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_fits_a_narrow_terminal(
    command: str, columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal would part words where it ends."""
    monkeypatch.setenv("COLUMNS", str(columns))
    assert run_app([command, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns


def test_help_parts_no_word_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an option does stands below it, where the column beside it would be too narrow."""
    monkeypatch.setenv("COLUMNS", "40")
    assert run_app(["init", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "\n  --from PLACE\n          The images: a folder, a file" in shown
    assert " annotations or an" in " ".join(shown.split())


def test_usage_names_what_may_be_repeated_once(capsys: pytest.CaptureFixture[str]) -> None:
    """`{IMAGES...}...` would be a riddle."""
    assert run_app(["predict", "--help"]) == 0
    usage = capsys.readouterr().out.partition("\n\n")[0]
    assert usage.count("...") == 1


def test_validate_prints_the_whole_config_as_json(config: Path) -> None:
    """A machine reads what the config means, defaults included."""
    code, stdout, _ = run_alone("validate", str(config), "--json", "--set", "tags.team=vision")
    assert code == 0
    document = json.loads(stdout)
    assert document["format_version"] == 1
    assert document["config"]["project"] == "shades"
    assert document["config"]["tags"] == {"team": "vision"}
    assert document["config"]["inference"]["inference_units"] == 1


def test_validate_prints_the_schema() -> None:
    """Editors complete a config by its schema."""
    code, stdout, _ = run_alone("validate", "--schema")
    assert code == 0
    assert {"project", "data", "gates"} <= set(json.loads(stdout)["properties"])


def test_validate_wants_a_config() -> None:
    """Without a config there is nothing to check."""
    assert run_alone("validate")[0] == 2


def test_error_passes_when_it_is_a_bug() -> None:
    """What is no error of ours shows its traceback and exits 1."""
    broken = "from rcl_flow.cli.app import app, run_app\n@app.command()\ndef bug(): 1/0\n"
    ended = subprocess.run(
        [sys.executable, "-c", f"{broken}run_app(['bug'])"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "ZeroDivisionError" in ended.stderr


def test_error_has_its_exit_code_and_object(tmp_path: Path) -> None:
    """An error of ours ends with its own code, and is JSON when JSON was asked for."""
    code, stdout, _ = run_alone("validate", str(tmp_path / "nothing.yaml"), "--json")
    assert code == 2
    assert json.loads(stdout)["error"]["slug"] == "config-not-found"


@pytest.mark.parametrize("arguments", [["no-such-command"], ["run", "--no-such-option"]])
def test_wrong_command_line_exits_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistyped command or option is the user's, and says so on stderr."""
    assert run_app(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("run", "flow.yaml", "--no-wait=1"), "rcl-flow run"),
        (("gc", "--run"), "rcl-flow gc"),
        (("run", "flow.yaml", "--set"), "rcl-flow run"),
        (("run", "flow.yaml", "--log-format"), "rcl-flow"),
    ],
)
def test_hint_names_the_help_that_has_what_was_mistyped(
    arguments: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The help of the program tells nothing of a command's options."""
    assert run_app(arguments) == 2
    assert f"hint: `{named} --help` shows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("power", "--images", "0"), "--images"),
        (("compare", "DIG"), "Missing argument"),
        (("runs", "--html", "t", "--out", "d"), "give --html or --out"),
        (("run", "--no-such-option"), "--no-such-option"),
        (("no-such-command",), "no-such-command"),
        (("stop",), "give a run, an ARN, or --all"),
        (("gc",), "--run"),
        (("reap", "--region", "bad region"), "'bad region' is no region"),
    ],
)
def test_wrong_command_line_is_an_object_too(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """docs/errors.md promises slug, message and hint of every error, and JSON with `--json`."""
    assert run_app([*arguments, "--json"]) == 2
    shown = capsys.readouterr()
    error = json.loads(shown.out)["error"]
    assert (error["slug"], error["exit_code"]) == ("config-invalid", 2)
    assert says in error["message"]
    assert "--help` shows how it is typed." in error["hint"]
    assert f"error [config-invalid]: {error['message']}" in shown.err
    assert f"hint: {error['hint']}" in shown.err
    assert run_app(arguments) == 2
    assert capsys.readouterr().out == ""


def test_nothing_typed_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """It is no error to explain, and exits 2 as every command line that does nothing."""
    assert run_app([]) == 2
    shown = capsys.readouterr()
    assert "\nTrain and judge:\n  doctor " in shown.out + shown.err
    assert "config-invalid" not in shown.err


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        ("EOFError", 1, "Aborted."),
        ("KeyboardInterrupt", 130, "Ended by SIGINT.\nTo go on: rcl-flow wait"),
        ("Signalled(15)", 143, "Ended by SIGTERM.\nTo go on: rcl-flow wait"),
    ],
)
def test_broken_off_command_has_its_exit_code_and_goes_on(
    raised: str, code: int, told: str
) -> None:
    """An end of input, or Ctrl-C, is no traceback; also while nothing is shown yet."""
    script = (
        "import sys\nfrom rcl_flow.cli.app import app, run_app\n"
        "from rcl_flow.pipeline.runs.signals import Signalled\n"
        f"@app.command()\ndef wait(): raise {raised}\nsys.exit(run_app(['wait']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    assert ended.stderr.strip() == told


@pytest.mark.parametrize(
    "arguments",
    [
        ("reap", "--endpoint-url", "notaurl"),
        ("reap", "--region", "bad region"),
        ("stop", "--all", "--endpoint-url", "notaurl"),
    ],
)
def test_option_that_cannot_be_is_refused(arguments: tuple[str, ...]) -> None:
    """An address or a region that is none is a mistake in the command line."""
    assert run_app(arguments) == 2
