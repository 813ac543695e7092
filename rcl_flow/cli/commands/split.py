"""`rcl-flow split`: images into train, test and holdout, drawn once."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import (
    DEFAULT_WORKSPACE,
    EndpointOption,
    JsonOption,
    NearDuplicatesOption,
    ProfileOption,
    RegionOption,
    WorkspaceOption,
)
from rcl_flow.core.source_kinds import SourceKind


def split(
    source: Annotated[
        str,
        typer.Argument(help="A folder of label folders, or a file of annotations.", metavar="SRC"),
    ],
    out: Annotated[
        Path, typer.Option(help="The folder of manifests and split.json.", metavar="DIR")
    ],
    source_kind: Annotated[
        SourceKind | None,
        typer.Option(
            "--format", "--from", metavar="FORMAT", help="SRC's format; else told by its files."
        ),
    ] = None,
    train: Annotated[float | None, typer.Option(help="The share of train (0.7).")] = None,
    test: Annotated[float | None, typer.Option(help="The share of test (0.15).")] = None,
    holdout: Annotated[float | None, typer.Option(help="The share of holdout (0.15).")] = None,
    holdout_images: Annotated[
        int | None, typer.Option(help="The holdout's size, in place of its share.")
    ] = None,
    group_by: Annotated[
        str,
        typer.Option(help="Images whose paths match in the same text stay together.", metavar="RE"),
    ] = "",
    near_duplicates: NearDuplicatesOption = None,
    burst_seconds: Annotated[
        float, typer.Option(help="Pictures of one camera within so many seconds stay together.")
    ] = 0.0,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Forget the split that is there and draw a new one.")
    ] = False,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Split labelled images into train, test and holdout, label by label and group by group.

    Run it again when images were added: what was drawn stands, and only new images are drawn.
    Exits 3 when images that belong together lie in several splits.

    Example: rcl-flow split images --out splits --holdout-images 500 --group-by 'session-[0-9]+'
    """
    from rcl_flow.cli.splitting import (
        SplitShares,
        drive_split,
        group_rules,
        image_source,
        split_rules,
    )
    from rcl_flow.pipeline.data.splitting import SplitWanted
    from rcl_flow.wiring.services import connect_s3

    groups = group_rules(group_by, burst_seconds, near_duplicates)
    rules = split_rules(SplitShares(train, test, holdout, holdout_images), groups)
    s3 = connect_s3(region, profile, endpoint_url)
    wanted = SplitWanted(image_source(source, source_kind, s3), out, rules, redraw)
    drive_split(wanted, s3, workspace, Console(as_json=as_json))
