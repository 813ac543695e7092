"""`rcl-flow gc`: remove all that a run has made."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def gc(
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="A run's id or its beginning, or `latest`."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it; without, it is listed.")] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Remove what a run has made: model, datasets, project, objects, state and files.

    What another run of the workspace uses is kept, and so is the record of what was spent.
    Interrupted, the same command goes on.

    Example: rcl-flow gc --run latest
    """
    from rcl_flow.cli.collecting import drive_gc

    if run is None:
        raise typer.BadParameter("say which run, such as --run latest", param_hint="--run")
    drive_gc(run, workspace, Console(as_json=as_json), remove=yes)
