"""`rcl-flow status`: where runs stand and what may be running."""

from typing import TYPE_CHECKING, Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from pathlib import Path

    from rcl_flow.pipeline.records import ArmedModel, RunRecord


def status(
    run: Annotated[
        str | None, typer.Argument(help="A run's id, or its beginning.", metavar="RUN")
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Show the runs of a workspace and every model that they may have left running.

    Example: rcl-flow status
    """
    from rcl_flow.cli.wiring import open_store
    from rcl_flow.pipeline.records import list_armed, list_runs
    from rcl_flow.pipeline.selecting import select_runs

    console = Console(as_json=as_json)
    store = open_store(workspace)
    runs = select_runs(list_runs(store), run)
    armed = [model for model in list_armed(store) if run is None or model.run_id == runs[0].run_id]
    shown = [(model, _seen(model, workspace)) for model in armed]
    console.document(
        {
            "format_version": 1,
            "runs": [record.model_dump(mode="json") for record in runs],
            "models": [
                {**model.model_dump(mode="json"), "model_status": seen} for model, seen in shown
            ],
        }
    )
    for record in runs:
        console.result(_run_line(record))
    for model, seen in shown:
        console.result(
            f"MODEL  {seen}  {model.project_version_arn}, {model.usd_per_hour:.2f} USD an hour "
            f"since {model.armed_at:%Y-%m-%d %H:%M} UTC; stop it with: rcl-flow stop "
            f"{model.project_version_arn}"
        )


def _seen(model: "ArmedModel", workspace: "Path") -> str:
    from rcl_flow.cli.wiring import reach_backend
    from rcl_flow.errors import EmulatorUnavailableError, RclFlowError

    try:
        services = reach_backend(model.backend, workspace, lambda _event: None)
        found = services.rekognition.find_version_by_arn(model.project_version_arn)
    except EmulatorUnavailableError:
        return "GONE"
    except RclFlowError as error:
        return f"UNKNOWN ({error.slug})"
    return found.status if found else "DELETED"


def _run_line(record: "RunRecord") -> str:
    line = (
        f"{record.run_id}  {record.status:<9}  {record.project}  {record.backend.kind}"
        f"  {record.step.replace('_', ' ')}  {record.project_version_arn}"
    ).rstrip()
    return f"{line}\n    {record.error}" if record.error else line
