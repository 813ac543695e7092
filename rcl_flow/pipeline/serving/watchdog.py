"""What stops a model when this machine is gone: a schedule on AWS, and a tag for `reap`."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from rcl_flow.aws.scheduler import StopSchedule
from rcl_flow.config import SafetyConfig
from rcl_flow.core.naming import MANAGED_TAG, RUN_TAG, STOP_AFTER_TAG, stop_schedule_name
from rcl_flow.errors import AwsRefusedError, WatchdogNotArmedError
from rcl_flow.pipeline.runs.events import Notice
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.records import ArmedModel, armed_key, read_record, write_record

_SECONDS_PER_MINUTE = 60
_FRESH = 2 / 3
"""The part of the lease that may be left before the watchdog is pushed again."""


def watch(
    armed: ArmedModel,
    safety: SafetyConfig,
    services: Services,
    keep: Callable[[ArmedModel], None],
    *,
    until: datetime | None = None,
) -> None:
    """Have the model stopped when the lease ends; again, to push the end forward.

    What is kept running on purpose is stopped at its own end, or at the lease's where a run that
    uses it needs it longer; at `until` where that is given.

    The tag and the schedule do not depend on one another. One of them is what the config asks
    for: without it the model must not start. What is going to be set is kept first, with `keep`,
    so that whoever comes next knows what to remove.

    Raises:
        WatchdogNotArmedError: the one that is asked for could not be set.
    """
    if safety.watchdog == "off":
        return
    end = services.clock.now() + timedelta(minutes=safety.lease_minutes)
    until = until or max(end, armed.kept_until or end)
    role = safety.stop_role_arn(services.backend.kind)
    watched = {
        "watched_until": until,
        "schedule_group": safety.schedule_group if role else armed.schedule_group,
    }
    keep(armed.model_copy(update=watched))
    _set(lambda: _tag(armed, until, services), services, required=role is None, what="tag")
    if role is not None:
        schedule = _schedule(armed, until, safety.schedule_group, role)
        _set(
            lambda: services.scheduler.put_stop(schedule), services, required=True, what="schedule"
        )


def is_push_due(armed: ArmedModel, safety: SafetyConfig, now: datetime) -> bool:
    """Say whether a third of the watchdog's time is over, or the clock was set back."""
    if armed.watched_until is None:
        return False
    whole = safety.lease_minutes * _SECONDS_PER_MINUTE
    left = (armed.watched_until - now).total_seconds()
    if armed.kept_until is not None:  # it has an end of its own, which may be far
        return left < whole * _FRESH
    return not whole * _FRESH <= left <= whole


def keep_armed_watched(arn: str, safety: SafetyConfig, services: Services) -> None:
    """Push the watchdog of a model that another process has armed, where that is due.

    A model without a record is nobody's to watch: it was stopped, or is somebody else's.

    Raises:
        WatchdogNotArmedError: it could not be pushed.
    """
    armed = read_record(services.store, armed_key(arn), ArmedModel)
    if armed is not None and is_push_due(armed, safety, services.clock.now()):
        watch(
            armed, safety, services, lambda kept: write_record(services.store, armed_key(arn), kept)
        )


def unwatch(armed: ArmedModel, services: Services) -> None:
    """Remove schedule and tag of a model that was read back as stopped.

    What cannot be removed is told: a schedule left behind would stop a later start.
    """
    arn = armed.project_version_arn
    if armed.schedule_group:
        name = stop_schedule_name(arn)
        _try(
            lambda: services.scheduler.delete(name, armed.schedule_group),
            services,
            f"the schedule {name} of group {armed.schedule_group} could not be removed and may "
            "stop a later start of this model: remove it",
        )
    if armed.watched_until is not None:
        _try(
            lambda: services.rekognition.untag(arn, [STOP_AFTER_TAG, RUN_TAG]),
            services,
            f"the tag {STOP_AFTER_TAG} of {arn} could not be removed",
        )


def format_moment(moment: datetime) -> str:
    """Return a time as the tag holds it: ISO 8601 in UTC, whole seconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _schedule(armed: ArmedModel, until: datetime, group: str, role_arn: str) -> StopSchedule:
    arn = armed.project_version_arn
    return StopSchedule(
        name=stop_schedule_name(arn), group=group, version_arn=arn, at=until, role_arn=role_arn
    )


def _tag(armed: ArmedModel, until: datetime, services: Services) -> None:
    services.rekognition.tag(
        armed.project_version_arn,
        {MANAGED_TAG: "true", RUN_TAG: armed.run_id, STOP_AFTER_TAG: format_moment(until)},
    )


def _set(call: Callable[[], object], services: Services, *, required: bool, what: str) -> None:
    try:
        call()
    except AwsRefusedError as error:
        if not required:
            _tell(f"The stop {what} could not be set: {error.message}", services)
            return
        raise WatchdogNotArmedError(
            f"The stop {what} could not be set: {error.message}",
            hint="Allow that call (`rcl-flow doctor` says how), or choose `safety.watchdog`: "
            "`scheduler`, `tag` with `rcl-flow reap` in a cron job, or `off`.",
            operation=error.operation,
            code=error.code,
            request_id=error.request_id,
        ) from error


def _try(call: Callable[[], object], services: Services, otherwise: str) -> None:
    try:
        call()
    except AwsRefusedError as error:
        _tell(f"{otherwise} ({error.message})", services)


def _tell(text: str, services: Services) -> None:
    with suppress(OSError):  # the terminal may be gone
        services.emit(Notice(text))
