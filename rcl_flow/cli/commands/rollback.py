"""`rcl-flow rollback`: go back to the champion before."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def rollback(
    project: Annotated[str, typer.Argument(help="The project's name.", metavar="PROJECT")],
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="RUN", help="A run whose model was champion; else the one before."
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Let the champion before take the place again; a retraining will not undo that.

    Nothing is trained: the alias, and the parameter where there is one, change. Where the model of
    now is kept running (`rcl-flow start`), the one before starts first and then takes its place.

    Example: rcl-flow rollback parts
    """
    from rcl_flow.cli.promoting import drive_rollback

    code = drive_rollback(project, to, workspace, Console(as_json=as_json))
    if code:
        raise typer.Exit(code)
