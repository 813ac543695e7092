"""`rcl-flow evaluate`: judge a finished run's answers again, without AWS."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption


def evaluate(
    run: Annotated[
        str, typer.Argument(help="A run's id, its beginning, or `latest`.", metavar="RUN")
    ] = "latest",
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Set a field of `evaluation` or `gates`, such as gates.min_holdout_f1=0.9; may "
            "be repeated.",
        ),
    ] = None,
    thresholds: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            metavar="LABEL=RATIO",
            help="Judge a label at this threshold, 0 to 1; may be repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Where the files go (default: in the run's folder)."
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_json: JsonOption = False,
) -> None:
    """Judge a finished run's cached answers again, for free: other thresholds, margins or gates.

    The run itself stays as it is; report, scores and thresholds go into a folder of their own.

    Example: rcl-flow evaluate latest --set evaluation.thresholds.objective=best_f1
    """
    from rcl_flow.cli.evaluating import drive_evaluate
    from rcl_flow.pipeline.judging.reevaluating import Changes

    changes = Changes(tuple(overrides or ()), tuple(thresholds or ()))
    drive_evaluate(run, changes, out, workspace, Console(as_json=as_json))
