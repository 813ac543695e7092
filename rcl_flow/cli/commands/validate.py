"""`rcl-flow validate`: a config without doing anything."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import JsonOption, SetOption


def validate(
    config: Annotated[
        str | None, typer.Argument(help="The config, a YAML file.", metavar="CONFIG")
    ] = None,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a config instead.")
    ] = False,
) -> None:
    """Check a config: unknown keys, wrong values, missing fields, each with file and line.

    Example: rcl-flow validate config/demo.yaml
    """
    import json
    from pathlib import Path

    from rcl_flow.cli.reading import read_config
    from rcl_flow.config import FlowConfig

    console = Console(as_json=as_json)
    if schema:
        text = json.dumps(FlowConfig.model_json_schema(), indent=2)
        Console(as_json=False).result(text)
        return
    if config is None:
        raise typer.BadParameter("give a config, or --schema", param_hint="CONFIG")
    flow_config = read_config(Path(config), overrides or ())
    console.result(f"{config} is valid: project {flow_config.project}, {flow_config.backend}.")
    console.document(
        {"format_version": 1, "status": "valid", "config": flow_config.model_dump(mode="json")}
    )
