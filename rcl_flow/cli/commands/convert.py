"""`rcl-flow convert`: labelled images from one format to another, with what was lost."""

from typing import TYPE_CHECKING, Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import (
    EndpointOption,
    JsonOption,
    ProfileOption,
    RegionOption,
)
from rcl_flow.core.source_kinds import SOURCE_KINDS, SourceKind

if TYPE_CHECKING:
    from rcl_flow.pipeline.data.converting import Conversion

_SHOWN_UNUSABLE = 5


def convert(
    source: Annotated[
        str,
        typer.Argument(help="A file, folder, s3:// URI or prefix, or pattern.", metavar="SRC"),
    ],
    destination: Annotated[
        str, typer.Argument(help="A local folder, or the one file of a format.", metavar="DST")
    ],
    target_kind: Annotated[
        SourceKind, typer.Option("--to", help="The format to write.", metavar="FORMAT")
    ],
    source_kind: Annotated[
        SourceKind | None,
        typer.Option(
            "--format",
            "--from",
            metavar="FORMAT",
            help=f"The format of SRC: {', '.join(SOURCE_KINDS[:-1])} or {SOURCE_KINDS[-1]}; "
            "by default told by its files.",
        ),
    ] = None,
    images: Annotated[
        str | None,
        typer.Option(
            help="Where SRC's images are, when not beside it.", metavar="FOLDER|S3-PREFIX"
        ),
    ] = None,
    images_prefix: Annotated[
        str | None,
        typer.Option(
            help="Where DST shall say that the images are; needed for a manifest of local images.",
            metavar="S3-PREFIX",
        ),
    ] = None,
    mapping: Annotated[
        str | None,
        typer.Option(
            help="What a CSV file's columns mean: image=file,label=class; "
            "see `rcl-flow explain csv`.",
            metavar="KEY=COLUMN,...",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="Read this split only (yolo, voc, cvat).", metavar="NAME"),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write into DST although it is not empty.")
    ] = False,
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert labelled images between folder, csv, manifest, coco, yolo, voc, label-studio, cvat.

    Prints what the new format could not hold. Images are copied only into a folder; everywhere
    else they are referred to where they are.

    Example: rcl-flow convert annotations.json train.manifest --to manifest
    --images-prefix s3://my-bucket/images
    """
    from rcl_flow.formats.access import SourceOptions
    from rcl_flow.formats.columns import told_mapping
    from rcl_flow.pipeline.data.converting import ConversionWanted
    from rcl_flow.pipeline.data.converting import convert as convert_images
    from rcl_flow.pipeline.images.access import make_access
    from rcl_flow.wiring.services import connect_s3

    console = Console(as_json=as_json)
    wanted = ConversionWanted(
        source=source,
        destination=destination,
        target_kind=target_kind,
        source_kind=source_kind,
        options=SourceOptions(
            images, told_mapping("--mapping", mapping) if mapping else None, split
        ),
        images_prefix=images_prefix,
        force=force,
    )
    done = convert_images(wanted, make_access(lambda: connect_s3(region, profile, endpoint_url)))
    console.document(_document(done, destination))
    console.result("\n".join(_lines(done, destination)))


def _document(done: "Conversion", destination: str) -> dict[str, object]:
    return {
        "format_version": 1,
        "status": "converted",
        "from": done.source_kind,
        "to": done.target_kind,
        "destination": destination,
        "images": done.read_images,
        "boxes": done.boxes,
        "labels": list(done.labels),
        "files": len(done.files),
        "example": {"image": done.example[0], "reference": done.example[1]},
        "unusable": [{"uri": one.uri, "reason": one.reason} for one in done.unusable],
        "absent": {"looked_for": done.looked_for, "images": list(done.absent)},
        "losses": [
            {
                "kind": loss.kind,
                "count": loss.count,
                "meaning": loss.meaning,
                "examples": list(loss.examples),
            }
            for loss in done.losses.losses
        ],
    }


def _lines(done: "Conversion", destination: str) -> list[str]:
    from rcl_flow.core.label_text import plain_text
    from rcl_flow.report.figures import format_count

    read = (
        format_count(done.read_images, "image"),
        format_count(done.boxes, "box", ending="es"),
        format_count(len(done.labels), "label"),
    )
    lines = [
        f"{', '.join(read)}: {done.source_kind} -> {done.target_kind}, "
        f"{format_count(len(done.files), 'file')} in {destination}"
    ]
    if done.target_kind != "folder":
        lines.append(plain_text(f"names  {done.example[0]} is written as {done.example[1]}"))
    if done.absent and done.target_kind != "folder":
        told = f"{len(done.absent)} of {done.looked_for} images that were looked for"
        where = f"such as {done.absent[0]}; --images says where they are"
        lines.append(plain_text(f"absent  {told}, {where}"))
    if not (done.losses.losses or done.unusable or done.absent):
        lines.append("Nothing was lost.")
    for loss in done.losses.losses:
        lines.append(f"lost  {loss.kind} ({loss.count}): {loss.meaning}")
        lines += [plain_text(f"        {example}") for example in loss.examples]
    if done.unusable:
        lines.append(f"not usable: {len(done.unusable)}")
        shown = done.unusable[:_SHOWN_UNUSABLE]
        lines += [plain_text(f"        {one.uri}: {one.reason}") for one in shown]
        more = len(done.unusable) - len(shown)
        lines += [f"        and {more} more (all of them with --json)"] if more else []
    return lines
