"""Tests of the entry point."""

import os
import subprocess
import sys
from pathlib import Path

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


SAYS = "import os, sys\nprint('plugin', file=sys.stderr)\n"
READS = """
import os, sys
from rcl_flow.__main__ import main
try:
    main()
except SystemExit as ended:
    print(ended.code, os.environ.get("PYDANTIC_DISABLE_PLUGINS"), file=sys.stderr)
from pydantic import TypeAdapter
TypeAdapter(int)
"""


def test_plugins_of_pydantic_are_left_to_whoever_calls_the_command_line(tmp_path: Path) -> None:
    """A command looks for none; the program that has called it finds its own afterwards."""
    (tmp_path / "told.py").write_text(SAYS)
    about = tmp_path / "told-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: told\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pydantic]\ntold = told:sys\n")
    config = Path(__file__).parents[2] / "config" / "demo.yaml"
    ended = subprocess.run(
        [sys.executable, "-c", READS, "validate", str(config)],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr.splitlines()[:2] == ["0 None", "plugin"]
