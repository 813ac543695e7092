"""`rcl-flow start`: keep a model running on purpose, until its end."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    OverlayOption,
    SetOption,
    WorkspaceOption,
)


def start(
    model: Annotated[
        str,
        typer.Argument(help="A run's id or `latest`, or a version's ARN.", metavar="RUN|ARN"),
    ],
    hours: Annotated[
        float, typer.Option("--for", metavar="HOURS", help="At most so long, from now.")
    ] = 8.0,
    units: Annotated[
        int | None,
        typer.Option(
            "--units", metavar="N", min=1, help="Inference units (default: the config's)."
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="CONFIG",
            help="How models are run, watched and paid for (default: the run's own config).",
        ),
    ] = None,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Agree to what the model costs on AWS.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Start a model and keep it running for some hours; a second start moves the end.

    Its end is set before it is started, so that it stops even if this machine is gone. Runs of
    the project use it and leave it running. `rcl-flow stop` ends it earlier.

    Example: rcl-flow start latest --for 8 --yes
    """
    from rcl_flow.cli.hosting import StartOptions, drive_start

    options = StartOptions(
        model=model,
        hours=hours,
        units=units,
        config=config,
        overrides=tuple(overrides or ()),
        overlays=tuple(overlays or ()),
        consent=yes,
    )
    drive_start(options, workspace, Console(as_json=as_json))
