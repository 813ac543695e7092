"""`rcl-flow report`: render a finished run's report again."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def report(
    run: Annotated[
        str, typer.Argument(help="A run's id, its beginning, or `latest`.", metavar="RUN")
    ] = "latest",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of a run's outcome instead.")
    ] = False,
) -> None:
    """Render the report of a finished run again, without AWS, and print its path.

    Example: rcl-flow report latest
    """
    from rcl_flow.pipeline.history.selecting import select_runs
    from rcl_flow.pipeline.judging.report_files import render_again
    from rcl_flow.pipeline.runs.outcome_schema import outcome_schema
    from rcl_flow.pipeline.state.records import list_runs, run_folder
    from rcl_flow.wiring.stores import open_store

    if schema:
        Console(as_json=False).result(outcome_schema(), verbatim=True)
        return
    console = Console(as_json=as_json)
    record = select_runs(list_runs(open_store(workspace)), run)[0]
    artifacts = render_again(run_folder(workspace, record.run_id))
    console.result(artifacts.report_html)
    console.document(
        {"format_version": 1, "run_id": record.run_id, "artifacts": artifacts.model_dump()}
    )
