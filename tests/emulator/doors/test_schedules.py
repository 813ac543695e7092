"""Schedules that fire, and the other services that the server answers."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import as_datetime
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import CustomLabels, running_emulator
from tests.emulator.builders import BUCKET, COLOURS, line, png, uri

STOP = "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion"
ROLE = "arn:aws:iam::123456789012:role/watchdog"


@pytest.fixture
def box() -> Iterator[CustomLabels]:
    """Return an emulator whose clock stands still."""
    with running_emulator(EmulatorSettings(clock="manual")) as running:
        yield running


def running_model(box: CustomLabels, settle_seconds: float = 10) -> tuple[str, str]:
    """Return the ARNs of a project and of its running version.

    Args:
        box: The emulator.
        settle_seconds: How long a training and a start take at most.
    """
    s3, rekognition = box.client("s3"), box.client("rekognition")
    s3.create_bucket(Bucket=BUCKET)
    lines = []
    for label in COLOURS:
        for number in range(3):
            s3.put_object(Bucket=BUCKET, Key=f"{label}{number}.png", Body=png(label, number))
            lines.append(json.dumps(line(uri(f"{label}{number}.png"), label)))
    s3.put_object(Bucket=BUCKET, Key="m.manifest", Body="\n".join(lines).encode())
    manifest = {"GroundTruthManifest": {"S3Object": {"Bucket": BUCKET, "Name": "m.manifest"}}}
    project = rekognition.create_project(ProjectName="guarded")["ProjectArn"]
    version = rekognition.create_project_version(
        ProjectArn=project,
        VersionName="v1",
        OutputConfig={"S3Bucket": BUCKET, "S3KeyPrefix": "out"},
        TrainingData={"Assets": [manifest]},
        TestingData={"AutoCreate": True},
    )["ProjectVersionArn"]
    box.advance(settle_seconds)
    rekognition.describe_project_versions(ProjectArn=project)
    rekognition.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    box.advance(settle_seconds)
    assert status(box, project) == "RUNNING"
    return project, version


def status(box: CustomLabels, project: str) -> str:
    """Return the status of the project's version."""
    found = box.client("rekognition").describe_project_versions(ProjectArn=project)
    return str(found["ProjectVersionDescriptions"][0]["Status"])


def at(box: CustomLabels, seconds: float) -> str:
    """Return the expression of the moment that many seconds ahead."""
    moment: datetime = as_datetime(box.clock.now() + seconds)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})"


def watch(box: CustomLabels, version: str, expression: str, **more: Any) -> None:  # noqa: ANN401
    """Make a schedule that stops a version."""
    target = {"Arn": STOP, "RoleArn": ROLE, "Input": json.dumps({"ProjectVersionArn": version})}
    box.client("scheduler").create_schedule(
        **{
            "Name": "watchdog",
            "ScheduleExpression": expression,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": target,
            **more,
        }
    )


def test_watchdog_stops_the_model_at_its_moment(box: CustomLabels) -> None:
    """However far the clock jumps, the bill ends when the schedule was due."""
    project, version = running_model(box)
    began = box.clock.now()
    before = box.meter()["versions"][version]["inference_unit_seconds"]
    watch(box, version, at(box, 600), ActionAfterCompletion="DELETE")
    box.advance(599)
    assert status(box, project) == "RUNNING"
    box.advance(86_400)
    assert status(box, project) == "STOPPED"
    spent = box.meter()["versions"][version]["inference_unit_seconds"] - before
    assert spent == pytest.approx(600, abs=1)
    (firing,) = box.schedule_firings()
    assert (firing.operation, firing.code) == ("StopProjectVersion", "OK")
    assert firing.due_at == pytest.approx(began + 600, abs=1)
    assert box.client("scheduler").list_schedules()["Schedules"] == []


def test_schedule_that_was_removed_or_disabled_does_not_fire(box: CustomLabels) -> None:
    """A heartbeat that ended well takes its watchdog away."""
    project, version = running_model(box)
    watch(box, version, at(box, 600))
    box.client("scheduler").delete_schedule(Name="watchdog")
    watch(box, version, at(box, 600), Name="off", State="DISABLED")
    box.advance(3600)
    assert status(box, project) == "RUNNING"
    assert box.schedule_firings() == []


def test_schedule_that_is_pushed_forward_fires_at_the_new_moment(box: CustomLabels) -> None:
    """An update counts from now on."""
    project, version = running_model(box)
    watch(box, version, at(box, 600))
    box.advance(500)
    described = box.client("scheduler").get_schedule(Name="watchdog")
    box.client("scheduler").update_schedule(
        Name="watchdog",
        ScheduleExpression=at(box, 600),
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=described["Target"],
    )
    box.advance(599)
    assert status(box, project) == "RUNNING"
    box.advance(2)
    box.advance(10)
    assert status(box, project) == "STOPPED"


def test_refused_target_is_seen(box: CustomLabels) -> None:
    """A schedule that asks for nonsense fires, and its refusal can be read."""
    _, version = running_model(box)
    watch(box, version.replace("/v1/", "/v2/"), "rate(1 hour)")
    box.advance(2 * 3600 + 1)
    firsts = [firing for firing in box.schedule_firings() if firing.attempt == 1]
    assert [firing.code for firing in firsts] == ["ResourceNotFoundException"] * 3


def test_expression_that_is_not_understood_is_told_once(box: CustomLabels) -> None:
    """It never fires, and says why."""
    _, version = running_model(box)
    watch(box, version, "cron(0 9 L * ? *)")
    box.advance(100_000)
    box.advance(100_000)
    (firing,) = box.schedule_firings()
    assert firing.code.startswith("RecurrenceError")


def test_schedules_fire_by_themselves_on_a_running_clock() -> None:
    """On real time nobody has to advance anything."""
    with running_emulator(EmulatorSettings()) as box:
        arn = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1600000000000"
        watch(box, arn, at(box, 1))
        for _ in range(60):
            if box.schedule_firings():
                break
            box.clock.sleep(0.1)
        assert [firing.code for firing in box.schedule_firings()] == ["ResourceNotFoundException"]


def test_server_answers_the_services_around_rekognition(box: CustomLabels) -> None:
    """STS, IAM, SSM, SNS and Events, through moto, at the same address."""
    assert box.client("sts").get_caller_identity()["Account"] == "123456789012"
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    role = box.client("iam").create_role(RoleName="watchdog", AssumeRolePolicyDocument=trust)
    assert role["Role"]["Arn"] == ROLE
    box.client("ssm").put_parameter(Name="/champion", Value="v1", Type="String")
    assert box.client("ssm").get_parameter(Name="/champion")["Parameter"]["Value"] == "v1"
    topic = box.client("sns").create_topic(Name="alarms")["TopicArn"]
    assert box.client("sns").list_topics()["Topics"] == [{"TopicArn": topic}]
    event = {"Source": "rcl-flow", "DetailType": "promoted", "Detail": "{}"}
    assert box.client("events").put_events(Entries=[event])["FailedEntryCount"] == 0
