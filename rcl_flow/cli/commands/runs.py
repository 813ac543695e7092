"""`rcl-flow runs`: a project's history, with a page that shows the trend."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def runs(
    project: Annotated[
        str | None,
        typer.Option("--project", help="Only the runs of this project.", metavar="PROJECT"),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write the page there; for one project.", metavar="FILE"),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="The folder for the pages; by default the workspace.", metavar="DIR"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show each project's runs, oldest first, with scores that can be compared, and what they cost.

    Writes a page with the trend for every project that has a score: trend-PROJECT.html.

    Example: rcl-flow runs --project digits
    """
    from rcl_flow.cli.histories import RunsOptions, drive_runs

    if html is not None and out is not None:
        raise typer.BadParameter("give --html or --out", param_hint="--html")
    code = drive_runs(workspace, RunsOptions(project, html, out), Console(as_json=as_json))
    if code:
        raise typer.Exit(code)
