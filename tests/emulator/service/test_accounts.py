"""Tests of two accounts: what one may copy from the other, and that it may do nothing else."""

import json
from typing import Any

import pytest

from tests.emulator.builders import (
    ACCOUNT,
    OTHER_ACCOUNT,
    OTHER_BUCKET,
    Aws,
    png,
    refusal_code,
    refused,
)
from tests.emulator.service.copies import begin_copy, copy, sees, trained_source


@pytest.fixture
def source(aws: Aws) -> dict[str, str]:
    """Return the members of a request that name a trained version."""
    return trained_source(aws)


def allow(aws: Aws, project: str, name: str = "p", **changes: object) -> None:
    """Let the other account copy the versions of a project."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OTHER_ACCOUNT},
        "Action": "rekognition:CopyProjectVersion",
        "Resource": f"{project.rpartition('/')[0]}/*",
        **changes,
    }
    aws.rekognition.put_project_policy(
        ProjectArn=project, PolicyName=name, PolicyDocument=json.dumps({"Statement": statement})
    )


def test_other_account_copies_what_a_policy_allows(
    aws: Aws, other: Aws, source: dict[str, str]
) -> None:
    """The copy and its results belong to the other account, and it detects there."""
    allow(aws, source["SourceProjectArn"])
    project = other.project("theirs")
    found = copy(other, source, project, OutputConfig={"S3Bucket": OTHER_BUCKET})
    arn = found["ProjectVersionArn"]
    assert (found["Status"], f":{OTHER_ACCOUNT}:" in arn) == ("COPYING_COMPLETED", True)
    assert found["EvaluationResult"]["Summary"]["S3Object"]["Bucket"] == OTHER_BUCKET
    assert len(other.s3.list_objects_v2(Bucket=OTHER_BUCKET)["Contents"]) == 6
    assert sees(other, project, arn, "green")


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}},
        {"Principal": {"AWS": ["111111111111", f"arn:aws:iam::{OTHER_ACCOUNT}:role/copier"]}},
        {"Effect": "ALLOW", "Resource": ["arn:x", "*"]},
    ],
)
def test_policy_lets_whom_it_names(
    aws: Aws, other: Aws, source: dict[str, str], changes: dict[str, Any]
) -> None:
    """Everybody, the account, or somebody in it; and the versions that it names."""
    allow(aws, source["SourceProjectArn"], **changes)
    assert f":{OTHER_ACCOUNT}:" in begin_copy(other, source, other.project())


@pytest.mark.parametrize(
    "changes",
    [
        {"Principal": {"AWS": "111111111111"}},
        {"Principal": {"AWS": "arn:aws:iam::111111111111:root"}},
        {"Effect": "Deny"},
        {"Resource": "arn:aws:rekognition:us-east-1:123456789012:project/another/*"},
    ],
)
def test_policy_lets_nobody_else(
    aws: Aws, other: Aws, source: dict[str, str], changes: dict[str, Any]
) -> None:
    """Another principal, another resource or a denial do not let the other account in."""
    allow(aws, source["SourceProjectArn"], **changes)
    ask: dict[str, Any] = {"aws": other, "source": source, "project": other.project()}
    assert refused(begin_copy, **ask) == (
        "AccessDeniedException",
        f"User: arn:aws:iam::{OTHER_ACCOUNT}:root is not authorized to perform: "
        f"rekognition:CopyProjectVersion on resource: {source['SourceProjectVersionArn']}",
    )


def test_denial_outweighs_a_permission(aws: Aws, other: Aws, source: dict[str, str]) -> None:
    """All policies of the source project count, and one denial is enough."""
    project = source["SourceProjectArn"]
    allow(aws, project)
    allow(aws, project, "q", Effect="Deny", Principal="*")
    ask: dict[str, Any] = {"aws": other, "source": source, "project": other.project()}
    assert refusal_code(begin_copy, **ask) == "AccessDeniedException"
    aws.rekognition.delete_project_policy(ProjectArn=project, PolicyName="q")
    begin_copy(**ask)


def test_policy_does_not_tell_what_exists_elsewhere(aws: Aws, other: Aws) -> None:
    """Without a permission, an unknown project and an unknown account are refused alike."""
    for account in (ACCOUNT, "333333333333"):
        project = f"arn:aws:rekognition:us-east-1:{account}:project/none/1700000000000"
        version = project.replace("/none/", "/none/version/v/")
        source = {"SourceProjectArn": project, "SourceProjectVersionArn": version}
        ask: dict[str, Any] = {
            "aws": other,
            "source": source,
            "project": other.project(f"for-{account}"),
        }
        assert refusal_code(begin_copy, **ask) == "AccessDeniedException"


def test_permitted_account_finds_no_unknown_version(
    aws: Aws, other: Aws, source: dict[str, str]
) -> None:
    """Who may copy learns whether the version is there."""
    allow(aws, source["SourceProjectArn"])
    unknown = {**source, "SourceProjectVersionArn": f"{source['SourceProjectVersionArn']}1"}
    ask: dict[str, Any] = {"aws": other, "source": unknown, "project": other.project()}
    assert refusal_code(begin_copy, **ask) == "ResourceNotFoundException"


def test_resources_of_another_account_are_denied(aws: Aws, other: Aws) -> None:
    """Whatever is asked of them, and whether they are there or not."""
    project, version = aws.trained()
    (found,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    training, testing = (each["DatasetArn"] for each in found["Datasets"])
    api, image = other.unchecked, {"Bytes": png("red")}
    pair = [{"Arn": training}, {"Arn": testing}]
    mine = {"ProjectArn": other.project(), "DatasetType": "TRAIN"}
    for call, request in (
        (api.delete_project, {"ProjectArn": project}),
        (api.describe_project_versions, {"ProjectArn": f"{project}1"}),
        (api.list_project_policies, {"ProjectArn": project}),
        (api.describe_dataset, {"DatasetArn": training}),
        (api.distribute_dataset_entries, {"Datasets": pair}),
        (api.create_dataset, {**mine, "DatasetSource": {"DatasetArn": training}}),
        (api.detect_custom_labels, {"ProjectVersionArn": version, "Image": image}),
        (api.tag_resource, {"ResourceArn": version, "Tags": {}}),
    ):
        code, message = refused(call, **request)
        assert (code, ACCOUNT in message) == ("AccessDeniedException", True)


def test_copy_to_another_account_is_denied(aws: Aws, other: Aws, source: dict[str, str]) -> None:
    """A model is fetched by who shall have it, never sent."""
    ask: dict[str, Any] = {"aws": aws, "source": source, "project": other.project()}
    assert refusal_code(begin_copy, **ask) == "AccessDeniedException"
