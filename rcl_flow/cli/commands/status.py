"""`rcl-flow status`: where runs stand, what they cost and what may be running."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def status(
    run: Annotated[
        str | None, typer.Argument(help="A run's id, or its beginning.", metavar="RUN")
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Show a workspace's runs, what they have spent, and every model that they left running.

    Example: rcl-flow status
    """
    from rcl_flow.cli.status_text import status_document, status_lines
    from rcl_flow.cli.statuses import find_standing
    from rcl_flow.clock import SystemClock

    console = Console(as_json=as_json)
    standing = find_standing(workspace, run)
    console.document(status_document(standing))
    for line in status_lines(standing, SystemClock().now(), workspace):
        console.result(line)
