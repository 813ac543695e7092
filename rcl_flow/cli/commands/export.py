"""`rcl-flow export`: the same config on a schedule."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import ConfigArgument, JsonOption, OverlayOption


def export(
    target: Annotated[
        Literal["stepfunctions", "github-actions", "cron"],
        typer.Argument(help="Where it is to run.", metavar="TARGET"),
    ],
    config: ConfigArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where to write: by default rcl-flow-PROJECT for stepfunctions, this folder for "
            "github-actions, nowhere (the lines are printed) for cron.",
        ),
    ] = None,
    schedule: Annotated[
        str,
        typer.Option(
            "--schedule",
            metavar="CRON",
            help="When a run is due, as EventBridge Scheduler writes it.",
        ),
    ] = "cron(0 3 ? * MON *)",
    command: Annotated[
        Literal["run", "retrain"],
        typer.Option("--command", help="`retrain` trains only when its policy says so."),
    ] = "retrain",
    overlays: OverlayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what puts a config on a schedule; nothing is deployed.

    TARGET is `stepfunctions` (template, parameters and a script that deploys them),
    `github-actions` (a workflow that assumes a role by OIDC) or `cron` (lines of a crontab).

    Example: rcl-flow export cron flow.yaml --schedule "cron(0 3 ? * MON *)"
    """
    from rcl_flow.cli.exporting import ExportOptions, drive_export

    options = ExportOptions(target, config, out, schedule, command, tuple(overlays or ()))
    drive_export(options, Console(as_json=as_json))
