"""`rcl-flow copy`: a run's model in another project, account or region."""

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


def copy(
    run: Annotated[
        str, typer.Argument(help="A finished run's id, its beginning, or `latest`.", metavar="RUN")
    ],
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            metavar="CONFIG",
            help="The destination's config: its own project, bucket, account and region.",
        ),
    ],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Agree to what it costs on AWS.")] = False,
) -> None:
    """Bring a run's model to another project, account or region, and prove that it does the same.

    Within a region the model is copied; into another one it is trained anew from the same data.
    Then it judges the same holdout, and both models are compared image by image.

    Example: rcl-flow copy latest --to production.yaml
    """
    from rcl_flow.cli.copying import drive_copy
    from rcl_flow.cli.reading import read_config

    config = read_config(to, overrides, overlays)
    drive_copy(run, config, workspace, Console(as_json=as_json), consent=yes)
