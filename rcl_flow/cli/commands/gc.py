"""`rcl-flow gc`: remove all that a run, or every old run, has made."""

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


def gc(
    config: Annotated[
        Path | None,
        typer.Argument(
            help="With --old: whose project, workspace and promotion.keep_versions count.",
            metavar="CONFIG",
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="A run's id or its beginning, or `latest`."),
    ] = None,
    old: Annotated[
        bool,
        typer.Option(
            "--old", help="Every run but those of the champion, champions before, and the newest."
        ),
    ] = False,
    keep: Annotated[
        int | None,
        typer.Option(
            "--keep", min=1, metavar="N", help="With --old: so many of each stay; usually 3."
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="With --run: even if its model is champion or kept running."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without, it is listed.")] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove what a run has made: model, datasets, project, objects, state and files.

    What another run of the workspace uses is kept, and so is the record of what was spent.
    Interrupted, the same command goes on.

    Example: rcl-flow gc --run latest
    """
    console = Console(as_json=as_json)
    if old == (run is not None):
        raise typer.BadParameter(
            "say which run, such as --run latest, or --old", param_hint="--run"
        )
    if config is None and (overrides or overlays):
        raise typer.BadParameter("--set and --overlay need CONFIG", param_hint="CONFIG")
    if run is not None:
        if not run.strip():  # the beginning of every run
            raise typer.BadParameter(
                "it is empty: is a variable of the shell not set?", param_hint="--run"
            )
        if config is not None or keep is not None:
            raise typer.BadParameter("CONFIG and --keep belong to --old", param_hint="--run")
        from rcl_flow.cli.collecting import drive_gc

        drive_gc(run, workspace, console, remove=yes, force=force)
        return
    from rcl_flow.cli.collecting_old import drive_gc_old
    from rcl_flow.core.promotion.rules import PromotionRules

    project, rules = None, PromotionRules()
    if config is not None:
        from rcl_flow.cli.reading import read_config

        read = read_config(config, overrides, overlays)
        workspace, project, rules = Path(read.workspace), read.project, read.promotion
    drive_gc_old(workspace, project, keep or rules.keep_versions, console, remove=yes)
