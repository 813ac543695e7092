"""Tests of what a fault may say: no rule is taken that no call can meet, or that does nothing."""

from typing import Any

import pytest

from rcl_flow.emulator.conditions.faults import Fault, parse_fault
from rcl_flow.emulator.operations import OPERATIONS

THROTTLING = "ThrottlingException"


@pytest.mark.parametrize(
    ("operation", "code", "said"),
    [
        ("CreateProject", "ThrottlingExeption", "did you mean ThrottlingException"),
        ("CreateProject", "LimitExceeded", "did you mean LimitExceededException"),
        ("CreateProject", "ImageTooLargeException", "its own errors are AccessDeniedException, "),
        ("DescribeProjects", "ResourceInUseException", "DescribeProjects never answers Resource"),
        ("*", "ResourceInUseExeption", "no operation of Custom Labels answers ResourceInUseEx"),
    ],
)
def test_error_that_the_operation_never_answers_is_refused(
    operation: str, code: str, said: str
) -> None:
    """A misspelt code would try another path of the program than the test says."""
    with pytest.raises(ValueError, match=said):
        Fault(operation, code=code)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
@pytest.mark.parametrize(
    "code",
    [THROTTLING, "RequestThrottled", "InternalServerError", "ExpiredTokenException"],
)
def test_error_that_every_operation_may_answer_is_taken(operation: str, code: str) -> None:
    """Throttling and bad credentials meet every call."""
    assert Fault(operation, code=code).code == code


def test_any_operation_takes_the_errors_of_all() -> None:
    """A rule for every operation may have the error of one."""
    assert Fault("*", code="ImageTooLargeException").code == "ImageTooLargeException"
    assert Fault("GetObject", code="WhateverS3Says", service="s3").code == "WhateverS3Says"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "a rule of CreateProject without effect; add code, reset, latency_seconds"),
        ({"times": 3, "after": 1}, "without effect"),
        ({"latency_seconds": 0}, "without effect"),
        ({"latency_seconds": 1, "executed": True}, "executed says that the work is done"),
        ({"reset": True, "status": 500}, "message and status are those of an error"),
        ({"latency_seconds": float("inf")}, "finite"),
        ({"latency_seconds": float("nan")}, "finite"),
        ({"code": THROTTLING, "status": 200}, "status is that of an error"),
        ({"fails_later": True}, "CreateProject begins nothing that fails_later could change"),
        ({"lasts_seconds": 3}, "CreateProject begins nothing that lasts_seconds could change"),
        ({"then": "stop-version"}, "CreateProject names no version"),
    ],
)
def test_rule_that_does_nothing_is_refused(members: dict[str, Any], said: str) -> None:
    """It says what is missing."""
    with pytest.raises(ValueError, match=said):
        parse_fault({"operation": "CreateProject", **members})


@pytest.mark.parametrize(
    "members",
    [
        {"fails_later": True, "code": THROTTLING},
        {"fails_later": True, "lasts_seconds": 3},
        {"lasts_seconds": 3, "reset": True},
    ],
)
def test_rule_of_which_a_part_would_be_ignored_is_refused(members: dict[str, Any]) -> None:
    """What a call answers and what becomes of what it began are two rules."""
    with pytest.raises(ValueError, match="are a rule each"):
        Fault("CreateProjectVersion", **members)


@pytest.mark.parametrize(
    ("service", "operation", "said"),
    [
        ("s4", "*", "the emulator has no service s4"),
        ("s3", "PutObjekt", "this s3 has no operation PutObjekt; did you mean PutObject"),
        ("scheduler", "CreateShedule", "did you mean CreateSchedule"),
        ("sts", "GetCaller", "this sts has no operation GetCaller"),
        ("s3", "PutObject", "PutObject names no version"),
    ],
)
def test_other_services_have_their_own_operations(service: str, operation: str, said: str) -> None:
    """A slip in a service or its operation is found as well."""
    with pytest.raises(ValueError, match=said):
        Fault(operation, service=service, then="stop-version")


@pytest.mark.parametrize("member", ["latency_seconds", "times", "after", "status", "probability"])
def test_truth_is_no_number(member: str) -> None:
    """`true` is one to Python, and a slip in a rule."""
    with pytest.raises(TypeError, match=f"{member} of a fault cannot be True"):
        parse_fault({"operation": "CreateProject", "code": THROTTLING, member: True})


def test_member_that_there_is_not_has_near_ones() -> None:
    """A slip in a member's name is told with what it may have been."""
    with pytest.raises(ValueError, match="has no latency; it has"):
        parse_fault({"operation": "*", "latency": 1})
    with pytest.raises(ValueError, match="has no latency_second; did you mean latency_seconds"):
        parse_fault({"operation": "*", "latency_second": 1})


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (
            {"fails_later": True, "reason": "ERROR_MANIFEST_TOO_FEW_LABEL"},
            "did you mean ERROR_MANIFEST_TOO_FEW_LABELS",
        ),
        ({"fails_later": True, "reason": "ERROR_X"}, "it fails with ERROR_FAILED_IMAGES_S3_COPY"),
        ({"reset": True, "reason": "why"}, "it needs CreateProjectVersion and fails_later"),
    ],
)
def test_reason_that_no_training_has_is_refused(members: dict[str, Any], said: str) -> None:
    """A slip in a code would be taken for a text."""
    with pytest.raises(ValueError, match=said):
        Fault("CreateProjectVersion", **members)
    assert Fault("CreateProjectVersion", fails_later=True, reason="The disk is full.").reason


def test_member_without_a_name_is_refused() -> None:
    """YAML has keys that are numbers."""
    with pytest.raises(ValueError, match="has no 5"):
        parse_fault({"operation": "CreateProject", 5: True})
