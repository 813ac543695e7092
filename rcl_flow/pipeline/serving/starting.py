"""Start a model: asked for once, whatever becomes of the answer, and waited for."""

from rcl_flow.aws.descriptions import STARTING, STOPPING, UP, VersionDescription
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.waiting import Pace
from rcl_flow.errors import AwsRefusedError, ModelNotStartedError
from rcl_flow.pipeline.runs.making import may_have_happened
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run

_STARTABLE = frozenset({"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"})
_SECONDS_PER_MINUTE = 60
_LIMIT_SECONDS = 300.0
"""Before a tick asks again for a start that the account's limit has refused."""


class StartPostponed(Pause):
    """The account runs as much as it may: nothing was started, and a later tick asks again."""


def start_model(
    found: VersionDescription, version: TrainedVersion, run: Run, *, units: int, pausing: bool
) -> None:
    """Bring the model to RUNNING, asking for the start where that was not done before.

    Args:
        found: the version as it was read last.
        version: the version.
        run: waits and gives signs of life.
        units: inference units to start.
        pausing: leave a model that starts to the next tick.

    Raises:
        ModelNotStartedError: it did not come up.
        AwsRefusedError: the start was refused.
        Pause: it starts, and `pausing`.
    """
    if pausing and found.status in STOPPING:
        raise Pause(run.services.every_seconds(run.config.inference.poll_seconds))
    if found.status in STOPPING:
        found = _wait_through(STOPPING, version, run)
    if found.status in _STARTABLE:
        _ask(version, run, units, pausing=pausing)
    if pausing and describe(version, run).status in STARTING:
        raise Pause(run.services.every_seconds(run.config.inference.poll_seconds))
    await_running(version, run)


def await_running(version: TrainedVersion, run: Run) -> None:
    """Wait until the model runs.

    Raises:
        ModelNotStartedError: it ended in another state.
    """
    status = _wait_through(STARTING, version, run)
    if status.status != "RUNNING":
        raise not_running(status)


def not_running(found: VersionDescription) -> ModelNotStartedError:
    """Return the error of a model that was to run and does not."""
    return ModelNotStartedError(
        f"The model {found.arn} is {found.status} and does not run: {found.status_message}",
        hint="Run the same command again; if it fails again, ask AWS support with the ARN.",
    )


def describe(version: TrainedVersion, run: Run) -> VersionDescription:
    """Return the version as it is now.

    Raises:
        ModelNotStartedError: it is gone.
    """
    found = run.services.rekognition.find_version(version.project_arn, version.version_name)
    if found is None:
        raise ModelNotStartedError(
            f"The project version {version.version_arn} is gone: somebody deleted it.",
            hint="Train it anew with `--retry-training`; that is paid for again.",
        )
    return found


def _ask(version: TrainedVersion, run: Run, units: int, *, pausing: bool) -> None:
    """Ask for the start until it was accepted; wait while the account runs as much as it may.

    Raises:
        StartPostponed: instead of waiting, with `pausing`, when the start was certainly refused.
    """
    began = run.services.clock.now()
    while True:
        run.confirm_lease()
        try:
            with run.services.guard.deferred():  # a start under way cannot be taken back
                run.services.rekognition.start_version(version.version_arn, inference_units=units)
        except AwsRefusedError as error:
            if may_have_happened(error) and describe(version, run).status in UP:
                return
            seconds = (run.services.clock.now() - began).total_seconds()
            late = seconds >= run.config.inference.start_timeout_minutes * _SECONDS_PER_MINUTE
            if late or not (classify(error) is Failure.LIMIT or may_have_happened(error)):
                raise
            run.log.notice(f"{error.message} It is asked for again.")
            if pausing and classify(error) is Failure.LIMIT:
                raise StartPostponed(run.services.every_seconds(_LIMIT_SECONDS)) from error
        else:
            run.beat()  # a machine that slept in the middle of the call finds out now
            return
        run.waking_clock.sleep(run.services.every_seconds(run.config.inference.poll_seconds))


def _wait_through(working: frozenset[str], version: TrainedVersion, run: Run) -> VersionDescription:
    inference = run.config.inference
    return run.until_awake(
        lambda: describe(version, run),
        working,
        Pace(inference.poll_seconds, inference.start_timeout_minutes * _SECONDS_PER_MINUTE),
    )
