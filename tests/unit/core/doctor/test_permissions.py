"""Tests of the permissions that a config needs, and of what an answer says of one."""

import json

import pytest

from rcl_flow.core.doctor.diagnosis import Reply
from rcl_flow.core.doctor.permissions import (
    Caller,
    permission_check,
    rekognition_actions,
    rekognition_resource,
    statement,
    watchdog_resource,
)

ME = Caller("arn:aws:iam::123456789012:user/me", "123456789012", "eu-west-1")
ROLE = "arn:aws:iam::123456789012:role/watchdog"


def test_rekognition_actions_of_judging_alone_train_nothing() -> None:
    """A config that judges an existing model needs no permission to create."""
    actions = rekognition_actions(trains=False, project_exists=True, watchdog="off")
    assert "StopProjectVersion" in actions
    assert not [action for action in actions if action.startswith(("Create", "Delete", "Tag"))]


def test_rekognition_actions_are_each_named_once() -> None:
    """Training and watchdog both tag."""
    actions = rekognition_actions(trains=True, project_exists=False, watchdog="tag")
    assert len(set(actions)) == len(actions)
    assert {"CreateProject", "TagResource", "UntagResource"} <= set(actions)


def test_rekognition_actions_make_no_project_that_is_there() -> None:
    """What need not be made need not be allowed."""
    assert "CreateProject" not in rekognition_actions(
        trains=True, project_exists=True, watchdog="off"
    )


@pytest.mark.parametrize("kind", ["done", "not_found", "refused"])
def test_permission_check_takes_any_other_answer_for_a_permission(kind: str) -> None:
    """AWS looks at a request only when it is allowed."""
    reply = Reply("X", "no", kind)  # type: ignore[arg-type]  # one of its words
    assert permission_check("s3:GetObject", reply, "*", ME).status == "ok"


def test_permission_check_names_action_principal_and_statement_when_denied() -> None:
    """The cure is a statement that can be pasted."""
    resource = rekognition_resource("StartProjectVersion", "shades", ME)
    reply = Reply("AccessDeniedException", "User: me is not authorized", "denied")
    check = permission_check("rekognition:StartProjectVersion", reply, resource, ME)
    assert check.status == "problem"
    assert check.what.startswith(f"{ME.arn} may not do rekognition:StartProjectVersion")
    allowed = json.loads(check.cure.partition(": ")[2])
    assert allowed["Action"] == "rekognition:StartProjectVersion"
    assert allowed["Resource"].endswith(":123456789012:project/shades/*")


def test_permission_check_names_the_action_that_aws_names() -> None:
    """A schedule is refused for the role that it is to act as."""
    message = f"User: me is not authorized to perform: iam:PassRole on resource: {ROLE} because"
    reply = Reply("AccessDeniedException", message, "denied")
    check = permission_check("scheduler:CreateSchedule", reply, "*", ME)
    assert "iam:PassRole" in check.what
    assert check.cure.endswith(statement("iam:PassRole", ROLE))


def test_permission_check_tells_an_explicit_deny() -> None:
    """Another statement that allows would not help."""
    message = "is not authorized to perform: s3:GetObject with an explicit deny in a policy"
    check = permission_check("s3:GetObject", Reply("AccessDenied", message, "denied"), "*", ME)
    assert "Deny" in check.cure
    assert "Effect" not in check.cure


def test_permission_check_claims_nothing_of_silence() -> None:
    """A server error is no permission."""
    reply = Reply("InternalServerError", "", "silent")
    assert permission_check("s3:GetObject", reply, "*", ME).status == "skipped"


def test_permission_check_claims_nothing_when_only_the_name_was_looked_at() -> None:
    """CreateProject's probe is refused for its name, maybe before anybody asked who calls."""
    reply = Reply("ValidationException", "", "refused")
    assert permission_check("rekognition:CreateProject", reply, "*", ME).status == "skipped"


def test_resources_are_those_of_the_callers_place() -> None:
    """Partition, region and account come from the caller; two actions take no resource."""
    china = Caller("arn:aws-cn:iam::123456789012:user/me", "123456789012", "cn-north-1")
    scoped = rekognition_resource("DetectCustomLabels", "p", china)
    assert scoped == "arn:aws-cn:rekognition:cn-north-1:123456789012:project/p/*"
    assert rekognition_resource("CreateProject", "p", china) == "*"
    assert watchdog_resource("night", china) == (
        "arn:aws-cn:scheduler:cn-north-1:123456789012:schedule/night/rcl-stop-*"
    )
