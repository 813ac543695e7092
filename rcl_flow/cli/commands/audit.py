"""`rcl-flow audit`: look at the datasets before anything is paid for."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import ConfigArgument, JsonOption, OverlayOption, SetOption


def audit(
    config: ConfigArgument,
    as_json: JsonOption = False,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="The folder for page, JSON and SARIF."),
    ] = None,
) -> None:
    """Audit train, test and holdout: counts, duplicates, leaks, light, boxes, labels.

    Exits 3 when an error closes the gate; nothing is created on AWS.

    Example: rcl-flow audit config/demo.yaml
    """
    from rcl_flow.cli.auditing import drive_audit
    from rcl_flow.cli.reading import read_config

    drive_audit(read_config(config, overrides, overlays), out, Console(as_json=as_json))
