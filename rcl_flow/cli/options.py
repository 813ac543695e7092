"""Options that several commands share."""

import re
from pathlib import Path
from typing import Annotated

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
OverlayOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--overlay",
        metavar="FILE",
        help="A YAML file of the fields that differ, laid over the config; may be repeated.",
    ),
]
NoWaitOption = Annotated[
    bool, typer.Option("--no-wait", help="Do what can be done now; exit 75 while AWS is at work.")
]
RetryTrainingOption = Annotated[
    bool, typer.Option("--retry-training", help="Train again what has failed to train.")
]
NearDuplicatesOption = Annotated[
    int | None,
    typer.Option(
        min=0, max=16, metavar="BITS", help="Images that differ in so few bits stay together."
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        "--region",
        help="The AWS region; else that of the environment, of the profile, or us-east-1.",
        metavar="REGION",
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="A profile of the shared AWS config files.", metavar="NAME"),
]
_URL = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+(/.*)?")


def check_url(value: str | None) -> str | None:
    """Return an endpoint that can be one.

    Raises:
        typer.BadParameter: it cannot.
    """
    if value is not None and not _URL.fullmatch(value):
        raise typer.BadParameter(f"{value!r} is no http:// or https:// address")
    return value


EndpointOption = Annotated[
    str | None,
    typer.Option(
        "--endpoint-url",
        help="S3's endpoint, such as a running `rcl-flow emulate`.",
        metavar="URL",
        callback=check_url,
    ),
]
WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", help="The folder of state and runs.", metavar="DIR")
]
DEFAULT_WORKSPACE = Path(".rcl-flow")
