"""The emulator against botocore's model: every operation, every answer, every error."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import StructureShape

from rcl_flow.emulator.api_models import service_model
from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.throughput import Rates, Throughput
from rcl_flow.emulator.conditions.world import Quotas, World
from rcl_flow.emulator.operations import OPERATIONS
from tests.emulator.builders import Aws, Line, png
from tests.emulator.conformance.asking import Request, ask
from tests.emulator.conformance.common_causes import COMMON_CAUSES, UNRAISED
from tests.emulator.conformance.data_causes import DATA_CAUSES
from tests.emulator.conformance.life import live
from tests.emulator.conformance.model_causes import MODEL_CAUSES
from tests.emulator.conformance.published import status_of, text_of
from tests.emulator.conformance.recorder import Answers, recorded
from tests.emulator.conformance.shapes import problems
from tests.emulator.service.test_object_detection import put_scenes, scene

MODEL = service_model()
CAUSES = {**DATA_CAUSES, **MODEL_CAUSES}
UNNAMED = {"DescribeProjects", "DescribeProjectVersions", "DeleteProject"}
"""Operations of Custom Labels whose documentation in the model does not say so."""
PAIRS = [
    (operation, error.name)
    for operation in sorted(OPERATIONS)
    for error in MODEL.operation_model(operation).error_shapes
]
LIMITS = {
    "LimitExceededException": Quotas(projects=2, trainings=1),
    "ServiceQuotaExceededException": Quotas(versions_per_project=1, policies_per_project=1),
}


@pytest.fixture
def world(request: pytest.FixtureRequest) -> World:
    """Return a world with the limits that the error under test needs, and with no others."""
    error = getattr(request.node, "callspec", None) and request.node.callspec.params.get("error")
    slow = error in ("ThrottlingException", "ProvisionedThroughputExceededException")
    return World(
        clock=ManualClock(),
        quotas=LIMITS.get(str(error)),
        throughput=Throughput(Rates()) if slow else None,
    )


def test_operations_are_all_that_the_model_has_of_custom_labels() -> None:
    """The model's documentation names 20 of the 23 operations, and none that is missing."""
    named = {
        name
        for name in MODEL.operation_names
        if "Custom Labels" in (MODEL.operation_model(name).documentation or "")
    }
    assert OPERATIONS - named == UNNAMED
    assert named <= OPERATIONS


def lines_with_labels(aws: Aws) -> tuple[list[Line], bytes]:
    """Upload pictures of three colours, and return their lines and one more picture."""
    return aws.put_images("all", 6), png("blue", 99)


def lines_with_boxes(aws: Aws) -> tuple[list[Line], bytes]:
    """Upload scenes with two squares, and return their lines and one more scene."""
    return put_scenes(aws, "all", range(20)), scene(99)[0]


@pytest.fixture(params=[lines_with_labels, lines_with_boxes], ids=["labels", "boxes"])
def answers(request: pytest.FixtureRequest, aws: Aws, other: Aws) -> Answers:
    """Return all answers that clients got in the life of a project."""
    prepare: Callable[[Aws], tuple[list[Line], bytes]] = request.param
    lines, image = prepare(aws)
    with recorded(aws.rekognition, aws.unchecked, other.rekognition, other.unchecked) as found:
        live(aws, other, lines, image=image)
    return found


def test_every_operation_answers_as_its_model_says(answers: Answers) -> None:
    """In the life of a project, each operation answers, with what its output shape allows."""
    assert {operation for operation, _ in answers} == OPERATIONS
    found = [
        f"{operation} {problem}"
        for operation, document in answers
        for problem in problems(_output_shape(operation), document, "$")
    ]
    assert found == []


def test_every_answer_has_all_members_but_the_token(answers: Answers) -> None:
    """No answer leaves out a member of its own; only the last page has no token."""
    missing = {
        (operation, name)
        for operation, document in answers
        for name in _output_shape(operation).members
        if name not in document and name != "NextToken"
    }
    assert missing == set()


def test_strict_reading_sees_what_a_shape_does_not_allow() -> None:
    """The reading of the model is tested itself: each kind of slip is told with its place."""
    shape = _output_shape("DescribeProjects")
    project = {"ProjectArn": "x", "Status": "READY", "CreationTimestamp": "now", "Extra": 1}
    document = {"ProjectDescriptions": [project, {"Datasets": {}}], "NextToken": True}
    assert [problem.split(":")[0] for problem in problems(shape, document, "$")] == [
        "$.ProjectDescriptions[0].ProjectArn",
        "$.ProjectDescriptions[0].ProjectArn",
        "$.ProjectDescriptions[0].Status",
        "$.ProjectDescriptions[0].CreationTimestamp",
        "$.ProjectDescriptions[0].Extra",
        "$.ProjectDescriptions[1].Datasets",
        "$.NextToken",
    ]


def test_every_modelled_error_has_a_cause_or_a_reason() -> None:
    """The tables cover what the model has, and hold nothing that it does not have."""
    caused = {pair for pair in PAIRS if pair in CAUSES or pair[1] in COMMON_CAUSES}
    assert set(PAIRS) == caused | set(UNRAISED)
    assert caused.isdisjoint(UNRAISED)
    assert set(CAUSES) <= set(PAIRS)
    assert all(reason.endswith(".") for reason in UNRAISED.values())


@pytest.mark.parametrize(("operation", "error"), [pair for pair in PAIRS if pair not in UNRAISED])
def test_every_cause_raises_its_error_as_published(aws: Aws, operation: str, error: str) -> None:
    """The code, the HTTP status and the text are those of the service, the class is the model's."""
    refused = _refusal(aws, operation, _scene(aws, operation, error))
    assert refused.response["Error"]["Code"] == error
    assert refused.response["ResponseMetadata"]["HTTPStatusCode"] == status_of(error)
    assert re.fullmatch(text_of(error), refused.response["Error"]["Message"])
    assert type(refused) is getattr(aws.rekognition.exceptions, error)


def _scene(aws: Aws, operation: str, error: str) -> Request:
    if (operation, error) in CAUSES:
        return CAUSES[operation, error](aws)
    return COMMON_CAUSES[error](aws, operation)


def _refusal(aws: Aws, operation: str, request: Request) -> ClientError:
    with pytest.raises(ClientError) as caught:
        ask(aws, operation, request)
    return caught.value


def _output_shape(operation: str) -> Any:  # noqa: ANN401  # botocore's own class has no members
    shape = MODEL.operation_model(operation).output_shape
    return shape if shape is not None else StructureShape("Nothing", {"members": {}})
