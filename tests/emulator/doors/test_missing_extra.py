"""What somebody reads who installed the package without the extra `emulator`."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("name", ["rcl_flow.emulator.box", "rcl_flow.emulator.testing"])
def test_import_without_the_extra_says_what_to_install(name: str) -> None:
    """Not only which module is missing, as Python says it."""
    script = f"import sys; sys.modules['moto'] = None; import {name}"
    ended = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert ended.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: The emulator needs moto, not installed here. "
        "Install it: pip install 'rcl-flow[emulator]'"
    )
