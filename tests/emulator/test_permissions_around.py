"""IAM policies that count for the services around Custom Labels: S3, STS and Scheduler."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from rcl_flow.emulator.permissions import make_user, set_permissions
from tests.emulator.builders import ACCOUNT, refused
from tests.emulator.callers import DENIED, WAYS_IN, acting, code_of

VERSION = f"arn:aws:rekognition:us-east-1:{ACCOUNT}:project/parts/version/v1/1600000000001"
STOP = "arn:aws:scheduler:::aws-sdk:rekognition:stopProjectVersion"


@pytest.fixture(params=WAYS_IN, ids=lambda way: way.__name__)
def session(request: pytest.FixtureRequest) -> Iterator[boto3.Session]:
    """Return the administrator's session, by each of the three ways in."""
    yield from request.param()


def test_s3_needs_permissions_for_the_bucket_and_the_object(session: boto3.Session) -> None:
    """Objects of the allowed prefix can be read and written; others, and other actions, cannot."""
    iam, administrator = session.client("iam"), session.client("s3")
    administrator.create_bucket(Bucket="acme")
    administrator.put_object(Bucket="acme", Key="secret/k", Body=b"body")
    keys = make_user(
        iam,
        "ann",
        allow=["s3:GetObject", "s3:PutObject"],
        resources=["arn:aws:s3:::acme/runs/*"],
    )
    s3 = acting(session, "s3", keys)
    s3.put_object(Bucket="acme", Key="runs/k", Body=b"body")
    assert s3.get_object(Bucket="acme", Key="runs/k")["Body"].read() == b"body"
    denied: dict[str, dict[str, object]] = {
        "GetObject": {"Bucket": "acme", "Key": "secret/k"},
        "PutObject": {"Bucket": "acme", "Key": "secret/k", "Body": b"x"},
        "DeleteObject": {"Bucket": "acme", "Key": "runs/k"},
        "ListObjectsV2": {"Bucket": "acme"},
        "GetBucketLocation": {"Bucket": "acme"},
        "GetBucketAcl": {"Bucket": "acme"},
    }
    codes = {name: code_of(s3, name, request) for name, request in denied.items()}
    assert codes == dict.fromkeys(denied, "AccessDenied")
    # moto's mock answers a HEAD with a body, which AWS and HTTP do not
    assert code_of(s3, "HeadBucket", {"Bucket": "acme"}) in {"403", "AccessDenied"}


def test_caller_identity_needs_no_permission(session: boto3.Session) -> None:
    """Everybody may ask who they are."""
    keys = make_user(session.client("iam"), "ann")
    found = acting(session, "sts", keys).get_caller_identity()
    assert found["Account"] == ACCOUNT


def schedule(name: str, role: str, group: str = "default") -> dict[str, Any]:
    """Return a request for a schedule that stops the version."""
    body = json.dumps({"ProjectVersionArn": VERSION})
    return {
        "Name": name,
        "GroupName": group,
        "ScheduleExpression": "at(2099-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": STOP, "RoleArn": role, "Input": body},
    }


def test_schedules_are_judged_by_their_names(session: boto3.Session) -> None:
    """A policy for the program's own schedules allows those, with the role, and no others."""
    iam, role = session.client("iam"), f"arn:aws:iam::{ACCOUNT}:role/watchdog"
    arn = f"arn:aws:scheduler:us-east-1:{ACCOUNT}:schedule/default/rcl-stop-*"
    client = acting(session, "scheduler", make_user(iam, "ann"))
    own, other = schedule("rcl-stop-1", role), schedule("nightly", role)
    set_permissions(iam, "ann", allow=["scheduler:*"], resources=[arn])
    assert code_of(client, "CreateSchedule", own) == DENIED
    set_permissions(iam, "ann", allow=["scheduler:*", "iam:PassRole"], resources=[arn, role])
    assert code_of(client, "CreateSchedule", own) == "OK"
    assert code_of(client, "UpdateSchedule", own) == "OK"
    assert code_of(client, "GetSchedule", {"Name": "rcl-stop-1"}) == "OK"
    assert code_of(client, "CreateSchedule", other) == DENIED
    assert code_of(client, "GetSchedule", {"Name": "rcl-stop-1", "GroupName": "mine"}) == DENIED
    assert code_of(client, "ListSchedules", {}) == DENIED
    assert code_of(client, "DeleteSchedule", {"Name": "rcl-stop-1"}) == "OK"


def test_denied_pass_role_names_the_role(session: boto3.Session) -> None:
    """Handing a role over needs a permission of its own, and the refusal says which."""
    role = f"arn:aws:iam::{ACCOUNT}:role/watchdog"
    keys = make_user(session.client("iam"), "ann", allow=["scheduler:*"])
    client = acting(session, "scheduler", keys)
    _, message = refused(client.create_schedule, **schedule("rcl-stop-1", role))
    assert message.endswith(f"is not authorized to perform: iam:PassRole on resource: {role}")
