"""Check a config and print what it says, or the schema of every config."""

from collections.abc import Sequence
from pathlib import Path

from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.reading import read_whole_config


def print_schema() -> None:
    """Print the JSON Schema, as it is published for editors."""
    from rcl_flow.config.published import schema_text

    Console(as_json=False).result(schema_text().rstrip())


def print_config(
    path: Path, overrides: Sequence[str], overlays: Sequence[Path], console: Console, *, show: bool
) -> None:
    """Read a config and say that it is valid, or with `show` what it says and where.

    Raises:
        ConfigNotFoundError: a file cannot be read.
        ConfigError: the config is not valid.
    """
    read = read_whole_config(path, overrides, overlays)
    if show or console.as_json:
        # not needed, and so not loaded, for a config that is only checked
        from rcl_flow.config.shown import places_of, shown_config

        console.document(
            {
                "format_version": FORMAT_VERSION,
                "status": "valid",
                "config": read.config.model_dump(mode="json"),
                "given": places_of(read),
                "warnings": list(read.warnings),
            }
        )
        console.result(shown_config(read))
        return
    files = " with ".join(map(str, (path, *overlays)))
    console.result(f"{files} is valid: project {read.config.project}, {read.config.backend}.")
