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
FOR_PEOPLE_ONLY = {"OnlyForGc", "ObjectsOnlyForGc"}
"""The statements that `rcl-flow gc` needs, which no schedule runs."""
FOR_THE_WORKER_ONLY = ("logs:", "kms:")
AS_PEOPLE_NAME_IT = {
    "REGION:ACCOUNT": "*:*",
    ":iam::ACCOUNT:": ":iam::*:",
    "GROUP/": "*/",
    "EventBusName": "BUS",
    "ChampionParameter": "CHAMPION",
    "DataBuckets": "arn:aws:s3:::DATA_BUCKET",
    "DataObjects": "arn:aws:s3:::DATA_BUCKET/DATA_PREFIX/*",
    "WatchdogRole.Arn": "arn:aws:iam::*:role/WATCHDOG_ROLE",
    "AlertsTopic": "arn:aws:sns:*:*:TOPIC",
}
"""What the template knows and a policy that is written by hand has to be told."""
SECRETS = ("arn:aws:secretsmanager:*:*:secret:SECRET-??????", "arn:aws:ssm:*:*:parameter/SECRET")
WORKER_POLICIES = (
    "WorkerRole",
    "KeyPolicy",
    "BucketKeyPolicy",
    "WorkerTrainingKeyPolicy",
    "WorkerReadKeysPolicy",
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


def grants(document: dict[str, Any], left_out: set[str] = frozenset()) -> set[tuple[str, str]]:  # type: ignore[assignment]  # an empty set
    """Return each action with each resource that a policy allows it on."""
    return {
        (action, resource)
        for each in document["Statement"]
        if each["Sid"] not in left_out
        for action in as_list(each["Action"])
        for resource in as_list(each["Resource"])
    }


def as_people_write(resource: str) -> tuple[str, ...]:
    """Return the ARNs of infra/policies for one of the template's."""
    for name, written in AS_PEOPLE_NAME_IT.items():
        resource = resource.replace(name, written)
    return SECRETS if resource == "SecretArns" else (resource,)


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
    """The worker's policies and infra/policies/run.json allow the same on the same resources."""
    worker = {
        (action, written)
        for name in WORKER_POLICIES
        for action, resource in grants(policy_documents()[name], {"Config"})
        if not action.startswith(FOR_THE_WORKER_ONLY)
        for written in as_people_write(resource)
    }
    assert worker == grants(shipped("run"), FOR_PEOPLE_ONLY)


def test_deleting_actions_that_a_run_does_not_need_stand_apart() -> None:
    """Who never calls `rcl-flow gc` leaves two statements out, and a run goes on as before."""
    apart = [each for each in shipped("run")["Statement"] if each["Sid"] in FOR_PEOPLE_ONLY]
    assert {action for each in apart for action in each["Action"]} == {
        *("rekognition:DeleteProject", "rekognition:DeleteProjectVersion", "s3:DeleteObject"),
    }
    kept = grants(shipped("run"), FOR_PEOPLE_ONLY)
    deleting = {action for action, _ in kept if ":Delete" in action}
    assert deleting == {"rekognition:DeleteDataset", "s3:DeleteObject", "scheduler:DeleteSchedule"}


def test_keys_of_data_and_secrets_are_for_reading() -> None:
    """A key that is not the stack's may be decrypted with, and nothing else."""
    assert grants(policy_documents()["WorkerReadKeysPolicy"]) == {("kms:Decrypt", "ReadKeyArns")}


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
