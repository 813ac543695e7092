"""The emulator's only writer: its server's record, lock and log."""

import os
from pathlib import Path
from typing import IO


def make_directory(directory: Path) -> None:
    """Create `directory` for its owner alone, if there is none."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def write_whole(path: Path, text: str) -> None:
    """Write `text` so that a reader sees all of it or none."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def remove(path: Path) -> None:
    """Delete a file, if there is one."""
    path.unlink(missing_ok=True)


def open_log(path: Path) -> IO[bytes]:
    """Open a log that starts empty."""
    return path.open("wb", buffering=0)


def open_lock(path: Path) -> IO[bytes]:
    """Open a file to lock."""
    return path.open("ab")
