"""Tests of who uses an armed model."""

import os
import subprocess
import sys

from rcl_flow.pipeline.state.holding import is_alive


def test_process_is_alive_until_it_ends() -> None:
    """A process that runs is alive; one that ended and was reaped is not."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_alive(process.pid)
    process.communicate(b"\n")
    assert not is_alive(process.pid)


def test_this_process_is_alive_and_no_process_is_not() -> None:
    """The id 0 of a record without holder is nobody."""
    assert is_alive(os.getpid())
    assert not is_alive(0)
