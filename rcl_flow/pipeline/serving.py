"""A running model as a block: armed before the start, stopped whatever happens, read back."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from rcl_flow.aws.descriptions import STARTING, STOPPING, VersionDescription
from rcl_flow.aws.waiting import Pace
from rcl_flow.errors import ModelNotStartedError, RunHeldError
from rcl_flow.pipeline.holding import is_held_elsewhere
from rcl_flow.pipeline.records import ArmedModel, armed_key, read_record, write_record
from rcl_flow.pipeline.results import TrainedVersion
from rcl_flow.pipeline.run import Run
from rcl_flow.pipeline.stopping import stop_and_confirm

_STARTABLE = frozenset({"TRAINING_COMPLETED", "COPYING_COMPLETED", "STOPPED", "FAILED"})
_SECONDS_PER_MINUTE = 60


def is_armed(version: TrainedVersion, run: Run) -> bool:
    """Say whether this workspace may have left the model running."""
    return armed_model(version, run) is not None


@contextmanager
def running(version: TrainedVersion, run: Run) -> Iterator[None]:
    """Have the model running in this block, and STOPPED after it.

    A model that runs already and was not started from this workspace is used as it is and left
    running, since somebody else needs it.

    Raises:
        ModelNotStartedError: it did not come up; it was stopped again.
        ModelNotStoppedError: it could not be confirmed as STOPPED.
    """
    found = _describe(version, run)
    if found.status in {"RUNNING", "STARTING"} and not is_armed(version, run):
        run.log.notice(
            f"{version.version_arn} is {found.status} and was not started from here: it is used "
            "and left running."
        )
        _await_running(version, run)
        yield
        return
    armed = _arm(version, run)
    try:
        _start(found, version, run)
        yield
    finally:
        stop_armed(armed, run)


def stop_armed(armed: ArmedModel, run: Run) -> None:
    """Stop a model that this workspace has armed, confirm it, and count what it used.

    Nothing of this machine comes before the stop: a full disk or a closed terminal cannot keep
    the model running. Signals are held back meanwhile.

    Raises:
        ModelNotStoppedError: it could not be confirmed as STOPPED.
    """
    with run.services.guard.deferred(), run.log.step("stop model") as step:
        inference = run.config.inference
        pace = Pace(
            run.services.every_seconds(inference.poll_seconds),
            inference.stop_timeout_minutes * _SECONDS_PER_MINUTE,
        )
        status, seconds = stop_and_confirm(armed, run.services, pace)
        step.detail = f"{status}, read back"
        run.update(more_unit_seconds=seconds)


def armed_model(version: TrainedVersion, run: Run) -> ArmedModel | None:
    """Return the record of a model that this workspace may have left running."""
    return read_record(run.services.store, armed_key(version.version_arn), ArmedModel)


def _arm(version: TrainedVersion, run: Run) -> ArmedModel:
    services = run.services
    before = armed_model(version, run)
    if before is not None and is_held_elsewhere(before):
        raise RunHeldError(
            f"The run {before.run_id} (process {before.holder_pid}) uses this model now.",
            hint="Wait for it to end, then run the same command again.",
        )
    units = run.config.inference.inference_units
    armed = ArmedModel(
        project_version_arn=version.version_arn,
        run_id=run.run_id,
        backend=services.backend,
        inference_units=before.inference_units if before else units,
        armed_at=before.armed_at if before else services.clock.now(),
        usd_per_hour=units * run.config.prices.inference_unit_usd_per_hour,
        holder_host=socket.gethostname(),
        holder_pid=os.getpid(),
    )
    write_record(services.store, armed_key(version.version_arn), armed)
    return armed


def _start(found: VersionDescription, version: TrainedVersion, run: Run) -> None:
    with run.log.step("start model") as step:
        if found.status in STOPPING:
            found = _wait_through(STOPPING, version, run)
        if found.status in _STARTABLE:
            run.services.rekognition.start_version(
                version.version_arn, inference_units=run.config.inference.inference_units
            )
        _await_running(version, run)
        step.detail = f"RUNNING with {run.config.inference.inference_units} inference unit(s)"


def _await_running(version: TrainedVersion, run: Run) -> None:
    status = _wait_through(STARTING, version, run)
    if status.status != "RUNNING":
        raise ModelNotStartedError(
            f"The model {version.version_arn} is {status.status} and does not run: "
            f"{status.status_message}",
            hint="Run the same command again; if it fails again, ask AWS support with the ARN.",
        )


def _wait_through(working: frozenset[str], version: TrainedVersion, run: Run) -> VersionDescription:
    inference = run.config.inference
    return run.until_awake(
        lambda: _describe(version, run),
        working,
        Pace(inference.poll_seconds, inference.start_timeout_minutes * _SECONDS_PER_MINUTE),
    )


def _describe(version: TrainedVersion, run: Run) -> VersionDescription:
    found = run.services.rekognition.find_version(version.project_arn, version.version_name)
    if found is None:
        raise ModelNotStartedError(
            f"The project version {version.version_arn} is gone: somebody deleted it.",
            hint="Run the same command again to train anew; that is paid for again.",
        )
    return found
