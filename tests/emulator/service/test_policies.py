"""Tests of project policies: attaching, revising, listing and removing them."""

import json
from typing import Any

import pytest

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.world import Quotas, World
from tests.emulator.builders import OTHER_ACCOUNT, Aws, refusal_code, refused

STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": OTHER_ACCOUNT},
    "Action": "rekognition:CopyProjectVersion",
    "Resource": "arn:aws:rekognition:us-east-1:123456789012:project/shades/*",
}


def document(**changes: object) -> str:
    """Return a policy document whose statement differs from the usual one."""
    statement = {k: v for k, v in {**STATEMENT, **changes}.items() if v is not None}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def put(aws: Aws, project: str, name: str = "p", **more: Any) -> str:  # noqa: ANN401  # boto3
    """Attach a policy and return its revision id."""
    policy = {"PolicyDocument": document(), **more}
    answer = aws.rekognition.put_project_policy(ProjectArn=project, PolicyName=name, **policy)
    return answer["PolicyRevisionId"]


def policies(aws: Aws, project: str) -> list[dict[str, Any]]:
    """Return a project's policies."""
    found: list[dict[str, Any]] = aws.unchecked.list_project_policies(ProjectArn=project)[
        "ProjectPolicies"
    ]
    return found


def test_policy_is_listed_as_it_was_put(aws: Aws) -> None:
    """The text is kept as it is, with a revision id of 32 hexadecimal digits."""
    project = aws.project()
    text = document() + "\n"
    revision = put(aws, project, PolicyDocument=text)
    (found,) = policies(aws, project)
    assert (len(revision), int(revision, 16) > 0) == (32, True)
    assert found["CreationTimestamp"] == found.pop("LastUpdatedTimestamp")
    assert {k: v for k, v in found.items() if k != "CreationTimestamp"} == {
        "ProjectArn": project,
        "PolicyName": "p",
        "PolicyRevisionId": revision,
        "PolicyDocument": text,
    }


def test_policy_is_revised_with_its_latest_revision_id_only(aws: Aws) -> None:
    """A revision replaces the one before, whose id is then refused."""
    project = aws.project()
    first = put(aws, project)
    (before,) = policies(aws, project)
    aws.world.clock.advance(60)
    second = put(
        aws, project, PolicyRevisionId=first, PolicyDocument=document(Effect="DENY", Sid="no")
    )
    (found,) = policies(aws, project)
    assert (found["PolicyRevisionId"], "DENY" in found["PolicyDocument"]) == (second, True)
    assert first != second
    assert found["CreationTimestamp"] == before["CreationTimestamp"]
    assert (found["LastUpdatedTimestamp"] - before["LastUpdatedTimestamp"]).seconds == 60
    ask = {"ProjectArn": project, "PolicyName": "p", "PolicyRevisionId": first}
    for call, more in (
        (aws.unchecked.put_project_policy, {"PolicyDocument": document()}),
        (aws.unchecked.delete_project_policy, {}),
    ):
        assert refusal_code(call, **ask, **more) == "InvalidPolicyRevisionIdException"
    assert policies(aws, project) == [found]


def test_policy_that_does_not_exist_has_no_revision(aws: Aws) -> None:
    """A revision id is one of a policy that is there."""
    code = refusal_code(put, aws=aws, project=aws.project(), PolicyRevisionId="ab" * 16)
    assert code == "InvalidPolicyRevisionIdException"


def test_policy_name_is_taken_without_a_revision_id(aws: Aws) -> None:
    """An existing policy is not replaced by accident."""
    project = aws.project()
    put(aws, project)
    assert refusal_code(put, aws=aws, project=project) == "ResourceAlreadyExistsException"
    put(aws, project, "q")
    put(aws, aws.project("another"))
    assert [each["PolicyName"] for each in policies(aws, project)] == ["p", "q"]


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "{}",
        json.dumps({"Statement": []}),
        json.dumps({"Statement": "x"}),
        json.dumps({"Statement": STATEMENT, "Statements": []}),
        *(document(**{name: None}) for name in STATEMENT),
        document(NotAction="rekognition:CopyProjectVersion"),
        document(NotPrincipal={"AWS": "*"}),
        document(NotResource="*"),
        document(Effect="Maybe"),
        document(Action="rekognition:*"),
        document(Action=["rekognition:CopyProjectVersion", "rekognition:DeleteProject"]),
        document(Action=[]),
        document(Principal="111111111111"),
        document(Principal={"Service": "ec2.amazonaws.com"}),
        document(Principal={"AWS": []}),
        document(Resource=[1]),
        document(Resource=""),
    ],
)
def test_policy_document_that_says_too_much_or_too_little_is_malformed(aws: Aws, text: str) -> None:
    """A statement has what it needs, allows copying only, and excludes nothing."""
    project = aws.project()
    code = refusal_code(put, aws=aws, project=project, PolicyDocument=text)
    assert code == "MalformedPolicyDocumentException"
    assert policies(aws, project) == []


@pytest.mark.parametrize(
    "text",
    [
        document(Effect="ALLOW"),
        document(Principal="*"),
        document(Principal={"AWS": ["arn:aws:iam::111122223333:role/copier", "222222222222"]}),
        document(Action=["REKOGNITION:CopyProjectVersion"]),
        document(Sid="1", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json.dumps({"Statement": STATEMENT}),
        document(Sid="é").ljust(2000),
    ],
)
def test_policy_document_may_take_every_documented_form(aws: Aws, text: str) -> None:
    """Effects in any case, one principal or many, one statement or many, 2000 characters."""
    project = aws.project()
    put(aws, project, PolicyDocument=text)
    assert policies(aws, project)[0]["PolicyDocument"] == text


@pytest.mark.parametrize("text", [document().ljust(2001), document().replace("Allow", "寸")])
def test_policy_document_has_the_length_and_letters_of_the_model(aws: Aws, text: str) -> None:
    """What breaks the model's limits is refused before it is read."""
    code = refusal_code(put, aws=aws, project=aws.project(), PolicyDocument=text)
    assert code == "ValidationException"


def test_policies_are_listed_in_pages_of_five(aws: Aws) -> None:
    """Five are the default and the most, oldest first, and a token leads on."""
    project = aws.project()
    names = [f"policy-{number}" for number in range(12)]
    for name in names:
        put(aws, project, name)
    api = aws.rekognition
    page = api.list_project_policies(ProjectArn=project)
    assert len(page["ProjectPolicies"]) == 5
    pages = api.get_paginator("list_project_policies").paginate(ProjectArn=project)
    assert [each["PolicyName"] for each in pages.search("ProjectPolicies")] == names
    sizes = {"ProjectArn": project, "MaxResults": 6}
    assert refusal_code(aws.unchecked.list_project_policies, **sizes) == "ValidationException"
    another = aws.project("another")
    for token in ("nonsense", page["NextToken"]):
        code = refusal_code(api.list_project_policies, ProjectArn=another, NextToken=token)
        assert code == "InvalidPaginationTokenException"


def test_policy_can_be_deleted_with_or_without_its_revision(aws: Aws) -> None:
    """A deleted policy is gone at once, and its name is free."""
    project, delete = aws.project(), aws.rekognition.delete_project_policy
    revision = put(aws, project)
    put(aws, project, "q")
    delete(ProjectArn=project, PolicyName="p", PolicyRevisionId=revision.upper())
    delete(ProjectArn=project, PolicyName="q")
    assert policies(aws, project) == []
    assert refused(delete, ProjectArn=project, PolicyName="p") == (
        "ResourceNotFoundException",
        "The project has no policy named p.",
    )
    assert put(aws, project) != revision


def test_policies_die_with_their_project(aws: Aws) -> None:
    """While it is deleted, and after, none of them is found, and a new one has none."""
    project = aws.project()
    put(aws, project)
    aws.rekognition.delete_project(ProjectArn=project)
    for _ in range(2):
        code = refusal_code(aws.rekognition.list_project_policies, ProjectArn=project)
        assert code == "ResourceNotFoundException"
        aws.rekognition.describe_projects()
    assert policies(aws, aws.project()) == []


def test_policies_need_a_custom_labels_project_that_exists(aws: Aws) -> None:
    """Neither an unknown project nor one of another feature has policies."""
    other = aws.rekognition.create_project(ProjectName="m", Feature="CONTENT_MODERATION")
    for arn, expected in (
        (f"{aws.project()}1", "ResourceNotFoundException"),
        (other["ProjectArn"], "InvalidParameterException"),
    ):
        calls = (
            lambda arn=arn: put(aws, arn),
            lambda arn=arn: policies(aws, arn),
            lambda arn=arn: aws.rekognition.delete_project_policy(ProjectArn=arn, PolicyName="p"),
        )
        assert [refusal_code(call) for call in calls] == [expected] * 3


@pytest.mark.parametrize(
    "world", [World(clock=ManualClock(), quotas=Quotas(policies_per_project=2))]
)
def test_policies_of_a_project_are_limited_if_quotas_are_enforced(aws: Aws) -> None:
    """The last one that fits can still be revised."""
    project = aws.project()
    revision = [put(aws, project, name) for name in "ab"][-1]
    code = refusal_code(put, aws=aws, project=project, name="c")
    assert code == "ServiceQuotaExceededException"
    put(aws, project, "b", PolicyRevisionId=revision)
