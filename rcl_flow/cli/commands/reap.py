"""`rcl-flow reap`: stop every model whose lease has ended."""

from typing import Annotated

import typer

from rcl_flow.cli.options import (
    DEFAULT_WORKSPACE,
    JsonOption,
    ProfileOption,
    WorkspaceOption,
    check_url,
)


def reap(
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="REGION",
            help="Where to look; may be repeated.",
            show_default=False,
        ),
    ] = None,
    all_regions: Annotated[
        bool, typer.Option("--all-regions", help="Look in every region that has Rekognition.")
    ] = False,
    profile: ProfileOption = None,
    endpoint_url: Annotated[
        str | None,
        typer.Option(
            "--endpoint-url",
            metavar="URL",
            help="AWS's endpoint, such as a running `rcl-flow emulate`.",
            callback=check_url,
        ),
    ] = None,
    schedule_group: Annotated[
        str,
        typer.Option(
            "--schedule-group", metavar="NAME", help="Where stop schedules are looked for."
        ),
    ] = "default",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be stopped, and stop nothing.")
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Stop the models that rcl-flow started and whose time is over; for cron.

    A model is stopped when its tag rcl-flow:stop-after is in the past. All others are listed and
    left. Without a region: where the workspace's runs are; where there are none, in AWS_REGION or
    AWS_DEFAULT_REGION of the environment, else the profile's, and in us-east-1. Exit 9: one may go
    on.

    Example: rcl-flow reap --all-regions
    """
    from rcl_flow.cli.reaping import ReapOptions, drive_reap
    from rcl_flow.cli.unhindered import UnhinderedConsole
    from rcl_flow.core.arns import is_region

    for each in region or ():
        if not is_region(each):
            raise typer.BadParameter(
                f"{each!r} is no region, such as eu-west-1", param_hint="--region"
            )
    if region and all_regions:
        raise typer.BadParameter("give regions or --all-regions", param_hint="--region")
    options = ReapOptions(
        regions=tuple(region or ()),
        all_regions=all_regions,
        profile=profile,
        endpoint_url=endpoint_url,
        schedule_group=schedule_group,
        dry_run=dry_run,
    )
    drive_reap(options, workspace, UnhinderedConsole(as_json=as_json))
