"""The record that a detached server leaves in its folder: where it answers, and who it is."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rcl_flow.emulator.files import remove, write_whole

RECORD_NAME = "server.json"


@dataclass(frozen=True, slots=True)
class EmulatorHandle:
    """A server that runs, or ran when it was last recorded."""

    endpoint_url: str
    pid: int
    instance: str
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of its `EmulatorSettings`, by name; none of a server of an earlier version."""


def read_handle(directory: Path) -> EmulatorHandle | None:
    """Return what `directory` says of a server, or None; whether it runs is another question."""
    try:
        entry = json.loads((directory / RECORD_NAME).read_text(encoding="utf-8"))
        return EmulatorHandle(
            str(entry["endpoint_url"]),
            int(entry["pid"]),
            str(entry["instance"]),
            dict(entry.get("settings", {})),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_handle(directory: Path, handle: EmulatorHandle) -> None:
    """Record `handle` in `directory`."""
    write_whole(directory / RECORD_NAME, json.dumps(asdict(handle)) + "\n")


def forget_handle(directory: Path, handle: EmulatorHandle) -> None:
    """Remove the record in `directory`, unless it speaks of another server by now."""
    if read_handle(directory) == handle:
        remove(directory / RECORD_NAME)
