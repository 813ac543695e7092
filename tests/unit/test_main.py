"""Tests of the entry point."""

import subprocess
import sys

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


def test_ctrl_c_while_the_program_is_loaded_is_no_traceback() -> None:
    """Nothing was done yet, so there is nothing to tell but the exit code."""
    ended = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (130, "")
