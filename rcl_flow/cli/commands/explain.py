"""`rcl-flow explain`: what an error, an exit code or a finding means, and what to do."""

from typing import Annotated

import typer

from rcl_flow.cli.completing import complete_names
from rcl_flow.cli.console import Console
from rcl_flow.cli.options import JsonOption


def explain(
    name: Annotated[
        str | None,
        typer.Argument(
            help="An error's slug, an exit code, a rule of the audit, a code of a manifest, or "
            "a format; without it everything is listed.",
            metavar="NAME",
            autocompletion=complete_names,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what an error, an exit code or a finding means, how it comes about, and what to do.

    Needs no network and no config.

    Example: rcl-flow explain dataset-gate
    """
    from rcl_flow.cli.explaining import drive_explain

    drive_explain(name, Console(as_json=as_json))
