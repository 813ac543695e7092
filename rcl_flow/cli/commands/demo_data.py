"""`rcl-flow demo-data`: real images to try everything on."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import JsonOption


def demo_data(
    folder: Annotated[Path, typer.Argument(help="Where to write them.", metavar="DIR")],
    kind: Annotated[
        Literal["digits", "scenes"],
        typer.Option(help="Images with one label each, or scenes with boxes around objects."),
    ] = "digits",
    as_json: JsonOption = False,
) -> None:
    """Write 1,788 real images of handwritten digits, split into train, test and holdout.

    They come from the installed scikit-learn package. DIR/rcl-flow.yaml is a config that runs
    on them without an AWS account. With --kind scenes, 640 composed scenes with boxes around four
    of the digits are written instead, to try object detection on.

    Example: rcl-flow demo-data demo && rcl-flow run demo/rcl-flow.yaml
    """
    from rcl_flow.cli.demo import write_demo, write_scenes

    console = Console(as_json=as_json)
    counts = write_demo(folder) if kind == "digits" else write_scenes(folder)
    told = ", ".join(f"{split} {count}" for split, count in counts.items())
    console.result(f"{told} images in {folder}\nNow: rcl-flow run {folder / 'rcl-flow.yaml'}")
    console.document(
        {"format_version": 1, "images": counts, "config": str(folder / "rcl-flow.yaml")}
    )
