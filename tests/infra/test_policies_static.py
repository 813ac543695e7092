"""The roles may do what a run does, on one project, and the policies for people agree with them."""

import json
from typing import Any

import pytest

from tests.infra.resolving import as_list, policy_documents, resolved, resources
from tests.infra.template import TEMPLATE, only_resource

POLICIES = TEMPLATE.parent / "policies"
PROJECT = "arn:aws:rekognition:REGION:ACCOUNT:project/PROJECT/"
WITHOUT_RESOURCE = {
    "rekognition:CreateProject",
    "rekognition:DescribeProjects",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
"""Actions that take no resource. Source: Service Authorization Reference."""
FOR_PEOPLE_ONLY = {
    "rekognition:DeleteProject",
    "rekognition:DeleteProjectVersion",
}
"""What `rcl-flow gc` needs, which no schedule runs."""
FOR_THE_WORKER_ONLY = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
    "kms:CreateGrant",
}
WORKER_POLICIES = (
    "WorkerRole",
    "KeyPolicy",
    "BucketKeyPolicy",
    "WorkerTrainingKeyPolicy",
    "WorkerBusPolicy",
    "WorkerChampionPolicy",
    "WorkerSecretsPolicy",
)


def shipped(name: str) -> dict[str, Any]:
    """Return one of infra/policies."""
    document = json.loads((POLICIES / f"{name}.json").read_text())
    assert isinstance(document, dict)
    return document


def actions(document: dict[str, Any]) -> set[str]:
    """Return every action that a policy allows."""
    return {action for each in document["Statement"] for action in as_list(each["Action"])}


def statements() -> list[dict[str, Any]]:
    """Return every statement of every role's policies."""
    return [each for document in policy_documents().values() for each in document["Statement"]]


def test_no_action_is_a_pattern() -> None:
    """Each action is named, so that none is allowed by accident."""
    assert [each for each in statements() if any("*" in a for a in as_list(each["Action"]))] == []


def test_wildcard_resource_only_for_what_takes_no_resource() -> None:
    """`*` as a resource stands only where AWS knows no other."""
    wild = [each for each in statements() if "*" in as_list(each["Resource"])]
    assert {action for each in wild for action in as_list(each["Action"])} == WITHOUT_RESOURCE


def test_rekognition_is_reached_in_one_project_only() -> None:
    """Every other action of Rekognition is scoped to the project."""
    for each in statements():
        names = {action for action in as_list(each["Action"]) if action.startswith("rekognition:")}
        if names - WITHOUT_RESOURCE:
            assert all(one.startswith(PROJECT) for one in as_list(each["Resource"])), each


def test_objects_are_written_below_the_run_s_own_prefixes_only() -> None:
    """The worker cannot change its config, its code, or the data."""
    written = {
        resource
        for each in statements()
        if {"s3:PutObject", "s3:DeleteObject"} & set(as_list(each["Action"]))
        for resource in as_list(each["Resource"])
    }
    assert written == {"arn:aws:s3:::BUCKET/PREFIX/*", "arn:aws:s3:::BUCKET/STATE/*"}


def test_worker_may_do_what_a_person_s_run_may_except_delete() -> None:
    """The worker's policies and infra/policies/run.json hold the same actions."""
    worker = set().union(*(actions(policy_documents()[name]) for name in WORKER_POLICIES))
    assert worker - FOR_THE_WORKER_ONLY == actions(shipped("run")) - FOR_PEOPLE_ONLY


def test_watchdog_may_stop_and_nothing_else() -> None:
    """The role of the stop schedules is the one of infra/policies, and only the group has it."""
    role = resources("AWS::IAM::Role")["WatchdogRole"]["Properties"]
    assert policy_documents()["WatchdogRole"] == shipped("watchdog")
    assert resolved(role["AssumeRolePolicyDocument"]) == shipped("watchdog-trust")


def test_worker_hands_the_watchdog_s_role_to_the_scheduler_only() -> None:
    """Who may pass a role to any service may do whatever any role may do."""
    (passing,) = [each for each in statements() if "iam:PassRole" in as_list(each["Action"])]
    assert passing["Resource"] == "WatchdogRole.Arn"
    assert passing["Condition"] == {
        "StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}
    }


def test_machine_may_start_itself_for_its_map() -> None:
    """A distributed map needs it; by name, since a reference would be a circle."""
    document = policy_documents()["FlowRole"]
    by_sid = {each["Sid"]: each for each in document["Statement"]}
    name = resolved(only_resource("AWS::StepFunctions::StateMachine")["StateMachineName"])
    place = "arn:aws:states:REGION:ACCOUNT"
    assert by_sid["MapOfItself"]["Action"] == "states:StartExecution"
    assert by_sid["MapOfItself"]["Resource"] == f"{place}:stateMachine:{name}"
    assert by_sid["MapsExecutions"]["Resource"] == [
        f"{place}:execution:{name}:*",
        f"{place}:execution:{name}/*",
    ]


def test_machine_may_stop_a_model_and_start_none() -> None:
    """The driver's own right over models is the stop."""
    mine = {a for a in actions(policy_documents()["FlowRole"]) if a.startswith("rekognition:")}
    assert mine == {"rekognition:StopProjectVersion"}


def test_one_environment_of_one_repository_may_start_a_run() -> None:
    """No pattern stands in the subject: any would let a fork or a branch in."""
    role = resources("AWS::IAM::Role")["CiRole"]["Properties"]
    trust = resolved(role["AssumeRolePolicyDocument"])
    assert trust == shipped("github-trust")
    (statement,) = trust["Statement"]
    assert set(statement["Condition"]) == {"StringEquals"}
    subject = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert subject == "repo:OWNER/REPOSITORY:environment:production"
    assert policy_documents()["CiRole"] == shipped("ci")


@pytest.mark.parametrize("role", ["FlowRole", "SchedulerRole", "WatchdogRole"])
def test_services_act_for_this_account_only(role: str) -> None:
    """A service that acts for another account cannot be made to use the role."""
    trust = resolved(resources("AWS::IAM::Role")[role]["Properties"]["AssumeRolePolicyDocument"])
    (statement,) = trust["Statement"]
    assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == "ACCOUNT"


def test_there_are_five_roles() -> None:
    """Worker, flow, scheduler, watchdog and, where wanted, CI."""
    assert set(resources("AWS::IAM::Role")) == {
        *("WorkerRole", "FlowRole", "SchedulerRole", "WatchdogRole", "CiRole"),
    }
