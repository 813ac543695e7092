"""Tests of the doctor's harmless calls: what they say, and that they do nothing."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from rcl_flow.aws.probes_rekognition import rekognition_probe
from rcl_flow.aws.probing import Probes, probe_location, refused_at
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3Location
from rcl_flow.aws.session import AwsAccess, make_session
from rcl_flow.core.doctor.permissions import rekognition_actions
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError
from tests.unit.aws.answered import answered
from tests.unit.clocks import FakeClock

BUCKET = "acme-images"
REGION = "us-east-1"
STEM = f"arn:aws:rekognition:{REGION}:123456789012:project/shades"
ROLE = "arn:aws:iam::123456789012:role/watchdog"
VERSION = f"{STEM}/version/rcl-flow-doctor/1"
OPERATIONS = rekognition_actions(trains=True, project_exists=False, watchdog="tag")


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """Return the emulator's session."""
    return make_session(AwsAccess(REGION, emulated=True))


@pytest.fixture
def world(session: boto3.Session) -> Iterator[World]:
    """Return the world of an empty emulator with one bucket."""
    with emulated_aws(World(clock=ManualClock())) as living:
        session.client("s3").create_bucket(Bucket=BUCKET)
        yield living


@pytest.fixture
def probes(world: World, session: boto3.Session) -> Probes:
    """Return probes into that emulator."""
    return Probes(session, AwsAccess(REGION, emulated=True), Caller(FakeClock(), attempts=2))


def contents(rekognition: Any) -> list[object]:  # noqa: ANN401  # a client
    """Return every project with its datasets and versions."""
    projects = rekognition.describe_projects()["ProjectDescriptions"]
    found: list[object] = list(projects)
    for project in projects:
        answer = rekognition.describe_project_versions(ProjectArn=project["ProjectArn"])
        found += answer["ProjectVersionDescriptions"]
    return found


def test_identity_tells_who_and_when(probes: Probes) -> None:
    """Account, ARN and AWS's time come in one answer."""
    identity = probes.identity()
    assert identity.account == "123456789012"
    assert identity.arn.startswith("arn:aws:")
    assert identity.answered_at is not None


@pytest.mark.parametrize("operation", OPERATIONS)
def test_rekognition_probe_changes_nothing(
    probes: Probes, session: boto3.Session, operation: str
) -> None:
    """Also where the project is there, nothing is made, started, tagged or deleted."""
    rekognition: Any = session.client("rekognition")
    rekognition.create_project(ProjectName="shades")
    before = contents(rekognition)
    reply = probes.rekognition(operation, STEM, BUCKET)
    assert reply.kind in {"done", "not_found", "refused"}
    assert contents(rekognition) == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_rekognition_probe_is_carried_out_only_when_it_reads(
    probes: Probes, operation: str
) -> None:
    """Every call but that of DescribeProjects is refused by the service itself."""
    reply = probes.rekognition(operation, STEM, BUCKET)
    assert (reply.kind == "done") == (operation == "DescribeProjects")


def test_rekognition_probe_of_a_training_has_nothing_to_train_on(session: boto3.Session) -> None:
    """Were its project there, the training would still be refused."""
    _, given = rekognition_probe(
        session.client("rekognition"), "CreateProjectVersion", STEM, BUCKET
    )
    assert given["TrainingData"] == given["TestingData"] == {"Assets": []}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", "denied"),
        ("ResourceNotFoundException", "not_found"),
        ("InvalidParameterException", "refused"),
        ("InternalServerError", "silent"),
        ("UnknownOperationException", "silent"),
    ],
)
def test_reply_has_the_kind_of_its_code(probes: Probes, world: World, code: str, kind: str) -> None:
    """What an answer says of a permission depends on its code."""
    world.faults.add(Fault("StopProjectVersion", times=None, code=code))
    reply = probes.rekognition("StopProjectVersion", STEM, BUCKET)
    assert (reply.kind, reply.code) == (kind, code)


def test_bucket_tells_region_owner_and_encryption(probes: Probes, session: boto3.Session) -> None:
    """What a run depends on is read in one go."""
    s3: Any = session.client("s3")
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": by_key}]
        },
    )
    facts = probes.bucket(BUCKET)
    assert (facts.head.kind, facts.location.kind) == ("done", "done")
    assert (facts.region, facts.encryption, facts.public) == (REGION, "aws:kms k", False)
    assert facts.owner


def test_bucket_is_missing_when_there_is_none(probes: Probes) -> None:
    """A bucket that is not there is no error of the program."""
    assert probes.bucket("no-such-bucket").is_missing


def test_bucket_in_another_region_tells_its_region(probes: Probes, session: boto3.Session) -> None:
    """The location is read from wherever it is asked."""
    session.client("s3", region_name="eu-west-1").create_bucket(
        Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    assert probes.bucket("far").region == "eu-west-1"


def test_probe_object_is_written_read_and_deleted(probes: Probes) -> None:
    """After the three calls nothing is there, and an object that is not there is told."""
    location = probe_location(BUCKET, "/a/b/")
    assert location == S3Location(BUCKET, "a/b/doctor/rcl-flow-doctor")
    assert probes.put_object(location, b"x", None).kind == "done"
    assert probes.get_object(location).kind == "done"
    assert probes.delete_object(location).kind == "done"
    assert probes.get_object(location).kind == "not_found"


def test_first_key_passes_over_what_shows_a_folder(probes: Probes, session: boto3.Session) -> None:
    """A key that ends in a slash is no image."""
    for key in ("a/", "a/1.png", "b/2.png"):
        session.client("s3").put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert probes.first_key(BUCKET, "a/")[1] == "a/1.png"
    assert probes.first_key(BUCKET, "c")[1] is None


def test_schedule_is_made_switched_off_and_deleted(probes: Probes, session: boto3.Session) -> None:
    """Whatever is made can neither fire nor stay, and a rest of an earlier time is no problem."""
    scheduler: Any = session.client("scheduler")
    assert probes.schedule("GetSchedule", "default", VERSION, ROLE).kind == "not_found"
    assert probes.schedule("CreateSchedule", "default", VERSION, ROLE).kind == "done"
    made = scheduler.get_schedule(Name="rcl-stop-doctor")
    assert made["State"] == "DISABLED"
    assert probes.schedule("CreateSchedule", "default", VERSION, ROLE).code == "ConflictException"
    assert probes.schedule("UpdateSchedule", "default", VERSION, ROLE).kind == "done"
    assert scheduler.get_schedule(Name="rcl-stop-doctor")["State"] == "DISABLED"
    assert probes.schedule("DeleteSchedule", "default", VERSION, ROLE).kind == "done"
    assert scheduler.list_schedules()["Schedules"] == []


def test_refused_at_is_the_time_of_the_refusal() -> None:
    """A signature that is refused for the clock still tells AWS's time; silence tells none."""
    cause = answered("SignatureDoesNotMatch", 403)
    cause.response["ResponseMetadata"]["HTTPHeaders"] = {"date": "Tue, 24 Nov 2026 03:00:00 GMT"}
    error = AwsRefusedError("no", hint="", operation="GetCallerIdentity", code="x")
    assert refused_at(error) is None
    error.__cause__ = cause
    moment = refused_at(error)
    assert moment is not None
    assert moment.hour == 3


@pytest.mark.parametrize(
    ("endpoint_url", "foreign"),
    [
        (None, ()),
        ("https://vpce-1.sts.eu-west-1.vpce.amazonaws.com", ()),
        ("http://127.0.0.1:4599", ("http://127.0.0.1:4599",)),
        ("https://amazonaws.com.example", ("https://amazonaws.com.example",)),
    ],
)
def test_address_that_is_not_of_aws_is_known(
    session: boto3.Session, endpoint_url: str | None, foreign: tuple[str, ...]
) -> None:
    """What an emulator answers is told apart from what AWS answers."""
    access = AwsAccess("eu-west-1", endpoint_url=endpoint_url, emulated=True)
    probes = Probes(session, access, Caller(FakeClock(), attempts=1))
    assert probes.foreign_endpoints() == foreign
