"""`rcl-flow init`: from labelled images to a config that runs."""

from pathlib import Path
from typing import Annotated, Literal

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


def init(
    folder: Annotated[
        Path, typer.Argument(help="Where the config is written (here).", metavar="DIR")
    ] = Path(),
    place: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="PLACE",
            help="The images: a folder, a file of annotations or an s3:// prefix; else DIR.",
        ),
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="The project's name; else the folder's.", metavar="NAME")
    ] = None,
    backend: Annotated[
        Literal["emulator", "aws"], typer.Option(help="Where runs take place.")
    ] = "emulator",
    bucket: Annotated[
        str | None, typer.Option(help="The S3 bucket, with --backend aws.", metavar="NAME")
    ] = None,
    kind: Annotated[
        SourceKind | None,
        typer.Option("--format", metavar="FORMAT", help="The format; else told by the files."),
    ] = None,
    annotations: Annotated[
        str | None,
        typer.Option(help="The file that is meant, where there are several.", metavar="FILE"),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(help="Where the images are, when they are not found.", metavar="FOLDER"),
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            help="What a CSV file's columns mean: image=file,label=class.", metavar="KEY=COLUMN,..."
        ),
    ] = None,
    holdout_images: Annotated[
        int | None, typer.Option(min=1, help="The holdout's size; else what the images allow.")
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            metavar="RE",
            help="Images whose paths match in the same text stay together; '' for none; else told "
            "by the names.",
        ),
    ] = None,
    near_duplicates: NearDuplicatesOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: take the defaults, or fail.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write the config again; drawn splits stand.")
    ] = False,
    update: Annotated[
        bool,
        typer.Option("--update", help="Read the images again; config and drawn splits stand."),
    ] = False,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Write the config again, and draw new splits.")
    ] = False,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Look at labelled images, propose train, test and holdout, and write DIR/rcl-flow.yaml.

    Takes folders of labels, CSV, manifests, COCO, YOLO, Pascal VOC, Label Studio and CVAT, and
    train, val, test and holdout where they are there; draws what is missing. Images are neither
    copied nor changed. Asks only on a terminal, and only what it cannot know.

    Example: rcl-flow init parts --from photos && rcl-flow audit parts/rcl-flow.yaml
    """
    import sys

    from rcl_flow.cli.initialising import InitAsked, drive_init
    from rcl_flow.wiring.regions import usual_region
    from rcl_flow.wiring.services import connect_s3

    def ask(question: str, default: str | None) -> str:
        return str(typer.prompt(question, default=default, err=True))

    asked = InitAsked(
        folder=folder,
        place=place,
        workspace=workspace,
        project=project,
        backend=backend,
        region=region or usual_region(profile),
        profile=profile,
        bucket=bucket,
        kind=kind,
        annotations=annotations,
        images=images,
        columns=columns,
        holdout_images=holdout_images,
        group_by=group_by,
        near_duplicates=near_duplicates,
        force=force,
        update=update,
        redraw=redraw,
    )
    answered = sys.stdin.isatty() and not (yes or as_json)
    s3 = connect_s3(asked.region, profile, endpoint_url)
    drive_init(asked, s3, Console(as_json=as_json), ask if answered else None)
