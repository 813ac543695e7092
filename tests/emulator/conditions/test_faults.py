"""Tests of scripted faults."""

import pytest

from rcl_flow.emulator.conditions.faults import Fault, FaultPlan, parse_fault
from tests.emulator.builders import Aws, refused


def test_fault_strikes_as_often_as_it_says(aws: Aws) -> None:
    """Two faults, then the service answers; and the refused calls did nothing."""
    aws.world.faults.add(Fault("CreateProject", times=2, code="ThrottlingException"))
    create = aws.rekognition.create_project
    answers = [refused(create, ProjectName="a") for _ in range(2)]
    assert (
        answers == [("ThrottlingException", "Slow down; sudden increase in rate of requests.")] * 2
    )
    assert "ProjectArn" in create(ProjectName="a")


def test_fault_leaves_other_operations_alone(aws: Aws) -> None:
    """A fault names its operation."""
    aws.world.faults.add(Fault("CreateProject", code="ThrottlingException"))
    assert aws.rekognition.describe_projects()["ProjectDescriptions"] == []


def test_fault_after_execution_loses_the_answer_only(aws: Aws) -> None:
    """The request is carried out, so that a retry meets its effect."""
    aws.world.faults.add(Fault("CreateProject", code="InternalServerError", executed=True))
    create = aws.rekognition.create_project
    assert refused(create, ProjectName="a") == ("InternalServerError", "Internal server error")
    assert refused(create, ProjectName="a")[0] == "ResourceInUseException"


def test_fault_has_the_status_of_its_code_unless_told(aws: Aws) -> None:
    """InternalServerError is HTTP 500, others 400, and a status may be given."""
    assert Fault("*", code="InternalServerError").http_status == 500
    assert Fault("*", code="ThrottlingException").http_status == 400
    assert Fault("*", code="ThrottlingException", status=500).http_status == 500


def test_fault_without_a_code_only_delays(aws: Aws) -> None:
    """Latency passes on the emulator's clock, and the answer is the true one."""
    before = aws.world.clock.now()
    aws.world.faults.add(Fault("DescribeProjects", latency_seconds=30))
    assert aws.rekognition.describe_projects()["ProjectDescriptions"] == []
    assert aws.world.clock.now() == before + 30


def test_fault_of_some_probability_is_repeatable() -> None:
    """The same seed strikes the same calls."""

    def strikes(seed: int) -> list[bool]:
        plan = FaultPlan()
        plan.add(Fault("*", times=None, code="ThrottlingException", probability=0.5, seed=seed))
        return [plan.take("DescribeProjects") is not None for _ in range(40)]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 5 < sum(strikes(1)) < 35


def test_listing_tells_what_is_left() -> None:
    """A plan tells how often each rule will still strike."""
    plan = FaultPlan()
    plan.add(Fault("CreateProject", times=3, code="ThrottlingException"))
    plan.take("CreateProject")
    (rule,) = plan.listing()
    assert (rule["operation"], rule["times"]) == ("CreateProject", 2)


@pytest.mark.parametrize(
    "rule",
    [
        None,
        {"times": 1},
        {"operation": 1},
        {"operation": "*", "odds": 1},
        {"operation": "*", "times": "2"},
        {"operation": "PutObject"},
    ],
)
def test_parse_fault_refuses_what_is_no_rule(rule: object) -> None:
    """A rule with a slip is refused, not ignored."""
    with pytest.raises((TypeError, ValueError)):
        parse_fault(rule)


def test_operation_that_there_is_not_is_refused() -> None:
    """A slip in the name would make a test that no fault ever meets."""
    with pytest.raises(ValueError, match="CreateProjekt; did you mean CreateProject"):
        Fault("CreateProjekt", code="ThrottlingException")
    assert Fault("PutObject", code="SlowDown", service="s3").http_status == 503


def test_dataset_can_fail_by_script(aws: Aws) -> None:
    """A dataset that the service itself cannot make ends in CREATE_FAILED."""
    aws.world.faults.add(Fault("CreateDataset", fails_later=True))
    found = aws.describe_dataset(aws.dataset_from(aws.project(), "TRAIN", {}))
    assert (found["Status"], found["StatusMessageCode"]) == ("CREATE_FAILED", "SERVICE_ERROR")
