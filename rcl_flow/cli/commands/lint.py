"""`rcl-flow lint`: what the service would say of a manifest, without asking it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import (
    EndpointOption,
    JsonOption,
    ProfileOption,
    RegionOption,
)


def lint(
    manifest: Annotated[
        str,
        typer.Argument(help="The training manifest: a path or an s3:// URI.", metavar="MANIFEST"),
    ],
    test: Annotated[
        str | None,
        typer.Option(
            "--test",
            help="The testing manifest; without it, a fifth of the images is split off.",
            metavar="MANIFEST",
        ),
    ] = None,
    fix: Annotated[
        Path | None,
        typer.Option(
            "--fix",
            help="Correct what needs no decision, write that here, and lint it.",
            metavar="OUT",
        ),
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Correct the manifest itself instead.")
    ] = False,
    output: Annotated[
        Literal["text", "json", "sarif"], typer.Option("--format", help="What to print.")
    ] = "text",
    region: RegionOption = None,
    profile: ProfileOption = None,
    endpoint_url: EndpointOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find what makes an import drop lines or a training fail, line by line, or exit 3.

    Credentials are needed for s3:// manifests only.

    Example: rcl-flow lint train.manifest --test test.manifest --fix fixed.manifest
    """
    from rcl_flow.cli.linting import LintOptions, drive_lint

    options = LintOptions(
        manifest=manifest,
        test=test,
        fix=fix,
        in_place=in_place,
        format="json" if as_json else output,
        region=region,
        profile=profile,
        endpoint_url=endpoint_url,
    )
    drive_lint(options, Console(as_json=options.format == "json"))
