"""`rcl-flow emulate`: the emulator over HTTP for any AWS SDK or CLI."""

from typing import Annotated, Literal

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def emulate(
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.", min=0, max=65_535)] = 0,
    region: Annotated[str, typer.Option("--region", help="The default region.")] = "us-east-1",
    training_seconds: Annotated[
        float, typer.Option("--training-seconds", help="The least time a training takes.", min=0)
    ] = 0.5,
    starting_seconds: Annotated[
        float, typer.Option("--starting-seconds", help="The time a model takes to start.", min=0)
    ] = 0.5,
    clock: Annotated[
        Literal["real", "manual", "skipping"],
        typer.Option(help="manual stands still; skipping waits for nothing."),
    ] = "real",
    scenario: Annotated[
        str, typer.Option("--scenario", help="Faults: a YAML file, or the name of a shipped one.")
    ] = "",
    enforce_policies: Annotated[
        bool, typer.Option("--enforce-policies", help="Let IAM policies and signatures count.")
    ] = False,
    show_status: Annotated[
        bool, typer.Option("--status", help="Show the workspace's own emulator instead.")
    ] = False,
    end: Annotated[
        bool, typer.Option("--stop", help="End the workspace's own emulator instead.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Serve an emulated Rekognition Custom Labels and S3 on 127.0.0.1 until Ctrl-C.

    Example: rcl-flow emulate --port 4599
    """
    from rcl_flow.cli import emulating

    console = Console(as_json=as_json)
    emulating.require_one_wish(status=show_status, stop=end)
    if show_status:
        emulating.show_status(workspace, console)
    elif end:
        emulating.end(workspace, console)
    else:
        emulating.serve(
            console,
            port=port,
            region=region,
            training_seconds=training_seconds,
            starting_seconds=starting_seconds,
            clock=clock,
            scenario=scenario,
            enforce_policies=enforce_policies,
        )
