"""Read the config that a command was given, and tell of old names in it."""

from collections.abc import Sequence
from pathlib import Path

from rcl_flow.cli.console import Console
from rcl_flow.config import FlowConfig
from rcl_flow.config.reading import ReadConfig
from rcl_flow.wiring.config_files import read_config_files


def read_config(
    path: Path, overrides: Sequence[str] | None = None, overlays: Sequence[Path] | None = None
) -> FlowConfig:
    """Read a config file; relative data paths start at the folder of the file that names them.

    Raises:
        ConfigNotFoundError: it cannot be read.
        ConfigError: it is not valid.
    """
    return read_whole_config(path, overrides, overlays).config


def read_whole_config(
    path: Path, overrides: Sequence[str] | None = None, overlays: Sequence[Path] | None = None
) -> ReadConfig:
    """Do the same, and tell how the config came about.

    Raises:
        ConfigNotFoundError: it cannot be read.
        ConfigError: it is not valid.
    """
    read = read_config_files(path, overlays or (), overrides or ())
    tell_warnings(read, Console(as_json=False))
    return read


def tell_warnings(read: ReadConfig, console: Console) -> None:
    """Tell of every old name in a config, on stderr."""
    for warning in read.warnings:
        console.note(f"warning: {warning}")
