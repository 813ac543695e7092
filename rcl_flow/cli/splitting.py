"""Drive a split and tell the terminal how the labels are divided."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from pydantic import ValidationError

from rcl_flow.aws.s3 import S3
from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.table import table
from rcl_flow.config import DataConfig, ImageSource
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.dividing.grouping import GroupRules
from rcl_flow.core.dividing.split import SplitRules
from rcl_flow.core.label_text import plain_text, short_label
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError, DataNotFoundError, DatasetGateError
from rcl_flow.formats.annotation_files import told_source
from rcl_flow.pipeline.data.splitting import SplitMade, SplitWanted, make_split
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measuring import workspace_cache
from rcl_flow.pipeline.images.reading import read_datasets
from rcl_flow.report.figures import format_count

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class SplitShares:
    """What the command line says of the splits' sizes; None where it says nothing."""

    train: float | None = None
    test: float | None = None
    holdout: float | None = None
    holdout_images: int | None = None


def drive_split(wanted: SplitWanted, s3: S3, workspace: Path, console: Console) -> None:
    """Read the source, split it, write plan and manifests, and print what was done.

    Raises:
        typer.Exit: 3 when groups lie in several splits.
        RclFlowError: the source cannot be read, or the split not made.
    """
    measures = workspace_cache(workspace)
    dataset = read_datasets(DataConfig(holdout=wanted.source), s3, measures).holdout
    if not dataset.images and not dataset.unusable:
        raise DataNotFoundError(
            f"There are no images in {wanted.source.uri}.",
            hint="Give a folder of label folders, or a file of annotations that names images.",
        )
    if not dataset.images:
        first = dataset.unusable[0]
        raise ConfigError(
            f"None of the images can be used; the first one: {first.told}.",
            hint="The service takes PNG and JPEG files of 64 to 4096 pixels a side. "
            "`rcl-flow init` finds images that do not lie beside their annotations, and draws too.",
        )
    made = make_split(wanted, dataset, measures.known)
    console.document(_document(made, dataset))
    console.result("\n".join(_lines(made, dataset)))
    if made.draw.conflicts:
        raise typer.Exit(DatasetGateError.exit_code)


def image_source(source: str, kind: SourceKind | None, s3: S3) -> ImageSource:
    """Return a source as a config names it; its format is told by its files unless it is given.

    Raises:
        DataNotFoundError: there is nothing.
        ConfigError: it may be of several formats, or of none.
    """
    if kind is None:
        kind, source = told_source(source, make_access(lambda: s3))
    return ImageSource.model_validate({kind.replace("-", "_"): source})


def split_rules(shares: SplitShares, groups: GroupRules) -> SplitRules:
    """Return the rules that a command line asks for; what it leaves out follows from the rest.

    Raises:
        ConfigError: the shares do not add up to 1.
    """
    given = {
        name: share
        for name in ("train", "test", "holdout")
        if (share := getattr(shares, name)) is not None
    }
    if len(given) == 2:  # noqa: PLR2004  # of three
        (missing,) = {"train", "test", "holdout"} - given.keys()
        given[missing] = round(1 - sum(given.values()), 9)
    try:
        return SplitRules.model_validate(
            {**given, "holdout_images": shares.holdout_images, "groups": groups}
        )
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"The shares cannot be used: {problem}.",
            hint="Give shares of 0 to 1 that add up to 1, such as --train 0.7 --test 0.15 "
            "--holdout 0.15, or a number of holdout images of 1 or more.",
        ) from error


def group_rules(pattern: str, burst_seconds: float, near_duplicate_bits: int | None) -> GroupRules:
    """Return what belongs together.

    Raises:
        ConfigError: the pattern is no regular expression, or a number is out of its range.
    """
    try:
        return GroupRules(
            path_pattern=pattern,
            burst_seconds=burst_seconds,
            near_duplicate_bits=near_duplicate_bits,
        )
    except ValidationError as error:
        first = error.errors()[0]
        told = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{str(first['loc'][0]).replace('_', ' ')}: {told}.",
            hint="See `rcl-flow split --help`; quote a pattern, such as --group-by "
            "'session-(\\d+)'.",
        ) from error


def _document(made: SplitMade, dataset: Dataset) -> dict[str, object]:
    draw = made.draw
    manifests: dict[str, str] = {split: path for split, path in made.manifests.items()}
    return {
        "format_version": FORMAT_VERSION,
        "status": "conflicts" if draw.conflicts else "split",
        "images": made.contents,
        "copies": dataset.copies,
        "labels": made.labels,
        "labels_count": "boxes" if made.counts_boxes else "images",
        "groups": draw.groups,
        "drawn": len(draw.drawn),
        "moved": [
            {"from": before, "to": after, "images": count}
            for (before, after), count in sorted(made.moved.items())
        ],
        "conflicts": [
            {"splits": dict(conflict.splits), "held_back": list(conflict.held_back)}
            for conflict in draw.conflicts
        ],
        "unusable": [{"uri": each.uri, "reason": each.reason} for each in dataset.unusable],
        "rules": draw.plan.rules.model_dump(mode="json"),
        "artifacts": {"plan": made.plan_file, **manifests},
    }


def _lines(made: SplitMade, dataset: Dataset) -> list[str]:
    splits = list(made.images)
    unit = "boxes" if made.counts_boxes else "images"
    lines = [
        table(
            [
                [f"label ({unit})", *splits],
                *([short_label(label), *counts.values()] for label, counts in made.labels.items()),
                ["all images", *made.contents.values()],
            ]
        ),
        f"{sum(made.contents.values())} images in {made.draw.groups} groups; "
        f"{len(made.draw.drawn)} drawn now, the others stand.",
    ]
    if dataset.copies:
        files = format_count(dataset.copies, "file")
        lines.append(f"copies    {files} with the content of another, in its set")
    for (before, after), count in sorted(made.moved.items()):
        lines.append(
            f"moved     {count} images from {before} to {after}: old scores do not compare"
        )
    lines += _shortened(
        [plain_text(f"not usable  {each.uri}: {each.reason}") for each in dataset.unusable]
    )
    lines += _shortened(_conflicts(made, dataset))
    lines += [f"{name:<9} {path}" for name, path in made.manifests.items()]
    return [*lines, f"plan      {made.plan_file} (keep it: it says what must not be trained on)"]


def _conflicts(made: SplitMade, dataset: Dataset) -> list[str]:
    uri = {image.sha256: image.uri for image in dataset.images}
    return [
        "conflict  "
        + ", ".join(f"{uri[sha256]} ({split})" for sha256, split in conflict.splits.items())
        + " belong together"
        + "".join(f"; {uri[sha256]} is in no split" for sha256 in conflict.held_back)
        for conflict in made.draw.conflicts
    ]


def _shortened(lines: Sequence[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"          and {more} more (see --json)"] if more > 0 else [])]
