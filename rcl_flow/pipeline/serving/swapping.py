"""Replace a model that is kept running by another one: the new starts before the old stops."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.errors import AwsRefusedError, ModelNotStartedError
from rcl_flow.imaging.probe import grey_png
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.hosting import Hosted, Hosting, keep_running
from rcl_flow.pipeline.serving.serving import stop_armed
from rcl_flow.pipeline.serving.stopping import stop_each
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, list_armed, read_record

_MOST_LOOKS: Final = 5


@dataclass(frozen=True, slots=True)
class Swapped:
    """What came of a swap."""

    new: ArmedModel
    is_started: bool
    """False for a new model that was kept running already, on its own."""
    stopped: tuple[str, ...]
    """The ARNs of the old models."""


def swap_serving(
    olds: Sequence[ArmedModel],
    new: TrainedVersion,
    hosting: Hosting,
    switch: Callable[[], None],
    run: Run,
) -> Swapped:
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
        Pause: in a tick, while the new one starts; the old ones go on.
        ModelNotStartedError: the new one does not run or answer; the old ones go on.
        ModelNotStoppedError: an old one, or the new one that failed, may go on billing.
        RclFlowError: of `switch`; the old ones go on.
    """
    stays = False
    try:
        hosted = keep_running(new, hosting, run)
        confirm_answers(new, run)
        switch()
        stays = True
    except Pause:
        stays = True
        raise
    finally:
        if not stays:
            stop_own(new.version_arn, run)
    stop_each(olds, lambda old: stop_armed(old, run))
    return _swapped(hosted, olds, run)


def finish_swap(
    olds: Sequence[ArmedModel], new: TrainedVersion, hosting: Hosting, run: Run
) -> Swapped:
    """Have the new model running, which callers use already, and stop the old ones.

    Raises:
        Pause: in a tick, while the new one starts; the old ones go on.
        RclFlowError: as `swap_serving`.
    """
    hosted = keep_running(new, hosting, run)
    confirm_answers(new, run)
    stop_each(olds, lambda old: stop_armed(old, run))
    return _swapped(hosted, olds, run)


def _swapped(hosted: Hosted, olds: Sequence[ArmedModel], run: Run) -> Swapped:
    armed = hosted.armed
    stopped = tuple(old.project_version_arn for old in olds)
    return Swapped(armed, is_started=armed.run_id == run.run_id, stopped=stopped)


def stop_own(version_arn: str, run: Run) -> None:
    """Stop a model that this use has started, and no other one."""
    armed = read_record(run.services.store, armed_key(version_arn), ArmedModel)
    if armed is not None and armed.run_id == run.run_id:
        stop_armed(armed, run)


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
