"""Scenarios strike in process and over HTTP alike, and S3 too."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.scenario import load_scenario
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.embedded import local_session
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import CustomLabels, emulated_aws, running_emulator
from tests.emulator.builders import Aws, refusal_code

ONE_ATTEMPT = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
BUCKET = "faulty"


@pytest.fixture
def box() -> Iterator[CustomLabels]:
    """Return an emulator over HTTP whose clock stands still."""
    with running_emulator(EmulatorSettings(clock="manual")) as running:
        yield running


def control(box: CustomLabels, path: str, order: object = None) -> Any:  # noqa: ANN401  # JSON
    """Ask a control path; with an order, POST it."""
    data = None if order is None else json.dumps(order).encode()
    request = urllib.request.Request(f"{box.endpoint_url}/rcl-emulator/{path}", data)  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # http to this machine
        return json.load(answer)


@pytest.fixture(params=["http", "embedded"])
def client_and_faults(
    request: pytest.FixtureRequest, box: CustomLabels
) -> tuple[Callable[[str], Any], Callable[[Fault], None]]:
    """Return what makes clients, and what adds faults, over HTTP and in process."""
    if request.param == "http":
        return (lambda name: box.client(name, config=ONE_ATTEMPT)), box.faults.add
    world = World(clock=ManualClock())
    session = local_session(world)
    return (lambda name: session.client(name, config=ONE_ATTEMPT)), world.faults.add


Doors = tuple[Callable[[str], Any], Callable[[Fault], None]]


def test_s3_is_struck_in_its_own_form(client_and_faults: Doors) -> None:
    """An upload is refused with S3's code and status, and the next one is accepted."""
    make, add = client_and_faults
    s3 = make("s3")
    s3.create_bucket(Bucket=BUCKET)
    add(Fault("PutObject", service="s3", code="SlowDown"))
    with pytest.raises(ClientError) as caught:
        s3.put_object(Bucket=BUCKET, Key="a", Body=b"x")
    assert caught.value.response["Error"]["Code"] == "SlowDown"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"x")
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("GetObject", lambda s3: s3.get_object(Bucket=BUCKET, Key="k")),
        ("HeadObject", lambda s3: s3.head_object(Bucket=BUCKET, Key="k")),
        ("DeleteObject", lambda s3: s3.delete_object(Bucket=BUCKET, Key="k")),
        ("ListObjectsV2", lambda s3: s3.list_objects_v2(Bucket=BUCKET)),
        ("HeadBucket", lambda s3: s3.head_bucket(Bucket=BUCKET)),
        ("ListBuckets", lambda s3: s3.list_buckets()),
        (
            "DeleteObjects",
            lambda s3: s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "k"}]}),
        ),
        (
            "CopyObject",
            lambda s3: s3.copy_object(Bucket=BUCKET, Key="c", CopySource=f"{BUCKET}/k"),
        ),
        (
            "CreateMultipartUpload",
            lambda s3: s3.create_multipart_upload(Bucket=BUCKET, Key="big"),
        ),
    ],
)
def test_every_s3_operation_can_be_named(
    client_and_faults: Doors, operation: str, call: Callable[[Any], object]
) -> None:
    """A rule strikes the operation that it names and no other."""
    make, add = client_and_faults
    s3 = make("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    add(Fault(operation, service="s3", code="SlowDown"))
    with pytest.raises(ClientError) as caught:
        call(s3)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert call(s3)


def test_other_services_are_struck_by_name(client_and_faults: Doors) -> None:
    """STS speaks the query protocol, SSM the JSON one."""
    make, add = client_and_faults
    add(Fault("GetCallerIdentity", service="sts", code="AccessDenied", status=403))
    assert refusal_code(make("sts").get_caller_identity) == "AccessDenied"
    add(Fault("GetParameter", service="ssm", code="ThrottlingException"))
    assert refusal_code(make("ssm").get_parameter, Name="x") == "ThrottlingException"


@pytest.mark.parametrize(("executed", "projects"), [(False, 0), (True, 1)])
def test_connection_breaks_before_or_after_the_work(
    client_and_faults: Doors, executed: bool, projects: int
) -> None:
    """The client sees a broken connection; with `executed` only the answer was lost."""
    make, add = client_and_faults
    rekognition = make("rekognition")
    add(Fault("CreateProject", reset=True, executed=executed))
    with pytest.raises(ConnectionClosedError):
        rekognition.create_project(ProjectName="lost")
    assert len(rekognition.describe_projects()["ProjectDescriptions"]) == projects


def test_connection_breaks_inside_motos_mock(aws: Aws) -> None:
    """The third door behaves like the other two."""
    aws.world.faults.add(Fault("CreateProject", reset=True))
    with pytest.raises(ConnectionClosedError):
        aws.project("lost")
    assert aws.project("found")


def test_retries_of_boto3_get_over_a_flaky_network(box: CustomLabels) -> None:
    """The shipped scenario strikes, and an ordinary client goes on."""
    box.play("flaky-network")
    patient = box.client("rekognition", config=Config(retries={"total_max_attempts": 8}))
    for number in range(20):
        patient.create_project(ProjectName=f"p{number}")
    assert box.calls()["CreateProject"] > 20


def test_scenarios_are_listed_and_played_over_http(box: CustomLabels) -> None:
    """By name or as a whole; what is no scenario is refused with a reason."""
    listed = control(box, "scenarios")["scenarios"]
    assert {"name", "description", "faults"} == set(listed[0])
    assert "throttling" in {each["name"] for each in listed}
    control(box, "scenario", {"name": "stop-refused"})
    rules = control(
        box, "scenario", {"faults": [{"operation": "DeleteProject", "code": "ThrottlingException"}]}
    )["faults"]
    assert [rule["operation"] for rule in rules] == ["StopProjectVersion", "DeleteProject"]
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(box, "scenario", {"name": "nonsense"})
    assert "there is no scenario nonsense" in caught.value.read().decode()


def test_same_scenario_works_inside_motos_mock(clients: dict[str, Any]) -> None:
    """`emulated_aws` takes it as a value."""
    rule = "faults: [{operation: CreateProject, code: ThrottlingException}]"
    with emulated_aws(scenario=load_scenario(rule)):
        create = clients["unchecked"].create_project
        assert refusal_code(create, ProjectName="p") == "ThrottlingException"
        assert create(ProjectName="p")["ProjectArn"]


def test_start_takes_as_long_as_the_scenario_says(aws: Aws) -> None:
    """Twenty minutes of the emulator's clock."""
    project, version = aws.trained()
    aws.world.faults.play(load_scenario("slow-start").faults)
    aws.unchecked.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1)
    assert aws.status_of(project) == "STARTING"
    aws.world.clock.advance(1199)
    assert aws.status_of(project) == "STARTING"
    aws.world.clock.advance(1)
    assert aws.status_of(project) == "RUNNING"


def test_training_fails_with_the_chosen_code(aws: Aws) -> None:
    """The message is the catalogue's, and the manifest summary tells the code."""
    aws.world.faults.play(load_scenario("training-fails").faults)
    version = aws.train_on(aws.put_images("train", 2), aws.put_images("test", 2))
    assert version["Status"] == "TRAINING_FAILED"
    assert version["StatusMessage"] == "The manifest file contains too many invalid rows."
    summary = aws.read_json(version["ManifestSummary"]["S3Object"])
    (error,) = summary["statistics"]["training"]["errors"]
    assert error["code"] == "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST"


def test_version_vanishes_behind_the_clients_back(aws: Aws) -> None:
    """After the fifth image the version is gone, and so is its bill."""
    _, version = aws.running()
    aws.world.faults.play(load_scenario("version-vanishes").faults)
    image = {"Bytes": aws.s3.get_object(Bucket="acme-images", Key="test/red-0.png")["Body"].read()}
    for _ in range(6):
        aws.unchecked.detect_custom_labels(ProjectVersionArn=version, Image=image)
    gone = aws.unchecked.detect_custom_labels
    assert refusal_code(gone, ProjectVersionArn=version, Image=image) == "ResourceNotFoundException"
    aws.world.clock.advance(3600)
    (interval,) = aws.world.meter.report(aws.world.clock.now())["versions"][version]["intervals"]
    assert interval["ended_at"] is not None


def test_model_is_stopped_behind_the_clients_back(aws: Aws) -> None:
    """Somebody else's stop is a state like any other."""
    project, _ = aws.running()
    aws.world.faults.add(Fault("DescribeProjectVersions", then="stop-version"))
    assert aws.status_of(project) == "STOPPED"


def test_schedules_are_struck_by_the_name_of_their_operation(client_and_faults: Doors) -> None:
    """EventBridge Scheduler tells its operations by paths, and a fault finds them."""
    make, add = client_and_faults
    scheduler = make("scheduler")
    add(Fault("DeleteSchedule", service="scheduler", code="ThrottlingException", status=429))
    scheduler.create_schedule_group(Name="watch")
    stop = {"Name": "stop", "GroupName": "watch"}
    codes = [refusal_code(scheduler.delete_schedule, **stop) for _ in range(2)]
    assert codes == ["ThrottlingException", "ResourceNotFoundException"]


@pytest.mark.parametrize(
    ("path", "order", "said"),
    [
        ("scenario", {"name": 5}, "the faults of a scenario are a list"),
        ("clock", {"advance_seconds": float("inf")}, "time ends with the year 9998"),
        ("clock", {"advance_seconds": 1e18}, "time ends with the year 9998"),
        ("clock", {"advance_seconds": -1}, "time cannot go back"),
        ("clock", {"advance_seconds": True}, "the clock needs advance_seconds"),
        ("faults", {"operation": "CreateProject"}, "without effect"),
        ("nothing", {}, "GET health"),
    ],
)
def test_order_that_cannot_be_followed_is_told_and_breaks_nothing(
    box: CustomLabels, path: str, order: object, said: str
) -> None:
    """The caller hears why, and the emulator answers on."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(box, path, order)
    assert said in json.load(caught.value)["error"]
    assert control(box, "clock")["seconds"] == box.clock.now()
    assert box.client("rekognition").describe_projects()["ProjectDescriptions"] == []
