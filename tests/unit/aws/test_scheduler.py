"""Tests of the gateway to EventBridge Scheduler, against moto."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ReadTimeoutError

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.scheduler import Scheduler, StopSchedule
from rcl_flow.aws.session import AwsAccess, make_session, scheduler_client
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError
from tests.unit.aws.answered import answered
from tests.unit.clocks import FakeClock

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/shades/version/rf-1/1700000000000"
WANTED = StopSchedule(
    name="rcl-stop-0123456789abcdef",
    group="default",
    version_arn=ARN,
    at=datetime(2026, 11, 24, 3, tzinfo=UTC),
    role_arn="arn:aws:iam::123456789012:role/watchdog",
)


@pytest.fixture
def client() -> "Iterator[EventBridgeSchedulerClient]":
    """Return a client of an account without schedules."""
    access = AwsAccess("us-east-1", emulated=True)
    with emulated_aws():
        yield scheduler_client(make_session(access), access)


@pytest.fixture
def scheduler(client: "EventBridgeSchedulerClient") -> Scheduler:
    """Return the gateway through that client."""
    return Scheduler(client, Caller(FakeClock()))


def test_put_stop_makes_a_schedule_that_stops_the_version_once(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler
) -> None:
    """The schedule calls StopProjectVersion itself, for a day if need be, then goes away."""
    scheduler.put_stop(WANTED)
    made = client.get_schedule(Name=WANTED.name, GroupName="default")
    assert made["ScheduleExpression"] == "at(2026-11-24T03:00:00)"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["Target"]["Arn"] == "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion"
    assert json.loads(made["Target"]["Input"]) == {"ProjectVersionArn": ARN}
    assert made["Target"]["RoleArn"] == WANTED.role_arn
    assert made["Target"]["RetryPolicy"] == {
        "MaximumRetryAttempts": 185,
        "MaximumEventAgeInSeconds": 86400,
    }


def test_find_returns_what_put_stop_wrote(scheduler: Scheduler) -> None:
    """The watchdog is read back before the model is started."""
    scheduler.put_stop(WANTED)
    assert scheduler.find(WANTED.name, WANTED.group) == WANTED


def test_put_stop_moves_the_schedule_when_there_is_one(scheduler: Scheduler) -> None:
    """A longer run pushes its own stop ahead; there are never two."""
    later = replace(WANTED, at=WANTED.at + timedelta(hours=1))
    scheduler.put_stop(WANTED)
    scheduler.put_stop(later)
    scheduler.put_stop(later)
    assert scheduler.find(WANTED.name, WANTED.group) == later


def test_put_stop_writes_utc_when_the_time_has_another_zone(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler
) -> None:
    """An hour's mistake would cost an hour of the model."""
    zone = timezone(timedelta(hours=5, minutes=30))
    scheduler.put_stop(replace(WANTED, at=WANTED.at.astimezone(zone)))
    made = client.get_schedule(Name=WANTED.name, GroupName="default")
    assert made["ScheduleExpression"] == "at(2026-11-24T03:00:00)"
    assert made["ScheduleExpressionTimezone"] == "UTC"


def test_put_stop_switches_a_schedule_on_again(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler
) -> None:
    """A schedule that somebody has switched off is in force once it is written."""
    scheduler.put_stop(WANTED)
    made: dict[str, Any] = dict(client.get_schedule(Name=WANTED.name, GroupName="default"))
    members = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
    client.update_schedule(**{name: made[name] for name in members}, State="DISABLED")
    assert scheduler.find(WANTED.name, WANTED.group) is None
    scheduler.put_stop(WANTED)
    assert client.get_schedule(Name=WANTED.name, GroupName="default")["State"] == "ENABLED"


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_put_stop_calls_the_partition_of_the_version(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler, partition: str
) -> None:
    """In China and GovCloud every ARN begins otherwise, the target's, too."""
    arn = ARN.replace("arn:aws:", f"arn:{partition}:")
    scheduler.put_stop(replace(WANTED, version_arn=arn))
    target = client.get_schedule(Name=WANTED.name, GroupName="default")["Target"]
    assert target["Arn"].startswith(f"arn:{partition}:scheduler:::aws-sdk:rekognition:")


def test_put_stop_is_not_troubled_by_a_lost_answer(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler
) -> None:
    """When the schedule was made and the answer got lost, the repetition finds it."""
    left = [1]

    def lose(**_: Any) -> None:  # noqa: ANN401  # whatever botocore passes to its hooks
        if left:
            left.pop()
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1:1")

    client.meta.events.register("after-call.scheduler.CreateSchedule", lose)
    scheduler.put_stop(WANTED)
    assert not left
    assert scheduler.find(WANTED.name, WANTED.group) == WANTED


def test_put_stop_creates_again_when_the_old_schedule_fires_in_between(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler
) -> None:
    """Between the conflict and the update the old schedule may have done its work and gone."""
    scheduler.put_stop(WANTED)
    left = [1]

    def fire(**_: Any) -> None:  # noqa: ANN401  # whatever botocore passes to its hooks
        if left:
            left.pop()
            client.delete_schedule(Name=WANTED.name, GroupName="default")

    client.meta.events.register("before-call.scheduler.UpdateSchedule", fire)
    scheduler.put_stop(WANTED)
    assert not left
    assert scheduler.find(WANTED.name, WANTED.group) == WANTED


def test_put_stop_raises_when_it_is_refused(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler
) -> None:
    """A schedule that cannot be made, as in a group that is missing, is never taken for made."""

    def refuse(**_: Any) -> None:  # noqa: ANN401  # whatever botocore passes to its hooks
        raise answered("ResourceNotFoundException", 404)

    client.meta.events.register("before-call.scheduler.CreateSchedule", refuse)
    with pytest.raises(AwsRefusedError) as caught:
        scheduler.put_stop(WANTED)
    assert (caught.value.operation, caught.value.code) == (
        "CreateSchedule",
        "ResourceNotFoundException",
    )
    assert scheduler.find(WANTED.name, WANTED.group) is None


def test_delete_removes_the_schedule_and_may_be_repeated(scheduler: Scheduler) -> None:
    """A schedule that has fired by itself is no error."""
    scheduler.put_stop(WANTED)
    scheduler.delete(WANTED.name, WANTED.group)
    scheduler.delete(WANTED.name, WANTED.group)
    assert scheduler.find(WANTED.name, WANTED.group) is None


@pytest.mark.parametrize(
    "change",
    [
        {"State": "DISABLED"},
        {"ScheduleExpression": "rate(1 day)"},
        {"ScheduleExpressionTimezone": "Asia/Tokyo"},
        {"Target": {"Arn": "arn:aws:sqs:us-east-1:123456789012:q", "RoleArn": WANTED.role_arn}},
        {"Target": {"Input": "{"}},
        {"Target": {"Input": "[]"}},
        {"Target": {"Input": "{}"}},
    ],
)
def test_find_returns_none_when_the_schedule_stops_no_version(
    client: "EventBridgeSchedulerClient", scheduler: Scheduler, change: dict[str, Any]
) -> None:
    """A schedule that somebody switched off or made into another is no watchdog."""
    scheduler.put_stop(WANTED)
    made: dict[str, Any] = dict(client.get_schedule(Name=WANTED.name, GroupName="default"))
    kept = {
        name: made[name]
        for name in (
            "Name",
            "GroupName",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "FlexibleTimeWindow",
            "Target",
        )
    }
    target = {**made["Target"], **change.get("Target", {})}
    client.update_schedule(**{**kept, "State": "ENABLED", **change, "Target": target})
    assert scheduler.find(WANTED.name, WANTED.group) is None
