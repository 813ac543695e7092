"""Start a workspace's emulator: `python -m tests.e2e.starting FOLDER SETTINGS`."""

import sys
from pathlib import Path

from rcl_flow.emulator.launch import ensure_running
from rcl_flow.emulator.settings import parse_settings

if __name__ == "__main__":
    ensure_running(Path(sys.argv[1]), parse_settings(sys.argv[2]))
