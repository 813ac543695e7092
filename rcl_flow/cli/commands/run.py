"""`rcl-flow run`: the whole workflow."""

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

DECIDED_TO_KEEP = 10


def run(
    config: ConfigArgument,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what the run costs on AWS.")] = False,
    no_wait: NoWaitOption = False,
    retry_training: RetryTrainingOption = False,
    fail_on_keep: Annotated[
        bool, typer.Option("--fail-on-keep", help="Exit 10 when the gates are not passed.")
    ] = False,
) -> None:
    """Take a config from images to a judged model, and stop what runs.

    Run the same command again to resume. Nothing is trained twice for the same data.

    Example: rcl-flow run config/demo.yaml
    """
    from rcl_flow.cli.reading import read_config
    from rcl_flow.cli.running import drive_run
    from rcl_flow.pipeline.flow import Options

    options = Options(blocking=not no_wait, consent=yes, retry_training=retry_training)
    outcome = drive_run(read_config(config, overrides, overlays), options, Console(as_json=as_json))
    if fail_on_keep and outcome.decision.action == "keep":
        raise typer.Exit(DECIDED_TO_KEEP)
