"""Tests of the wire: what is accepted, how refusals look, and that answers fit the model."""

import json
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel
from botocore.validate import ParamValidator

from rcl_flow.emulator.api_models import service_model
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.data.objects import BucketFacts, ObjectRef, ObjectUnavailableError
from rcl_flow.emulator.doors.validation import answer_problems
from rcl_flow.emulator.doors.wire import Answer, handle
from rcl_flow.emulator.operations import OPERATIONS
from rcl_flow.emulator.service.arns import Place
from rcl_flow.emulator.service.engine import Service
from tests.emulator.builders import Aws, png, refused

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/1760000000000"


class NoObjects:
    """An S3 without buckets."""

    def read(self, ref: ObjectRef) -> bytes:
        """Find nothing."""
        raise ObjectUnavailableError(ref.bucket)

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Refuse."""
        raise ObjectUnavailableError(bucket)

    def bucket(self, name: str) -> BucketFacts | None:
        """Break, as a bug would."""
        raise ZeroDivisionError(name)


@pytest.fixture
def service() -> Service:
    """Return an empty service."""
    return Service(Place("123456789012", "us-east-1"), NoObjects(), World())


def ask(service: Service, operation: str, **request: object) -> tuple[Answer, dict[str, Any]]:
    """Send one request and return the answer and its document."""
    answer = handle(service, f"RekognitionService.{operation}", json.dumps(request))
    document: dict[str, Any] = json.loads(answer.body)
    return answer, document


def test_refusal_has_the_service_s_form(service: Service) -> None:
    """The code stands in the body twice and in a header, with a message and a request id."""
    answer, document = ask(service, "DeleteProject", ProjectArn=ARN)
    assert answer.status == 400
    assert document["__type"] == document["Code"] == "ResourceNotFoundException"
    assert ARN in document["Message"]
    assert answer.headers["x-amzn-ErrorType"] == "ResourceNotFoundException"
    assert answer.headers["x-amzn-RequestId"]


def test_unexpected_error_is_an_internal_server_error(service: Service) -> None:
    """A bug answers HTTP 500, which clients retry, instead of a traceback."""
    _, made = ask(service, "CreateProject", ProjectName="p")
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": "abc", "Name": "x.manifest"}}}
    answer, document = ask(
        service,
        "CreateDataset",
        ProjectArn=made["ProjectArn"],
        DatasetType="TRAIN",
        DatasetSource=source,
    )
    assert (answer.status, document["Message"]) == (500, "Internal server error")


@pytest.mark.parametrize("operation", ["DetectFaces", "NoSuchThing"])
def test_operation_of_another_kind_is_unknown(aws: Aws, operation: str) -> None:
    """Rekognition's other operations that moto lacks are refused like unknown ones."""
    service = Service(Place("123456789012", "us-east-1"), NoObjects(), World())
    assert ask(service, operation)[1]["Code"] == "UnknownOperationException"


def test_operation_of_moto_stays_reachable(aws: Aws) -> None:
    """The stubs that moto has of Rekognition still answer."""
    image: Any = {"Bytes": png("red")}
    assert aws.rekognition.detect_labels(Image=image)["Labels"]
    assert refused(aws.rekognition.detect_faces, Image=image)[0] == "UnknownOperationException"


def test_operations_are_those_of_the_service() -> None:
    """Every name in the catalogue is an operation of botocore's model."""
    assert set(service_model().operation_names) > OPERATIONS


@pytest.mark.parametrize(
    ("operation", "request_", "constraint"),
    [
        ("CreateProject", {}, "Value null at 'projectName' failed to satisfy constraint: "
                              "Member must not be null"),
        ("CreateProject", {"ProjectName": "a b"},
         "Value 'a b' at 'projectName' failed to satisfy constraint: "
         "Member must satisfy regular expression pattern: [a-zA-Z0-9_.\\-]+"),
        ("CreateProject", {"ProjectName": "a" * 256}, "less than or equal to 255"),
        ("CreateProject", {"ProjectName": ""}, "greater than or equal to 1"),
        ("CreateProject", {"ProjectName": "a\n"}, "regular expression"),
        ("CreateProject", {"ProjectName": "a", "Feature": "NO"},
         "Value 'NO' at 'feature' failed to satisfy constraint: "
         "Member must satisfy enum value set: [CONTENT_MODERATION, CUSTOM_LABELS]"),
        ("DescribeProjects", {"MaxResults": 101}, "value less than or equal to 100"),
        ("DescribeProjects", {"MaxResults": 0}, "value greater than or equal to 1"),
        ("DescribeProjects", {"ProjectNames": [str(n) for n in range(11)]}, "equal to 10"),
        ("DescribeProjects", {"ProjectNames": ["a", "b c"]}, "at 'projectNames.2.member'"),
        ("DeleteProject", {"ProjectArn": "x" * 30}, "regular expression"),
    ],
)  # fmt: skip
def test_constraint_of_the_model_is_enforced(
    service: Service, operation: str, request_: dict[str, Any], constraint: str
) -> None:
    """Whatever botocore lets pass, the service refuses, in its own words."""
    answer, document = ask(service, operation, **request_)
    assert (answer.status, document["Code"]) == (400, "ValidationException")
    assert " detected: Value " in document["Message"]
    assert constraint in document["Message"]


def test_several_broken_constraints_are_counted(service: Service) -> None:
    """All breaches are told at once."""
    message = ask(service, "CreateProject", ProjectName="a b", Feature="NO")[1]["Message"]
    assert message.startswith("2 validation errors detected: Value 'a b' at")
    assert "; Value 'NO' at" in message


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("CreateProject", "{"),
        ("CreateProject", "[]"),
        ("CreateProject", '{"ProjectName": 1}'),
        ("DescribeProjects", '{"MaxResults": true}'),
        ("DescribeProjects", '{"MaxResults": NaN}'),
        ("DetectCustomLabels", '{"Image": {"Bytes": "*"}}'),
        ("DetectCustomLabels", '{"Image": {"Bytes": 1}}'),
    ],
)
def test_wrong_type_is_a_serialization_error(service: Service, operation: str, body: str) -> None:
    """What is not even of the right type is refused before anything else."""
    document = json.loads(handle(service, f"RekognitionService.{operation}", body).body)
    assert document["Code"] == "SerializationException"


def test_null_members_count_as_absent(service: Service) -> None:
    """A null is no value."""
    assert ask(service, "DescribeProjects", NextToken=None)[0].status == 200


def test_calls_are_counted_with_the_refused_ones(service: Service) -> None:
    """Each request that arrives counts, also one that a fault strikes."""
    service.world.faults.add(Fault("DescribeProjects", code="ThrottlingException"))
    for _ in range(3):
        ask(service, "DescribeProjects")
    ask(service, "CreateProject")
    assert service.world.calls.counts() == {"CreateProject": 1, "DescribeProjects": 3}


def test_answers_fit_botocore_s_output_shapes(aws: Aws) -> None:
    """Each operation of a life cycle answers what botocore's own validator accepts."""
    seen: dict[str, Any] = {}

    def check(http_response: AWSResponse, model: OperationModel, **_: object) -> None:
        document = json.loads(http_response.content)
        assert model.output_shape is not None
        report = ParamValidator().validate(document, model.output_shape)
        assert not report.has_errors(), report.generate_report()
        assert answer_problems(model.name, document) == []
        seen[model.name] = document

    events = aws.unchecked.meta.events
    events.register("after-call.rekognition", check, unique_id="check")
    try:
        live_a_life(aws)
    finally:
        events.unregister("after-call.rekognition", unique_id="check")
    missing = {
        "UpdateDatasetEntries",
        "DistributeDatasetEntries",
        "CopyProjectVersion",
        "PutProjectPolicy",
        "ListProjectPolicies",
        "DeleteProjectPolicy",
    }
    assert set(seen) == OPERATIONS - missing


def live_a_life(aws: Aws) -> None:
    """Call every operation once, from the creation of a project to its deletion."""
    api = aws.unchecked
    project = api.create_project(ProjectName="life", Tags={"a": "b"})["ProjectArn"]
    train = aws.dataset(project, "TRAIN", aws.put_images("train", 4))
    test = aws.dataset(project, "TEST", aws.put_images("test", 2))
    api.describe_projects(ProjectNames=["life"])
    api.list_dataset_entries(DatasetArn=train)
    api.list_dataset_labels(DatasetArn=train)
    version = aws.train(project)["ProjectVersionArn"]
    api.start_project_version(ProjectVersionArn=version, MinInferenceUnits=1, MaxInferenceUnits=2)
    assert aws.status_of(project) == "RUNNING"
    api.detect_custom_labels(ProjectVersionArn=version, Image={"Bytes": png("red")})
    api.tag_resource(ResourceArn=version, Tags={"c": "d"})
    api.list_tags_for_resource(ResourceArn=version)
    api.untag_resource(ResourceArn=version, TagKeys=["c"])
    api.stop_project_version(ProjectVersionArn=version)
    assert aws.status_of(project) == "STOPPED"
    api.delete_project_version(ProjectVersionArn=version)
    aws.versions(project)
    for dataset in (train, test):
        api.delete_dataset(DatasetArn=dataset)
    api.describe_projects()
    api.delete_project(ProjectArn=project)
