"""What makes every operation fail, and which errors of the model the emulator never raises."""

from rcl_flow.emulator.conditions.faults import Fault
from tests.emulator.builders import OTHER_ACCOUNT, Aws
from tests.emulator.conformance.asking import Request, request_for

DETECT = "DetectCustomLabels"
WITHOUT_ARN = frozenset({"CreateProject", "DescribeProjects"})


def _of_another_account(aws: Aws, operation: str) -> Request:
    if operation in WITHOUT_ARN:
        text = "User: x is not authorized to perform: y on resource: z"
        fault = Fault(operation, code="AccessDeniedException", message=text)
        aws.world.faults.add(fault)
    return request_for(operation, OTHER_ACCOUNT)


def _unknown(_: Aws, operation: str) -> Request:
    return request_for(operation)


def _broken_service(aws: Aws, operation: str) -> Request:
    aws.world.faults.add(Fault(operation, code="InternalServerError"))
    return request_for(operation)


def _throttled(aws: Aws, operation: str) -> Request:
    # too many detections exceed a throughput, so that only a fault can throttle them
    _use_up(aws, operation, "ThrottlingException", by_fault=operation == DETECT)
    return request_for(operation)


def _over_throughput(aws: Aws, operation: str) -> Request:
    code = "ProvisionedThroughputExceededException"
    _use_up(aws, operation, code, by_fault=operation != DETECT)
    return request_for(operation)


def _use_up(aws: Aws, operation: str, code: str, *, by_fault: bool) -> None:
    place = ("123456789012", "us-east-1", operation)
    if by_fault:
        aws.world.faults.add(Fault(operation, code=code))
        return
    assert aws.world.throughput is not None
    while aws.world.throughput.excess(*place, now=aws.world.clock.now()) is None:
        pass


COMMON_CAUSES = {
    "AccessDeniedException": _of_another_account,
    "InternalServerError": _broken_service,
    "ProvisionedThroughputExceededException": _over_throughput,
    "ResourceNotFoundException": _unknown,
    "ThrottlingException": _throttled,
}
"""By error, for all operations whose model has it."""

NOTHING_TO_GET_WRONG = (
    "Its members are limited by the model alone, and breaking a limit is a ValidationException."
)
NO_KNOWN_LIMIT = "AWS documents no limit that this operation could exceed."

UNRAISED = {
    **{
        (operation, "InvalidParameterException"): NOTHING_TO_GET_WRONG
        for operation in (
            "DescribeProjects",
            "DeleteProject",
            "DescribeDataset",
            "ListDatasetEntries",
            "ListDatasetLabels",
            "DeleteDataset",
            "DescribeProjectVersions",
            "DeleteProjectVersion",
            "StopProjectVersion",
            "TagResource",
            "UntagResource",
            "ListTagsForResource",
        )
    },
    ("CreateDataset", "LimitExceededException"): (
        "The only limit is one dataset of a type, and ResourceAlreadyExistsException tells of it."
    ),
    ("UpdateDatasetEntries", "LimitExceededException"): (
        "Too many rows or labels fail the update later, with the texts that AWS documents."
    ),
    ("DeleteDataset", "LimitExceededException"): NO_KNOWN_LIMIT,
    ("CopyProjectVersion", "LimitExceededException"): NO_KNOWN_LIMIT,
    ("DetectCustomLabels", "LimitExceededException"): NO_KNOWN_LIMIT,
    ("PutProjectPolicy", "LimitExceededException"): (
        "Too many policies are ServiceQuotaExceededException, which the model has as well."
    ),
}
"""Errors that only a scripted fault raises, and why."""
