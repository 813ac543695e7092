"""`rcl-flow augment`: copies of training images where training lacks something."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import ConfigArgument, JsonOption, OverlayOption, SetOption


def augment(
    config: ConfigArgument,
    out: Annotated[
        Path, typer.Option(help="The folder of images, train.manifest and lineage.", metavar="DIR")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and write nothing.")
    ] = False,
    mirror: Annotated[
        bool,
        typer.Option("--mirror", help="Allow mirrored copies; not where left and right matter."),
    ] = False,
    rotate: Annotated[
        float,
        typer.Option(help="Allow copies turned by so much, up to 15.", metavar="DEGREES"),
    ] = 0.0,
    max_copies: Annotated[int, typer.Option(help="Copies of one image at most.")] = 3,
    images_per_label: Annotated[
        int | None, typer.Option(help="Labels with fewer images get copies (the audit's figure).")
    ] = None,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
) -> None:
    """Make copies of training images for weak labels, missing light, gray and narrow angles.

    Copies are for training only, boxes move with the pixels, and every file names its parent.

    Example: rcl-flow augment config/demo.yaml --out augmented --dry-run
    """
    from pydantic import ValidationError

    from rcl_flow.cli.augmenting import AugmentWanted, drive_augment
    from rcl_flow.cli.reading import read_config
    from rcl_flow.core.augmenting.augment_gaps import AugmentRules

    flow_config = read_config(config, overrides, overlays)
    audit = flow_config.audit
    if images_per_label is None:
        images_per_label = audit.recommended_train_images_per_label
    try:
        rules = AugmentRules(
            wanted_images_per_label=images_per_label,
            max_label_ratio=audit.recommended_max_label_ratio,
            max_copies=max_copies,
            mirror=mirror,
            max_rotation_degrees=rotate,
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{first['loc'][0]}: {first['msg']}") from error
    drive_augment(flow_config, AugmentWanted(out, rules, dry_run), Console(as_json=as_json))
