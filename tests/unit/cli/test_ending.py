"""Tests of how a command's end is told."""

import io
import signal

import pytest
import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.ending import STILL_RUNNING, told_pauses, told_signals
from rcl_flow.pipeline.runs.run import Pause
from rcl_flow.pipeline.runs.signals import Signalled


def test_told_signals_exits_with_the_signal_and_says_what_is_left() -> None:
    """The exit code is the shell's; the sentence of the caller is among what is left."""
    stderr = io.StringIO()
    console = Console(as_json=False, stderr=stderr)
    with pytest.raises(typer.Exit) as ended, told_signals(console, "the model is not left"):
        raise Signalled(signal.SIGTERM)
    assert ended.value.exit_code == 128 + signal.SIGTERM
    assert stderr.getvalue().splitlines() == ["Ended by SIGTERM.", "  - The model is not left."]


def test_told_pauses_says_when_to_come_again() -> None:
    """A tick ends with 75 and the seconds."""
    stdout = io.StringIO()
    with pytest.raises(typer.Exit) as ended, told_pauses(Console(as_json=False, stdout=stdout)):
        raise Pause(900.0)
    assert ended.value.exit_code == STILL_RUNNING
    assert stdout.getvalue() == "Still running: run the same command again in 900 s.\n"
