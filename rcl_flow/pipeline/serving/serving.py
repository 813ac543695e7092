"""A running model as a block: armed before the start, stopped whatever happens, read back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from rcl_flow.aws.descriptions import BILLING, UP, VersionDescription
from rcl_flow.aws.waiting import Pace
from rcl_flow.core.history.transitions import Detail
from rcl_flow.errors import LeaseLostError
from rcl_flow.pipeline.costs.outlook import tell_model_outlook
from rcl_flow.pipeline.costs.spending import spent_by
from rcl_flow.pipeline.runs.results import TrainedVersion
from rcl_flow.pipeline.runs.run import Pause, Run
from rcl_flow.pipeline.serving.borrowing import BorrowedModel
from rcl_flow.pipeline.serving.model_use import require_unused
from rcl_flow.pipeline.serving.served_model import ServedModel, about_to_start
from rcl_flow.pipeline.serving.starting import (
    StartPostponed,
    await_running,
    describe,
    not_running,
    start_model,
)
from rcl_flow.pipeline.serving.stopping import stop_and_confirm
from rcl_flow.pipeline.state.lease import holder_of
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record

_SECONDS_PER_MINUTE = 60


@contextmanager
def running(version: TrainedVersion, run: Run, *, units: int) -> Iterator[ServedModel | None]:
    """Have the model running in this block, and STOPPED after it.

    A model that runs already and was not started from this workspace is used as it is and left
    running, since somebody else needs it; so is one that is kept running on purpose, until its
    time is over. The block then gets None.

    Raises:
        ModelNotStartedError: it did not come up; it was stopped again.
        ModelNotStoppedError: it could not be confirmed as STOPPED.
        WatchdogNotArmedError: what stops it when this machine dies cannot be set: not started.
        BudgetExceededError: nothing is left to run it for.
        RunHeldError: `rcl-flow start` or `predict` is at work on the model.
        Pause: in a tick, while it starts; the watchdog stops it unless the next tick comes.
    """
    found, before = describe(version, run), _record(version, run)
    if found.status in UP and (before is None or before.is_kept(run.services.clock.now())):
        with _left_running(before, found, version, run):
            yield None
        return
    require_unused(version.version_arn, run)
    _require_not_failed(found, before, run)
    if before is not None and _has_ended(before, found):
        stop_armed(before, run)  # what it cost is entered: somebody else has ended that start
        found, before = describe(version, run), None
    served = _served(before, version, run, units)
    left_on = False
    try:
        _arm(served, is_new=before is None)
        _start(found, version, served)
        yield served
    except Pause:
        left_on = True
        raise
    finally:
        run.serving = None
        if not left_on:
            stop_armed(served.armed, run, images=served.images)


def _require_not_failed(found: VersionDescription, before: ArmedModel | None, run: Run) -> None:
    """Refuse to start again, tick after tick, what a tick before this one saw fail to start.

    Raises:
        ModelNotStartedError: the record is gone, so that the next command tries anew.
    """
    if before is None or before.asked_at is None or before.running_since is not None:
        return
    if before.run_id == run.run_id and found.status == "FAILED":
        stop_armed(before, run)
        raise not_running(found)


def _has_ended(before: ArmedModel, found: VersionDescription) -> bool:
    """Say whether what the record tells of is over: that start, or the time on purpose."""
    return before.kept_until is not None or (
        before.asked_at is not None and found.status not in BILLING
    )


@contextmanager
def _left_running(
    kept: ArmedModel | None, found: VersionDescription, version: TrainedVersion, run: Run
) -> Iterator[None]:
    """Use a model that runs for others in this block: somebody else's, or one that is kept."""
    if kept is not None:
        with _borrowed(kept, version, run):
            yield
        return
    run.log.notice(
        f"{version.version_arn} is {found.status} and was not started from here: it is used "
        "and left running."
    )
    await_running(version, run)
    yield


@contextmanager
def _borrowed(kept: ArmedModel, version: TrainedVersion, run: Run) -> Iterator[None]:
    """Use a kept model in this block, and stop it afterwards only if its time is over by then."""
    run.log.notice(
        f"{version.version_arn} is kept running until {kept.kept_until:%Y-%m-%d %H:%M} UTC: it is "
        "used and left running."
    )
    borrowed = run.serving = BorrowedModel(run, kept)
    left_on = False
    try:
        borrowed.keep_watched()
        await_running(version, run)
        yield
    except Pause:
        left_on = True
        raise
    finally:
        run.serving = None
        over = None if left_on else borrowed.give_back()
        if over is not None:
            stop_armed(over, run)


def stop_armed(armed: ArmedModel, run: Run, *, images: int = 0) -> None:
    """Stop a model that this workspace has armed, confirm it, and count what it used.

    Nothing of this machine comes before the stop: a full disk or a closed terminal cannot keep
    the model running. Only another run that certainly holds the project now, and knows of the
    model, can: then the model is that run's. Signals are held back meanwhile.

    Raises:
        ModelNotStoppedError: it could not be confirmed as STOPPED.
        LeaseLostError: another run holds the project; the model was left to it.
    """
    with run.services.guard.deferred(), run.log.step("stop model") as step:
        if run.lease is not None and run.lease.is_lost() and _is_anothers(armed, run):
            raise LeaseLostError(
                f"{armed.project_version_arn} is left to the run that holds the project now.",
                hint="See `rcl-flow status`; that run stops the model.",
            )
        inference = run.config.inference
        pace = Pace(
            run.services.every_seconds(inference.poll_seconds),
            inference.stop_timeout_minutes * _SECONDS_PER_MINUTE,
        )
        services = replace(run.services, clock=run.clock_that_keeps_the_lease)
        status = stop_and_confirm(armed, services, pace, images=images)
        step.detail = f"{status}, read back"
    details = {"armed_at": armed.armed_at.isoformat()}  # tells one stretch from the next
    run.announce("model-stopped", f"{armed.project_version_arn} is {status}.", details)


def _is_anothers(armed: ArmedModel, run: Run) -> bool:
    """Say whether a living run holds the project and has the model on its list.

    One whose start came after that run had stopped it is on nobody's list but this run's.
    """
    services, identity = run.services, armed.backend.identity
    name = run.lease.record.project if run.lease else armed.project
    held = holder_of(services.store, identity, name, services.holder)
    known = read_record(services.store, armed_key(armed.project_version_arn), ArmedModel)
    return held is not None and known is not None


def armed_model(version: TrainedVersion, run: Run) -> ArmedModel | None:
    """Return the record of a model that this workspace may have left running.

    One that is kept running on purpose was not left.
    """
    found = _record(version, run)
    return None if found is not None and found.is_kept(run.services.clock.now()) else found


def _record(version: TrainedVersion, run: Run) -> ArmedModel | None:
    return read_record(run.services.store, armed_key(version.version_arn), ArmedModel)


def _served(
    before: ArmedModel | None, version: TrainedVersion, run: Run, units: int
) -> ServedModel:
    armed = before or about_to_start(version.version_arn, units, run)
    return ServedModel(run, armed.model_copy(update={"run_id": run.run_id}), spent_by(run))


def _arm(served: ServedModel, *, is_new: bool) -> None:
    """Keep that the model may run, and set the watchdog; before the start, whatever comes."""
    run = served.run
    run.confirm_lease()
    served.require_budget()
    served.keep(served.armed)
    served.watch()
    run.serving = served
    if is_new and _pauses(run):
        raise Pause(0.0)


def _start(found: VersionDescription, version: TrainedVersion, served: ServedModel) -> None:
    run, units = served.run, served.armed.inference_units
    with run.log.step("start model") as step:
        served.mark("asked_at")
        try:
            start_model(found, version, run, units=units, pausing=_pauses(run))
        except StartPostponed:
            served.unmark()  # nothing runs, and nothing of it is to be paid
            raise
        served.mark("running_since")
        tell_model_outlook(served.armed, run)
        armed_at = served.armed.armed_at.isoformat()
        details: dict[str, Detail] = {"inference_units": units, "armed_at": armed_at}
        run.announce("model-started", f"{version.version_arn} runs.", details)
        step.detail = f"RUNNING with {units} inference unit(s)"


def _pauses(run: Run) -> bool:
    """Say whether a tick leaves the model starting: only when the next one surely comes soon."""
    return not run.blocking and run.config.safety.pause_while_starting
