"""`rcl-flow power`: what a holdout of some size can tell."""

from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import JsonOption


def power(
    images: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help="Of the holdout; else 100 to 2,000 are shown."),
    ] = None,
    test_images: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, help="Of the test set; else as many as the holdout."),
    ] = None,
    labels: Annotated[int, typer.Option(min=1, max=10_000, help="How many, equally frequent.")] = 2,
    f1: Annotated[float, typer.Option(min=0.01, max=0.999, help="The F1 that you expect.")] = 0.85,
    wanted_gap: Annotated[
        float,
        typer.Option(
            min=0.001, max=0.9, help="The fall from test to holdout that begins to matter."
        ),
    ] = 0.05,
    as_json: JsonOption = False,
) -> None:
    """Say how well a holdout measures a model, before you collect and label its images.

    Reads no config and no images: it only reckons with numbers of images.

    Example: rcl-flow power --labels 5 --f1 0.9 --test-images 200
    """
    from rcl_flow.cli.power_text import PowerAsked, power_document, power_lines

    asked = PowerAsked(images, test_images, labels, f1, wanted_gap)
    console = Console(as_json=as_json)
    console.document(power_document(asked))
    for line in power_lines(asked):
        console.result(line)
