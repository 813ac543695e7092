"""Tests of streams that are unread, closed, full, or of an encoding of few letters."""

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TextIO

import pytest

from rcl_flow.cli.app import run_app
from rcl_flow.cli.streams import ready_streams

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


def said_in_ascii(arguments: Sequence[str]) -> tuple[int, str]:
    """Run the command line where stdout takes ASCII alone; return the code and what it took."""
    taken = io.BytesIO()
    stdout = io.TextIOWrapper(taken, encoding="ascii")
    with redirect_stdout(stdout), ready_streams():
        code = run_app(arguments)
    return code, taken.getvalue().decode("ascii")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config whose name is not ASCII."""
    path = tmp_path / "höhe.yaml"
    sets = ", ".join(f"{name}: {{folder: {name}}}" for name in ("train", "test", "holdout"))
    path.write_text(f"project: p\ndata: {{{sets}}}\n")
    return path


def test_letters_that_the_stream_lacks_are_written_as_numbers(config: Path) -> None:
    """As Python does on stderr."""
    code, said = said_in_ascii(["validate", str(config)])
    assert code == 0
    assert "h\\xf6he.yaml is valid" in said


def test_json_stays_json_where_the_stream_lacks_letters(config: Path) -> None:
    """JSON has escapes of its own."""
    code, said = said_in_ascii(["validate", str(config), "--json"])
    assert code == 0
    assert json.loads(said)["given"]["project"] == f"{config}:1"


def test_closed_streams_lead_nowhere(config: Path) -> None:
    """`>&-` and `2>&-`: the exit code is what is wanted, and is that of any other end."""
    with redirect_stdout(None), redirect_stderr(None):
        with ready_streams():
            codes = run_app(["validate", str(config)]), run_app(["validate", "nothing.yaml"])
        assert (sys.stdout, sys.stderr) == (None, None)
    assert codes == (0, 2)


@needs_full
@pytest.mark.parametrize("form", [(), ("--json",), ("--show",)])
def test_full_disk_behind_stdout_is_an_error_of_ours(
    config: Path, form: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A traceback would tell of the program, not of the disk."""
    with FULL.open("w") as stdout, redirect_stdout(stdout), ready_streams():
        code = run_app(["validate", str(config), *form])
    assert code == 12
    assert capsys.readouterr().err.startswith("error [local-files]: The disk is full")


@needs_full
def test_full_disk_behind_stderr_leaves_the_exit_code() -> None:
    """An error that cannot be told still has its code."""
    with FULL.open("w") as stderr, redirect_stderr(stderr), ready_streams():
        assert run_app(["validate", "nothing.yaml"]) == 2


@contextmanager
def unread(buffering: int = -1) -> Iterator[TextIO]:
    """Write to a pipe whose reader has gone away."""
    reading, writing = os.pipe()
    os.close(reading)
    raw = io.FileIO(writing, "w")
    with io.TextIOWrapper(io.BufferedWriter(raw) if buffering else raw) as stream:
        yield stream


def test_nobody_reading_the_error_leaves_the_exit_code() -> None:
    """`rcl-flow validate nothing.yaml 2>&1 | true`."""
    with unread() as stderr, redirect_stderr(stderr), ready_streams():
        assert run_app(["validate", "nothing.yaml"]) == 2


@pytest.mark.parametrize("buffering", [-1, 0])
@pytest.mark.parametrize("form", [("explain",), ("explain", "9"), ("explain", "--json"), ("-h",)])
def test_reader_that_went_away_is_no_error(
    form: Sequence[str], buffering: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """`rcl-flow explain | head -1`: it has read what it wanted, whether helps or results."""
    with unread(buffering) as stdout, redirect_stdout(stdout), ready_streams():
        assert run_app(form) == 0
    assert capsys.readouterr().err == ""


def test_work_is_done_to_its_end_though_nobody_reads(config: Path) -> None:
    """`rcl-flow init … 2>&1 | head -1` writes its config; what is read later is not stopped."""
    done = []
    with unread() as stream, redirect_stdout(stream), redirect_stderr(stream), ready_streams():
        for _ in range(3):
            sys.stderr.write("ok    a step\n")
            sys.stderr.flush()
            done.append(run_app(["validate", str(config)]))
    assert done == [0, 0, 0]


def test_terminal_that_hung_up_is_a_reader_that_went_away(config: Path) -> None:
    """Where SIGHUP is ignored, the command goes on."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as stdout, redirect_stdout(stdout), ready_streams():
        os.close(ours)
        assert run_app(["validate", str(config)]) == 0


def test_streams_are_put_back() -> None:
    """What the process does next is not this block's."""
    with unread() as stdout, redirect_stdout(stdout):
        with ready_streams():
            assert sys.stdout is not stdout
        assert sys.stdout is stdout
