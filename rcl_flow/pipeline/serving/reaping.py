"""Find the models whose lease has ended, wherever they were started, and stop them."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from rcl_flow.aws.descriptions import UP, VersionDescription
from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.waiting import Pace
from rcl_flow.core.naming import RUN_TAG, STOP_AFTER_TAG, stop_schedule_name
from rcl_flow.core.serving.leftovers import RunningModel, judge_model
from rcl_flow.errors import AwsRefusedError, ModelNotStoppedError, RclFlowError
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.serving.model_use import holder_of_model
from rcl_flow.pipeline.serving.stopping import stop_and_confirm
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record, unknown_model

_PACE = Pace(every_seconds=15.0, timeout_seconds=1800.0)

Action = Literal["stopped", "would-stop", "left", "not-stopped", "unread"]


@dataclass(frozen=True, slots=True)
class Reaped:
    """A running model and what was done about it."""

    model: RunningModel
    action: Action
    detail: str
    """The status that was read back, or why it was left."""
    error: RclFlowError | None = None
    """Set when it may go on billing, cannot be judged, or could not be entered into the store."""


def reap(
    services: Services,
    *,
    dry_run: bool = False,
    schedule_group: str = "default",
    tell: Callable[[Reaped], None] = lambda _reaped: None,
) -> tuple[Reaped, ...]:
    """Stop every managed model of a region whose lease has ended, and leave the others.

    A model that cannot be stopped, and a project that cannot be looked into, keep none of the
    others running.

    Args:
        services: the region; their store may know who holds a project.
        dry_run: change nothing.
        schedule_group: of the stop schedules of models that the store does not know.
        tell: is told of each model as soon as it is dealt with.

    Raises:
        AwsRefusedError: the region's projects could not be listed; nothing was done.
    """
    reaped: list[Reaped] = []
    for found in list(_running_versions(services)):
        one = (
            found
            if isinstance(found, Reaped)
            else _deal_with(found.arn, found.status, services, dry_run=dry_run)
        )
        if one.action == "stopped":
            remove_schedule(one.model.project_version_arn, schedule_group, services)
        tell(one)
        reaped.append(one)
    return tuple(reaped)


def _running_versions(services: Services) -> Iterator[VersionDescription | Reaped]:
    """Yield what runs, and what stands for a project that cannot be looked into."""
    rekognition = services.rekognition
    for project in list(rekognition.projects()):
        if project.status == "DELETING":  # only an empty one is deleted
            continue
        try:
            for version in rekognition.versions(project.arn):
                if version.status in UP:
                    yield version
        except AwsRefusedError as error:
            if classify(error) is not Failure.NOT_FOUND:  # it was deleted in between
                yield _unread(project.arn, "", "its versions cannot be read", error)


def _unread(arn: str, status: str, what: str, error: RclFlowError) -> Reaped:
    model = RunningModel(arn, status, "unknown", None, "")
    return Reaped(model, "unread", f"{what}: {error.message}", error)


def _deal_with(arn: str, status: str, services: Services, *, dry_run: bool) -> Reaped:
    try:
        model = _look(arn, status, services)
    except AwsRefusedError as error:
        return _unread(arn, status, "its tags cannot be read", error)
    reason = _reason_to_leave(model, services)
    if reason:
        return Reaped(model, "left", reason)
    if dry_run:
        return Reaped(model, "would-stop", "its lease has ended")
    return _stop(model, services)


def _look(arn: str, status: str, services: Services) -> RunningModel:
    """Read the tags now, just before what follows: the lease may have been renewed."""
    return judge_model(arn, status, services.rekognition.tags_of(arn), services.clock.now())


def _reason_to_leave(model: RunningModel, services: Services) -> str:
    if model.standing == "foreign":
        return "was not started by rcl-flow"
    if model.standing == "unlimited":
        return "has no tag that says until when it may run"
    if model.standing == "in-time":
        return f"may run until {model.stop_after:%Y-%m-%d %H:%M} UTC"
    return _holder(model, services)


def _holder(model: RunningModel, services: Services) -> str:
    known = _known(model, services)
    with suppress(RclFlowError):  # a broken store proves nothing, and the tag has said enough
        held = holder_of_model(known, services.store, services.holder)
        return f"is held by run {held.record.run_id} on {held.record.host}" if held else ""
    return ""


def _stop(model: RunningModel, services: Services) -> Reaped:
    pace = replace(_PACE, every_seconds=services.every_seconds(_PACE.every_seconds))
    try:
        with services.guard.deferred():
            status = stop_and_confirm(_known(model, services), services, pace)
    except ModelNotStoppedError as error:
        return Reaped(model, "not-stopped", error.message, error)
    except RclFlowError as error:  # of the store or a file, after STOPPED was read
        return Reaped(model, "stopped", "STOPPED", error)
    return Reaped(model, "stopped", status)


def _known(model: RunningModel, services: Services) -> ArmedModel:
    """Return the store's record of the model, or one with what its tags say."""
    arn = model.project_version_arn
    with suppress(RclFlowError):  # a record that cannot be read keeps no model running
        armed = read_record(services.store, armed_key(arn), ArmedModel)
        if armed is not None:
            return armed
    now = services.clock.now()
    return unknown_model(arn, services.backend, now, watched_until=model.stop_after)


def remove_schedule(arn: str, group: str, services: Services) -> None:
    """Remove the stop schedule of another machine's run, where there is one and it is allowed."""
    with suppress(AwsRefusedError):  # it would only stop a stopped model, and then end
        services.scheduler.delete(stop_schedule_name(arn), group)


def forget_watchdog(arn: str, services: Services) -> None:
    """Remove tag and schedule of a stopped model that this store knows nothing of."""
    with suppress(AwsRefusedError):
        services.rekognition.untag(arn, [STOP_AFTER_TAG, RUN_TAG])
    remove_schedule(arn, "default", services)
