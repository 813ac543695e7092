"""Models that a crashed run has left running: found and stopped by the next."""

from rcl_flow.aws.waiting import Pace
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.runs.steplog import StepLog
from rcl_flow.pipeline.serving.model_use import holder_of_model
from rcl_flow.pipeline.serving.stopping import stop_and_confirm, stop_each
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, readable_armed, unreadable_record

_POLL_SECONDS = 15.0
_TIMEOUT_SECONDS = 1800.0


def stop_abandoned(services: Services, log: StepLog, *, except_run: str = "") -> None:
    """Stop every model that was armed on this backend and whose project no living run holds.

    One that is kept running on purpose is left until its time is over.

    Args:
        services: the backend whose models can be reached.
        log: where it is told.
        except_run: a run that is going to take its own model over.

    Raises:
        ModelNotStoppedError: one could not be confirmed as STOPPED; the others were tried.
        StoreError: a model's record cannot be read; those that can were stopped.
    """
    pace = Pace(services.every_seconds(_POLL_SECONDS), _TIMEOUT_SECONDS)

    def stop(armed: ArmedModel) -> None:
        if armed.backend.identity != services.backend.identity:
            _elsewhere(armed, services, log)
            return
        log.notice(_why(armed))
        with services.guard.deferred(), log.step("stop abandoned model") as step:
            step.detail = f"{stop_and_confirm(armed, services, pace)}, read back"

    armed, unreadable = readable_armed(services.store)
    abandoned = [
        model
        for model in armed
        if model.run_id != except_run
        and not model.is_kept(services.clock.now())
        and not holder_of_model(model, services.store, services.holder, run_id=except_run)
    ]
    with services.guard.deferred():  # a signal in one stop must not keep the others running
        stop_each(abandoned, stop)
    if unreadable:
        raise unreadable_record(unreadable[0])


def _why(armed: ArmedModel) -> str:
    arn = armed.project_version_arn
    if armed.kept_until is not None:
        return f"{arn} was kept running until {armed.kept_until:%Y-%m-%d %H:%M} UTC, which is over."
    return f"{arn} was left running by run {armed.run_id}."


def _elsewhere(armed: ArmedModel, services: Services, log: StepLog) -> None:
    if armed.backend.kind == "emulator":
        if services.backend.kind == "emulator":  # the workspace has one emulator: that one ended
            services.store.delete(armed_key(armed.project_version_arn))
        return
    log.notice(
        f"{armed.project_version_arn} may be running ({armed.usd_per_hour:.2f} USD an hour): "
        "rcl-flow stop --all"
    )
