"""Tests of the entry point."""

import subprocess
import sys

import pytest

IMPATIENT = """
import os
import signal
import sys
import threading
import time

def press():
    while threading.main_thread().is_alive():
        time.sleep(0.005)
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.005)

threading.Thread(target=press).start()
from rcl_flow.__main__ import main
main()
"""
"""Keys that are pressed while the interpreter waits for threads."""
INTERRUPTED = """
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "rcl_flow.cli.app":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
from rcl_flow.__main__ import main
main()
"""

EMBEDDED = """
import signal
import sys
import threading

def call():
    from rcl_flow.__main__ import main
    try:
        main()
    except SystemExit as ended:
        print(ended.code, file=sys.stderr)

if sys.argv.pop() == "thread":
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
else:
    sys.ps1 = "In: "
    call()
sys.exit(signal.getsignal(signal.SIGINT) is not signal.default_int_handler)
"""
"""A program, or a notebook, that calls the command line and goes on."""


@pytest.mark.parametrize("place", ["thread", "session"])
def test_what_calls_the_command_line_and_goes_on_keeps_its_ctrl_c(place: str) -> None:
    """A thread may not set handlers, and a session is to be interrupted later."""
    ended = subprocess.run(
        [sys.executable, "-c", EMBEDDED, "--version", place],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "0\n")


def test_ctrl_c_while_the_program_is_loaded_is_no_traceback() -> None:
    """Nothing was done yet, so there is nothing to tell but the exit code."""
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "")


@pytest.mark.parametrize(("command", "code"), [("explain", 0), ("no-such-command", 2)])
def test_ctrl_c_while_the_process_ends_changes_and_tells_nothing(command: str, code: int) -> None:
    """The command is done, and its exit code is what counts."""
    ended = subprocess.run(
        [sys.executable, "-c", IMPATIENT, command], capture_output=True, text=True, check=False
    )
    assert ended.returncode == code
    assert "Exception ignored" not in ended.stderr
    assert "KeyboardInterrupt" not in ended.stderr
