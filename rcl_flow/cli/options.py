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
RegionOption = Annotated[str, typer.Option("--region", help="The AWS region.", metavar="REGION")]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="A profile of the shared AWS config files.", metavar="NAME"),
]
EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url", help="S3's endpoint, such as a running `rcl-flow emulate`.", metavar="URL"
    ),
]
DEFAULT_REGION = "us-east-1"
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", help="The folder of state and runs.", metavar="DIR")
]
DEFAULT_WORKSPACE = Path(".rcl-flow")
FormatName = Literal["folder", "csv", "manifest", "coco", "yolo", "voc", "label-studio", "cvat"]
"""The formats of labelled images, as `rcl_flow.formats.reading` names them."""
