"""`rcl-flow retrain`: train on what has arrived, where that is worth it, and promote."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import (
    ConfigArgument,
    JsonOption,
    NoWaitOption,
    OverlayOption,
    RetryTrainingOption,
    SetOption,
)


def retrain(
    config: ConfigArgument,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    images: Annotated[
        list[str] | None,
        typer.Option(
            "--images",
            metavar="PATH",
            help="New labelled images: a folder, an s3:// prefix or a file of annotations; may be "
            "repeated. They join data.arrivals for this retraining.",
        ),
    ] = None,
    reviewed: Annotated[
        list[str] | None,
        typer.Option(
            "--reviewed",
            metavar="FILE",
            help="A reviewed queue: Label Studio's export in JSON, or a manifest; may be repeated.",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Train whatever the policy says.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what it costs on AWS.")] = False,
    no_wait: NoWaitOption = False,
    retry_training: RetryTrainingOption = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what the policy says and what it would cost."),
    ] = False,
) -> None:
    """Retrain when the policy says so, and promote a model that is not worse.

    Images that arrive during a training wait for the next. Run the same command again to resume.

    Example: rcl-flow retrain config/demo.yaml --images new-images
    """
    from rcl_flow.cli.reading import read_config
    from rcl_flow.cli.retraining import drive_retrain, show_retraining, with_arrivals
    from rcl_flow.pipeline.flow import Options

    console = Console(as_json=as_json)
    read = with_arrivals(read_config(config, overrides, overlays), images or (), reviewed or ())
    if dry_run:
        show_retraining(read, console, force=force)
        return
    options = Options(blocking=not no_wait, consent=yes, retry_training=retry_training)
    given = len(images or ()) + len(reviewed or ())
    raise typer.Exit(drive_retrain(read, options, console, force=force, given=given))
