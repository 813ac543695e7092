"""`rcl-flow promote`: let a run's model become the champion of its project."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def promote(
    run: Annotated[
        str, typer.Argument(help="A run's id, its beginning, or `latest`.", metavar="RUN")
    ],
    force: Annotated[
        bool,
        typer.Option("--force", help="Promote it whatever the rules say; the history tells so."),
    ] = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Agree to pay when the champion has to be judged again."),
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Let a finished run's model become the champion, if it passes against the present one.

    It must have passed its gates, and on the same images the interval of the F1's change must
    exclude a loss beyond `promotion.max_loss`. Refused, it exits 10 with the reasons. Where the
    present one is kept running (`rcl-flow start`), the new one starts first and takes its place.

    Example: rcl-flow promote latest
    """
    from rcl_flow.cli.promoting import drive_promote
    from rcl_flow.pipeline.flow import Options

    code = drive_promote(
        run, workspace, Options(consent=yes), Console(as_json=as_json), force=force
    )
    if code:
        raise typer.Exit(code)
