"""The gateway to EventBridge Scheduler: schedules that stop one model once."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.retry import Caller
from rcl_flow.errors import AwsRefusedError

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient
    from types_boto3_scheduler.type_defs import CreateScheduleInputTypeDef, GetScheduleOutputTypeDef

_AT_FORMAT: Final = "at(%Y-%m-%dT%H:%M:%S)"
_TARGET: Final = ":scheduler:::aws-sdk:rekognition:stopProjectVersion"
_ATTEMPTS: Final = 185
_ATTEMPTS_SECONDS: Final = 86_400
"""For how long the schedule repeats a stop that was refused: the most that is allowed.

Source: EventBridge Scheduler API reference, RetryPolicy (archived text, read 2026-11-23).
"""


@dataclass(frozen=True, slots=True)
class StopSchedule:
    """A schedule that stops a project version at a time and then deletes itself."""

    name: str
    group: str
    version_arn: str
    at: datetime
    """With its zone; whole seconds."""
    role_arn: str
    """What the schedule acts as."""


class Scheduler:
    """One-time stop schedules; each method may be repeated, and raises `AwsRefusedError` kinds."""

    def __init__(self, client: "EventBridgeSchedulerClient", caller: Caller) -> None:
        """Send calls through `client`."""
        self._client = client
        self._caller = caller

    def put_stop(self, schedule: StopSchedule) -> None:
        """Create the schedule, or move the one of its name; safe to repeat."""
        request = _request(schedule)
        if self._create(request):
            return
        try:
            self._caller.call(self._client.update_schedule, **request)
        except AwsRefusedError as error:
            if classify(error) is not Failure.NOT_FOUND:
                raise
            self._caller.call(self._client.create_schedule, **request)  # it fired in between

    def delete(self, name: str, group: str) -> None:
        """Delete the schedule, where there is one."""
        try:
            self._caller.call(self._client.delete_schedule, Name=name, GroupName=group)
        except AwsRefusedError as error:
            if classify(error) is not Failure.NOT_FOUND:
                raise

    def find(self, name: str, group: str) -> StopSchedule | None:
        """Return the schedule, or None when none of that name is in force to stop a version."""
        try:
            found = self._caller.call(self._client.get_schedule, Name=name, GroupName=group)
        except AwsRefusedError as error:
            if classify(error) is not Failure.NOT_FOUND:
                raise
            return None
        return _parse(found, name, group)

    def _create(self, request: "CreateScheduleInputTypeDef") -> bool:
        try:
            self._caller.call(self._client.create_schedule, **request)
        except AwsRefusedError as error:
            if classify(error) is not Failure.CONFLICT:
                raise
            return False
        return True


def _request(schedule: StopSchedule) -> "CreateScheduleInputTypeDef":
    partition = schedule.version_arn.split(":")[1]
    return {
        "Name": schedule.name,
        "GroupName": schedule.group,
        "ScheduleExpression": schedule.at.astimezone(UTC).strftime(_AT_FORMAT),
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "State": "ENABLED",
        "Target": {
            "Arn": f"arn:{partition}{_TARGET}",
            "RoleArn": schedule.role_arn,
            "Input": json.dumps({"ProjectVersionArn": schedule.version_arn}),
            "RetryPolicy": {
                "MaximumRetryAttempts": _ATTEMPTS,
                "MaximumEventAgeInSeconds": _ATTEMPTS_SECONDS,
            },
        },
    }


def _parse(found: "GetScheduleOutputTypeDef", name: str, group: str) -> StopSchedule | None:
    """Read what `_request` writes; a schedule of another kind or switched off stops nothing."""
    target = found["Target"]
    if found.get("State") == "DISABLED" or not target["Arn"].endswith(_TARGET):
        return None
    try:
        given = json.loads(target.get("Input", ""))
        at = datetime.strptime(found["ScheduleExpression"], _AT_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None
    arn = given.get("ProjectVersionArn") if isinstance(given, dict) else None
    if not isinstance(arn, str) or found.get("ScheduleExpressionTimezone", "UTC") != "UTC":
        return None
    return StopSchedule(name, group, arn, at, target["RoleArn"])
