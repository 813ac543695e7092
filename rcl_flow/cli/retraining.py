"""Drive a retraining and tell the terminal what the policy said and who the champion is."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from rcl_flow.aws.s3 import S3
from rcl_flow.cli.console import Console
from rcl_flow.cli.ending import told_pauses, told_signals
from rcl_flow.cli.promoting import NOT_WRITTEN
from rcl_flow.cli.retrain_text import outcome_lines, plan_lines
from rcl_flow.cli.splitting import image_source
from rcl_flow.config import FlowConfig, ImageSource
from rcl_flow.errors import ConfigError
from rcl_flow.pipeline.flow import Options
from rcl_flow.pipeline.retraining.retraining import plan_retraining, retrain
from rcl_flow.pipeline.retraining.under_way import require_pinned
from rcl_flow.wiring.announcing import settling
from rcl_flow.wiring.executors import with_executor
from rcl_flow.wiring.services import make_s3, make_services

_MANIFESTS = (".manifest", ".jsonl")


def with_arrivals(config: FlowConfig, images: Sequence[str], reviewed: Sequence[str]) -> FlowConfig:
    """Return the config with more arrivals, after those that it names.

    Args:
        config: names the arrivals that are known.
        images: folders, s3:// prefixes and files of annotations.
        reviewed: exports of Label Studio in JSON, and manifests.

    Raises:
        DataNotFoundError: there is nothing at one of them.
        ConfigError: one of them is empty, or its format cannot be told.
    """
    if not images and not reviewed:
        return config
    if not all(place.strip() for place in (*images, *reviewed)):  # else the folder that one is in
        raise ConfigError(
            "A place of --images or --reviewed is empty.",
            hint="Is a variable of the shell not set? Leave the option out, or name a place.",
        )
    s3 = make_s3(config)
    more = [_source(place, s3) for place in images] + [_reviewed(place) for place in reviewed]
    data = config.data.model_copy(update={"arrivals": (*config.data.arrivals, *more)})
    return config.model_copy(update={"data": data})


def drive_retrain(
    config: FlowConfig, options: Options, console: Console, *, force: bool, given: int = 0
) -> int:
    """Retrain and print what came of it.

    Args:
        config: the last `given` of its arrivals are of this call alone.
        options: how it is driven.
        console: where it is printed.
        force: train whatever the policy says.
        given: how many sources the command line has added.

    Returns:
        The exit code: 4 when the parameter that holds the champion could not be written.

    Raises:
        typer.Exit: 75 when it pauses, 128 and the signal's number when it was signalled.
        RclFlowError: it cannot go on.
    """
    with told_pauses(console), told_signals(console), console.watcher() as watcher:
        services = with_executor(config, make_services(config, watcher.tell))
        added = config.data.arrivals[len(config.data.arrivals) - given :]
        require_pinned([source.uri for source in added], config.project, services)
        with settling(services.announce), services.guard.listening():
            outcome = retrain(config, services, options, force=force)
    console.document(outcome.model_dump(mode="json"))
    paid = config.backend == "aws"
    console.result("\n".join(outcome_lines(config.project, outcome, paid=paid)))
    parameter = outcome.promotion.parameter if outcome.promotion else None
    return NOT_WRITTEN if parameter is not None and not parameter.written else 0


def show_retraining(config: FlowConfig, console: Console, *, force: bool) -> None:
    """Print what a retraining would do; nothing is changed.

    Raises:
        RclFlowError: the data cannot be read, or AWS cannot be asked.
    """
    with console.watcher() as watcher:
        services = make_services(config, watcher.tell, changes_nothing=True)
        plan = plan_retraining(config, services, force=force)
    console.document(plan.model_dump(mode="json"))
    console.result("\n".join(plan_lines(config.project, plan)))


def _source(place: str, s3: S3) -> ImageSource:
    try:
        return image_source(place, None, s3)
    except ConfigError as error:
        raise type(error)(
            error.message,
            hint="Name it with its format under `data.arrivals` of the config; new images lie in "
            "one sub-folder for each label, or in a file of annotations.",
        ) from error


def _reviewed(place: str) -> ImageSource:
    suffix = PurePosixPath(place).suffix.lower()
    if suffix == ".json":
        # a run's tasks name local images as the run found them: from the current folder
        return ImageSource(label_studio=place, images=".")
    if suffix in _MANIFESTS:
        return ImageSource(manifest=place)
    raise ConfigError(
        f"{place} is no reviewed queue that can be read.",
        hint="Give Label Studio's export in JSON (.json) or a manifest (.manifest, .jsonl).",
    )
