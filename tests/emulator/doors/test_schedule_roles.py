"""Where policies count, a schedule can do what its role may do."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import CustomLabels, running_emulator
from tests.emulator.doors.test_schedules import at, running_model, status, watch

STOPPING = {"Effect": "Allow", "Action": "rekognition:StopProjectVersion"}
GUARDED = "arn:aws:rekognition:us-east-1:123456789012:project/guarded/*"


@pytest.fixture
def box() -> Iterator[CustomLabels]:
    """Return an emulator where policies count and the clock stands still."""
    with running_emulator(EmulatorSettings(clock="manual", enforce_policies=True)) as running:
        yield running


def document(**statement: object) -> str:
    """Return a policy document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(
    box: CustomLabels, resource: str, *, service: str = "scheduler.amazonaws.com"
) -> None:
    """Make the role that the schedules of these tests name."""
    trust = document(Effect="Allow", Action="sts:AssumeRole", Principal={"Service": service})
    iam = box.client("iam")
    iam.create_role(RoleName="watchdog", AssumeRolePolicyDocument=trust)
    iam.put_role_policy(
        RoleName="watchdog",
        PolicyName="stop",
        PolicyDocument=document(**STOPPING, Resource=resource),
    )


def outcome(box: CustomLabels) -> tuple[str, str]:
    """Let a watchdog fire, and return its code and the status of the model afterwards."""
    project, version = running_model(box)
    retries = {"MaximumRetryAttempts": 0}
    watch(box, version, at(box, 60))
    target = box.client("scheduler").get_schedule(Name="watchdog")["Target"]
    box.client("scheduler").update_schedule(
        Name="watchdog",
        ScheduleExpression=at(box, 60),
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={**target, "RetryPolicy": retries},
    )
    box.advance(70)
    (firing,) = box.schedule_firings()
    return firing.code, status(box, project)


def test_role_with_the_permission_stops_the_model(box: CustomLabels) -> None:
    """One action on the project's versions is all that a watchdog's role needs."""
    make_role(box, GUARDED)
    assert outcome(box) == ("OK", "STOPPED")


def test_role_for_other_projects_is_refused(box: CustomLabels) -> None:
    """The role's policy is judged on the version that the target names."""
    make_role(box, GUARDED.replace("guarded", "others"))
    assert outcome(box) == ("AccessDeniedException", "RUNNING")


def test_role_that_the_scheduler_may_not_assume_is_refused(box: CustomLabels) -> None:
    """A role for another service is none for a schedule."""
    make_role(box, GUARDED, service="lambda.amazonaws.com")
    assert outcome(box) == ("AccessDeniedException", "RUNNING")


def test_role_that_there_is_not_is_refused(box: CustomLabels) -> None:
    """A schedule may name a role that is made later, or never."""
    assert outcome(box) == ("AccessDeniedException", "RUNNING")


def test_permission_that_comes_later_lets_a_retry_through(box: CustomLabels) -> None:
    """A watchdog whose role is repaired within a day still stops the model."""
    project, version = running_model(box)
    watch(box, version, at(box, 60))
    box.advance(3600)
    assert status(box, project) == "RUNNING"
    make_role(box, GUARDED)
    box.advance(310)
    assert status(box, project) == "STOPPED"


def test_reset_leaves_the_administrator(box: CustomLabels) -> None:
    """After a reset the emulator's own key can still make users."""
    connection = http.client.HTTPConnection(urlsplit(box.endpoint_url).netloc, timeout=10)
    connection.request("POST", "/rcl-emulator/reset")
    assert connection.getresponse().status == 200
    connection.close()
    box.client("iam").create_user(UserName="ann")
    assert box.client("rekognition").describe_projects()["ProjectDescriptions"] == []
