"""`rcl-flow predict`: ask a model about images that nobody has labelled."""

from pathlib import Path
from typing import Annotated

import typer

from rcl_flow.cli.console import Console
from rcl_flow.cli.options import ConfigArgument, JsonOption, OverlayOption, SetOption


def predict(
    config: ConfigArgument,
    images: Annotated[
        list[str],
        typer.Argument(help="Image files, folders, patterns, or s3:// prefixes.", metavar="IMAGES"),
    ],
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="Ask this run's model; its id, or `latest`."),
    ] = None,
    version: Annotated[
        str | None, typer.Option("--version", metavar="ARN", help="Ask this project version.")
    ] = None,
    thresholds: Annotated[
        Path | None,
        typer.Option(
            "--thresholds",
            metavar="FILE",
            help="A thresholds.json (default: of the run that has judged the model).",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the files go (default: workspace)."),
    ] = None,
    overrides: SetOption = None,
    overlays: OverlayOption = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Agree to what the running model costs on AWS.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run images through a model, keep every answer, and stop the model.

    Without --run and --version it is the project's champion, or else the newest run's model. The
    same command resumes and asks only for what is missing; the model starts only for that.

    Example: rcl-flow predict flow.yaml photos/ 's3://acme/belt/*.jpg' --out found
    """
    from rcl_flow.cli.predicting import drive_predict
    from rcl_flow.cli.reading import read_config
    from rcl_flow.pipeline.predicting.predicting_files import FilesWanted

    if run is not None and version is not None:
        raise typer.BadParameter("give a run or a version", param_hint="--run")
    wanted = FilesWanted(
        places=tuple(images),
        run=run,
        version_arn=version,
        thresholds=thresholds,
        out=out,
        consent=yes,
    )
    drive_predict(read_config(config, overrides, overlays), wanted, Console(as_json=as_json))
