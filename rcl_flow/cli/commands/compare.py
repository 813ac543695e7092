"""`rcl-flow compare`: two finished runs on the same holdout."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def compare(
    first: Annotated[
        str, typer.Argument(help="A run's id, its beginning, or `latest`.", metavar="A")
    ],
    second: Annotated[str, typer.Argument(help="The run to compare with it.", metavar="B")],
    margin: Annotated[
        float,
        typer.Option("--margin", min=0, max=1, help="A difference of F1 that does not matter."),
    ] = 0.05,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the page goes; else into B's folder."),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Compare two finished runs on the same holdout: is B better than A, and on which images.

    Writes a page and a JSON file, compare-A-B. Runs on different holdouts are refused.

    Example: rcl-flow compare 20261123 latest
    """
    from rcl_flow.cli.comparing import drive_compare
    from rcl_flow.core.scoring.evaluation_rules import EvaluationRules

    rules = EvaluationRules(gap_margin=margin)
    drive_compare((first, second), workspace, out, Console(as_json=as_json), rules)
