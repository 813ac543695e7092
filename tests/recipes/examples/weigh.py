"""`rcl-flow weigh`: how much the images of a folder weigh."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import FORMAT_VERSION, Console
from rcl_flow.cli.options import JsonOption


def weigh(
    folder: Annotated[Path, typer.Argument(help="Images, in sub-folders too.", metavar="DIR")],
    as_json: JsonOption = False,
) -> None:
    """Say how many bytes the images of a folder take.

    Example: rcl-flow weigh images/train
    """
    weight = sum(path.stat().st_size for path in folder.rglob("*.png"))
    console = Console(as_json=as_json)
    console.document({"format_version": FORMAT_VERSION, "bytes": weight})
    console.result(f"{weight:,} bytes")
