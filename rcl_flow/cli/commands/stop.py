"""`rcl-flow stop`: stop a model and read STOPPED back."""

from typing import Annotated

import typer

from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption, check_url


def stop(
    model: Annotated[
        str | None,
        typer.Argument(help="A run's id or `latest`, or a version's ARN.", metavar="RUN|ARN"),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Stop every model that runs of this workspace started.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    profile: Annotated[
        str | None, typer.Option("--profile", help="For an ARN that no run here knows.")
    ] = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option(
            "--endpoint-url", help="For an ARN that no run here knows.", callback=check_url
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Stop a running model and confirm it, or exit 9.

    With --all, models of runs that are at work now are told and left to them; name one to stop it.

    Example: rcl-flow stop --all
    """
    from rcl_flow.cli.ending import FOR_THE_REST, told_signals
    from rcl_flow.cli.stopping import find_models, require_all_read, spare_held, stop_models
    from rcl_flow.cli.unhindered import UnhinderedConsole

    console = UnhinderedConsole(as_json=as_json)
    if (model is None) == (not everything):
        raise typer.BadParameter("give a run, an ARN, or --all", param_hint="RUN|ARN")
    models = find_models(model, workspace, profile=profile, endpoint_url=endpoint_url)
    free, held = spare_held(models, workspace, console) if everything else (models, [])
    with told_signals(console, FOR_THE_REST):
        stopped = stop_models(free, workspace, console)
    if everything:
        require_all_read(workspace)
    if not models:
        console.result("No model of this workspace is running.")
    console.document({"format_version": 1, "stopped": stopped, "held": held})
    console.require_written()
