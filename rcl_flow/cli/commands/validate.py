"""`rcl-flow validate`: a config without doing anything."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import JsonOption, OverlayOption, SetOption


def validate(
    config: Annotated[
        str | None, typer.Argument(help="The config, a YAML file.", metavar="CONFIG")
    ] = None,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    show: Annotated[
        bool,
        typer.Option("--show", help="Print what is given after all, and where each value is from."),
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a config instead.")
    ] = False,
) -> None:
    """Check a config: unknown keys, wrong values, missing fields, each with file and line.

    Example: rcl-flow validate config/demo.yaml
    """
    from pathlib import Path

    from rcl_flow.cli.validating import print_config, print_schema

    console = Console(as_json=as_json)
    if schema:
        print_schema()
        return
    if config is None:
        raise typer.BadParameter("give a config, or --schema", param_hint="CONFIG")
    print_config(Path(config), overrides or (), overlays or (), console, show=show)
