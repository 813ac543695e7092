"""What a person at a terminal reads: after Ctrl-C, on the way, and at 80 columns."""

import io
import re
import signal
from contextlib import redirect_stderr, redirect_stdout

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.table import WIDTH_COLUMNS
from tests.e2e.bench import Bench, wait_until

COMMANDS = (
    ("status",),
    ("runs",),
    ("report", "latest"),
    ("promote", "latest"),
    ("gc", "--run", "latest"),
    ("stop", "--all"),
    ("plan", "config.yaml"),
    ("validate", "config.yaml"),
    ("explain", "dataset-gate"),
)
UNBROKEN = re.compile(r" *(\S+:\S+|\S*/\S+)[.,;)]*")
"""An ARN, a URI or a path on a line of its own: it may be longer, so that it can be copied."""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def test_ctrl_c_in_a_training_tells_its_state_and_the_resumed_run_fits_a_terminal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training goes on, the command to paste resumes it; then every command fits 80 columns."""
    bench.write_config({"emulator": {"training_seconds": 6.0, "starting_seconds": 0.05}})
    process = bench.start("run", "config.yaml")
    server = bench.workspace / "emulator" / "server.json"
    wait_until(lambda: server.exists() and bench.calls("CreateProjectVersion") == 1)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    lines = stderr.splitlines()

    assert process.returncode == 128 + signal.SIGINT, stderr
    ending = lines[next(n for n, line in enumerate(lines) if line.startswith("Ended by SIGINT")) :]
    assert any("training" in line for line in ending[1:-1])
    assert not any("Nothing was made" in line for line in ending)
    assert ending[-1] == "To go on: rcl-flow run config.yaml"

    resumed = bench.run(*ending[-1].split()[4:])
    assert resumed.code == 0, resumed.stderr
    assert bench.calls("CreateProjectVersion") == 1
    assert "runs until it is stopped: free here, 4.00 USD an hour on AWS" in resumed.stderr

    monkeypatch.chdir(bench.folder)
    monkeypatch.setenv("COLUMNS", str(WIDTH_COLUMNS))
    monkeypatch.setenv("TERM", "dumb")
    assert [too_wide(*command) for command in COMMANDS] == [[] for _ in COMMANDS]


def too_wide(*command: str) -> list[str]:
    """Return the lines that a command prints to a terminal of 80 columns and that do not fit it."""
    stdout, stderr = Terminal(), Terminal()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        run_app(command)
    lines = [*stdout.getvalue().splitlines(), *stderr.getvalue().splitlines()]
    assert lines, command
    wide = [line for line in lines if len(line) > WIDTH_COLUMNS]
    return [line for line in wide if not UNBROKEN.fullmatch(line)]
