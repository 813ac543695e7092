"""IAM policies that count: who may do what, for every operation of Custom Labels and around it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.operations import OPERATIONS
from rcl_flow.emulator.permissions import UserKeys, enforced_policies, make_user, set_permissions
from rcl_flow.emulator.sessions import isolated_session
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import emulated_aws, running_emulator
from tests.emulator.builders import ACCOUNT, refused
from tests.emulator.callers import DENIED, WAYS_IN, acting, code_of

REKOGNITION = f"arn:aws:rekognition:us-east-1:{ACCOUNT}"
PROJECT = f"{REKOGNITION}:project/parts/1600000000000"
VERSION = f"{REKOGNITION}:project/parts/version/v1/1600000000001"
DATASET = f"{REKOGNITION}:project/parts/dataset/train/1600000000002"
OTHER_PROJECT = f"{REKOGNITION}:project/others/1600000000003"
REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "CreateProject": {"ProjectName": "parts"},
    "DescribeProjects": {},
    "DeleteProject": {"ProjectArn": PROJECT},
    "CreateDataset": {"ProjectArn": PROJECT, "DatasetType": "TRAIN"},
    "DescribeDataset": {"DatasetArn": DATASET},
    "ListDatasetEntries": {"DatasetArn": DATASET},
    "ListDatasetLabels": {"DatasetArn": DATASET},
    "UpdateDatasetEntries": {"DatasetArn": DATASET, "Changes": {"GroundTruth": b"{}"}},
    "DistributeDatasetEntries": {"Datasets": [{"Arn": DATASET}, {"Arn": DATASET}]},
    "DeleteDataset": {"DatasetArn": DATASET},
    "CreateProjectVersion": {
        "ProjectArn": PROJECT,
        "VersionName": "v1",
        "OutputConfig": {"S3Bucket": "acme", "S3KeyPrefix": "out"},
    },
    "CopyProjectVersion": {
        "SourceProjectArn": PROJECT,
        "SourceProjectVersionArn": VERSION,
        "DestinationProjectArn": PROJECT,
        "VersionName": "v2",
        "OutputConfig": {"S3Bucket": "acme", "S3KeyPrefix": "out"},
    },
    "DescribeProjectVersions": {"ProjectArn": PROJECT},
    "DeleteProjectVersion": {"ProjectVersionArn": VERSION},
    "StartProjectVersion": {"ProjectVersionArn": VERSION, "MinInferenceUnits": 1},
    "StopProjectVersion": {"ProjectVersionArn": VERSION},
    "DetectCustomLabels": {"ProjectVersionArn": VERSION, "Image": {"Bytes": b"x"}},
    "PutProjectPolicy": {"ProjectArn": PROJECT, "PolicyName": "p", "PolicyDocument": "{}"},
    "ListProjectPolicies": {"ProjectArn": PROJECT},
    "DeleteProjectPolicy": {"ProjectArn": PROJECT, "PolicyName": "p"},
    "TagResource": {"ResourceArn": VERSION, "Tags": {"a": "b"}},
    "UntagResource": {"ResourceArn": VERSION, "TagKeys": ["a"]},
    "ListTagsForResource": {"ResourceArn": VERSION},
}


@pytest.fixture(params=WAYS_IN, ids=lambda way: way.__name__)
def session(request: pytest.FixtureRequest) -> Iterator[boto3.Session]:
    """Return the administrator's session, by each of the three ways in."""
    yield from request.param()


def test_each_operation_is_denied_without_its_permission(session: boto3.Session) -> None:
    """A policy that lacks one action of the 23 is found out by that operation and by no other."""
    iam = session.client("iam")
    client = acting(session, "rekognition", make_user(iam, "ann"))
    assert set(REQUESTS) == OPERATIONS
    for operation, request in REQUESTS.items():
        set_permissions(
            iam, "ann", allow=[f"rekognition:{each}" for each in OPERATIONS - {operation}]
        )
        assert code_of(client, operation, request) == DENIED, operation


def test_each_operation_is_answered_with_its_permission_alone(session: boto3.Session) -> None:
    """One action on the project's own resources is all that each of the 23 operations needs."""
    iam = session.client("iam")
    client = acting(session, "rekognition", make_user(iam, "ann"))
    for operation, request in REQUESTS.items():
        everywhere = operation in {"CreateProject", "DescribeProjects"}
        resources = ["*" if everywhere else f"{REKOGNITION}:project/parts/*"]
        set_permissions(iam, "ann", allow=[f"rekognition:{operation}"], resources=resources)
        assert code_of(client, operation, request) != DENIED, operation


def test_resources_of_other_projects_are_denied(session: boto3.Session) -> None:
    """A policy for one project covers its versions and datasets, and no other project's."""
    resources = [f"{REKOGNITION}:project/others/*"]
    keys = make_user(session.client("iam"), "ann", allow=["rekognition:*"], resources=resources)
    client = acting(session, "rekognition", keys)
    codes = {name: code_of(client, name, request) for name, request in REQUESTS.items()}
    assert set(codes.values()) == {DENIED}
    described = code_of(client, "DescribeProjectVersions", {"ProjectArn": OTHER_PROJECT})
    assert described == "ResourceNotFoundException"


def test_copy_needs_both_ends(session: boto3.Session) -> None:
    """Neither the source nor the destination alone is enough."""
    iam = session.client("iam")
    client = acting(session, "rekognition", make_user(iam, "ann"))
    request = {**REQUESTS["CopyProjectVersion"], "DestinationProjectArn": OTHER_PROJECT}
    both = [VERSION, OTHER_PROJECT]
    for resource in both:
        set_permissions(iam, "ann", allow=["rekognition:*"], resources=[resource])
        assert code_of(client, "CopyProjectVersion", request) == DENIED
    set_permissions(iam, "ann", allow=["rekognition:*"], resources=both)
    assert code_of(client, "CopyProjectVersion", request) != DENIED


def test_denial_names_who_what_and_which(session: boto3.Session) -> None:
    """The text is AWS's, by which a program can tell the missing permission."""
    keys = make_user(session.client("iam"), "ann")
    client = acting(session, "rekognition", keys)
    _, message = refused(client.stop_project_version, ProjectVersionArn=VERSION)
    assert message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: "
        f"rekognition:StopProjectVersion on resource: {VERSION}"
    )


def test_explicit_denial_wins(session: boto3.Session) -> None:
    """What is denied is denied, whatever else is allowed."""
    deny = ["rekognition:StartProjectVersion"]
    keys = make_user(session.client("iam"), "ann", allow=["rekognition:*"], deny=deny)
    client = acting(session, "rekognition", keys)
    assert code_of(client, "StartProjectVersion", REQUESTS["StartProjectVersion"]) == DENIED
    assert code_of(client, "CreateProject", REQUESTS["CreateProject"]) == "OK"


def test_unknown_keys_and_false_secrets_are_refused(session: boto3.Session) -> None:
    """Only users are callers, and only with their own secret."""
    keys = make_user(session.client("iam"), "ann", allow=["*"])
    forged = UserKeys("ann", keys.access_key_id, "x" * 40)
    stranger = UserKeys("bob", "AKIAIOSFODNN7STRANGE", "x" * 40)
    codes = [
        code_of(acting(session, "rekognition", each), "DescribeProjects", {})
        for each in (keys, forged, stranger)
    ]
    assert codes == ["OK", "InvalidSignatureException", "UnrecognizedClientException"]


def test_assumed_role_has_its_own_permissions(session: boto3.Session) -> None:
    """A role that may detect may not start, whatever the user may do who assumed it."""
    iam = session.client("iam")
    keys = make_user(iam, "ann", allow=["sts:AssumeRole", "rekognition:*"])
    trust = statement("sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/ann"})
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    document = statement("rekognition:DetectCustomLabels", Resource=VERSION)
    iam.put_role_policy(RoleName="reader", PolicyName="p", PolicyDocument=document)
    found = acting(session, "sts", keys).assume_role(RoleArn=role, RoleSessionName="test")
    assumed = found["Credentials"]
    client = session.client(
        "rekognition",
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )
    assert code_of(client, "StartProjectVersion", REQUESTS["StartProjectVersion"]) == DENIED
    detected = code_of(client, "DetectCustomLabels", REQUESTS["DetectCustomLabels"])
    assert detected == "ResourceNotFoundException"


def statement(action: str, **more: object) -> str:
    """Return a policy document that allows one action."""
    allowed = {"Effect": "Allow", "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def test_denied_calls_are_counted_and_take_no_faults() -> None:
    """A denial comes before anything else that a scenario has in store."""
    world = World()
    world.faults.add(Fault("DescribeProjects", code="InternalServerError", times=1))
    with emulated_aws(world), enforced_policies():
        session = isolated_session("us-east-1")
        keys = make_user(session.client("iam"), "ann")
        client = acting(session, "rekognition", keys)
        assert code_of(client, "DescribeProjects", {}) == DENIED
    assert world.calls.counts() == {"DescribeProjects": 1}


def test_policies_count_only_inside_the_block() -> None:
    """Before and after, everybody may do everything."""
    with emulated_aws(World()):
        stranger = boto3.Session("AKIAIOSFODNN7STRANGE", "x" * 40, region_name="us-east-1")
        client = stranger.client("rekognition")
        client.create_project(ProjectName="before")
        with enforced_policies():
            code, _ = refused(client.create_project, ProjectName="inside")
            assert code == "UnrecognizedClientException"
        client.create_project(ProjectName="after")


def test_broken_connection_is_one_too_where_policies_count() -> None:
    """Scripted faults strike an allowed caller as ever, over HTTP too."""
    with running_emulator(EmulatorSettings(enforce_policies=True)) as box:
        box.faults.add(Fault("CreateProject", reset=True, times=1))
        arn = box.client("rekognition").create_project(ProjectName="parts")["ProjectArn"]
        assert arn.startswith(REKOGNITION)
        assert box.calls() == {"CreateProject": 2}


def test_a_bucket_is_looked_for_with_the_right_to_list_it() -> None:
    """There is no action of HeadBucket's name: ListBucket decides."""
    with emulated_aws(), enforced_policies():
        session = isolated_session("us-east-1")
        iam = session.client("iam")
        session.client("s3").create_bucket(Bucket="acme")
        lister = make_user(iam, "lister", allow=["s3:ListBucket"])
        reader = make_user(iam, "reader", allow=["s3:GetObject"])
        request = {"Bucket": "acme"}
        assert code_of(acting(session, "s3", lister), "HeadBucket", request) == "OK"
        refusal = code_of(acting(session, "s3", reader), "HeadBucket", request)
        assert refusal in {"403", "AccessDenied"}
