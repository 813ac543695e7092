"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

ConfigArgument = Annotated[Path, typer.Argument(help="The config, a YAML file.", metavar="CONFIG")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object to stdout; progress goes to stderr.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Set any field of the config, such as inference.concurrency=4; may be repeated.",
    ),
]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", help="The folder of state and runs.", metavar="DIR")
]
DEFAULT_WORKSPACE = Path(".rcl-flow")
FormatName = Literal["folder", "csv", "manifest", "coco", "yolo", "voc", "label-studio", "cvat"]
"""The formats of labelled images, as `rcl_flow.formats.reading` names them."""
