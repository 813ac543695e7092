"""Replace a model that is kept running by another one: the new starts before the old stops."""

from collections.abc import Callable, Sequence
from typing import Final

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.config import FlowConfig
from rcl_flow.errors import AwsRefusedError, ModelNotStartedError
from rcl_flow.imaging.probe import grey_png
from rcl_flow.pipeline.evaluating import find_existing
from rcl_flow.pipeline.hosting import Hosted, Hosting, keep_running
from rcl_flow.pipeline.model_use import open_use, using_model
from rcl_flow.pipeline.records import ArmedModel, list_armed
from rcl_flow.pipeline.results import TrainedVersion
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.services import Services
from rcl_flow.pipeline.serving import stop_armed
from rcl_flow.pipeline.stopping import stop_each

_MOST_LOOKS: Final = 5


def swap_serving(
    olds: Sequence[ArmedModel],
    new: TrainedVersion,
    hosting: Hosting,
    switch: Callable[[], None],
    run: Run,
) -> Hosted:
    """Start the new model, see that it answers, switch to it, and only then stop the old ones.

    Until the switch nothing changes for whoever uses the old model; when the new one does not
    come that far, it is stopped for sure. The caller holds the project's models.

    Args:
        olds: models that are kept running and are to be replaced.
        new: the version that replaces them.
        hosting: how the new one is kept.
        switch: makes callers use the new model; when it raises, nothing was switched.
        run: stands for this work.

    Raises:
        ModelNotStartedError: the new one does not run or answer; the old ones go on.
        ModelNotStoppedError: an old one, or the new one that failed, may go on billing.
        RclFlowError: of `switch`; the old ones go on.
    """
    hosted = keep_running(new, hosting, run)
    switched = False
    try:
        confirm_answers(new, run)
        switch()
        switched = True
    finally:
        if not switched and hosted.is_new:
            stop_armed(hosted.armed, run)
    stop_each(olds, lambda old: stop_armed(old, run))
    return hosted


def serve_champion(
    version_arn: str,
    switch: Callable[[], None],
    config: FlowConfig,
    services: Services,
    *,
    within: str = "",
) -> Hosted | None:
    """Switch to a new champion; where the one before is kept running, the new one takes its place.

    The new model is kept as long and as large as the old one was; what is not kept running
    is not started.

    Args:
        version_arn: the new champion's model.
        switch: moves the alias; when it raises, the alias has not moved.
        config: how models are run and watched.
        services: gateways, clock and store.
        within: the id of the run that holds the project, when it is the one that asks.

    Returns:
        The new model, or None where none was kept running.

    Raises:
        RclFlowError: as `swap_serving`; then the alias has moved only if an old model is the one
            that could not be confirmed as stopped.
    """
    now = services.clock.now()
    run = open_use("start", version_arn, f"{now:%Y%m%dT%H%M%SZ}", config, services)
    olds = [
        armed
        for armed in kept_models(run.record.project, services)
        if armed.project_version_arn != version_arn
    ]
    if not olds:
        switch()
        return None
    with using_model(run, within=within):
        last = max(olds, key=lambda armed: armed.kept_until or now)
        hosting = Hosting(last.kept_until or now, last.inference_units)
        return swap_serving(olds, find_existing(version_arn, run), hosting, switch, run)


def kept_models(project: str, services: Services) -> list[ArmedModel]:
    """Return the models of a project that are kept running now, by what the store knows.

    Raises:
        StoreError: a record cannot be read.
    """
    now, identity = services.clock.now(), services.backend.identity
    return [
        armed
        for armed in list_armed(services.store)
        if armed.project == project and armed.backend.identity == identity and armed.is_kept(now)
    ]


def confirm_answers(version: TrainedVersion, run: Run) -> None:
    """Make sure that a running model answers, whatever it says of a picture of nothing.

    Raises:
        ModelNotStartedError: it does not answer.
    """
    with run.log.step("try model") as step:
        for look in range(1, _MOST_LOOKS + 1):
            try:
                labels = run.services.rekognition.detect(version.version_arn, grey_png())
            except AwsRefusedError as error:
                if look == _MOST_LOOKS or classify(error) is not Failure.NOT_READY:
                    raise ModelNotStartedError(
                        f"The model {version.version_arn} runs and does not answer: "
                        f"{error.message}",
                        hint="Nothing was switched. Run the same command again.",
                    ) from error
                run.waking_clock.sleep(
                    run.services.every_seconds(run.config.inference.poll_seconds)
                )
            else:
                step.detail = f"answers with {len(labels)} labels"
                return
