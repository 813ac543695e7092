"""What a fault may say: a rule that no call can meet, or that does nothing, is refused.

Such a rule is a slip, and a test with it would pass without having tried anything.
"""

import math
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from rcl_flow.emulator.api_models import model_of, modelled_errors, names_a_version
from rcl_flow.emulator.conditions.fault_rule import ANY_OPERATION, REKOGNITION, FaultRule
from rcl_flow.emulator.data.catalogue import CONTENT_ERRORS
from rcl_flow.emulator.operations import OPERATIONS
from rcl_flow.emulator.s3_names import S3_OPERATIONS

MEDDLINGS: Final = ("delete-version", "stop-version")
MAX_NAMES: Final = 3
LEAST_LIKENESS: Final = 0.7
"""From 0 to 1; below it two names of errors have only their endings in common."""
LOWEST_ERROR_STATUS, HIGHEST_ERROR_STATUS = 400, 599

COMMON_CODES: Final = frozenset(
    {
        "AccessDenied",
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InternalError",
        "InternalFailure",
        "InternalServerException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "PriorRequestNotComplete",
        "RequestExpired",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "RequestTimeoutException",
        "SerializationException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SignatureDoesNotMatch",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationError",
        "ValidationException",
    }
)
"""What any operation of AWS may answer, beside the errors of its model.

Source: the common errors of AWS's API references, and the codes that botocore tries again.
"""

FAILING_LATER: Final = frozenset(
    {
        "CreateDataset",
        "UpdateDatasetEntries",
        "DistributeDatasetEntries",
        "CreateProjectVersion",
        "CopyProjectVersion",
        "StartProjectVersion",
    }
)
"""What begins something that can end badly."""
LASTING: Final = FAILING_LATER | {"StopProjectVersion"}
"""What begins something that takes time."""


def objections(fault: FaultRule) -> Iterator[str]:
    """Yield what keeps a rule from ever doing what it says; nothing of a good rule."""
    yield from _of_place(fault)
    yield from _of_numbers(fault)
    if fault.service == REKOGNITION:
        yield from _of_code(fault)
    yield from _of_effects(fault)
    if fault.begins:
        yield from _of_beginnings(fault)
    if fault.reason is not None:
        yield from _of_reason(fault, fault.reason)


def named_near(name: str, known: Sequence[str] | frozenset[str]) -> str:
    """Return `; did you mean A or B?` for names that are near, or an empty text."""
    near = get_close_matches(name, sorted(known), n=MAX_NAMES, cutoff=LEAST_LIKENESS)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _of_place(fault: FaultRule) -> Iterator[str]:
    known = _operations_of(fault.service)
    if known is None:
        services = "rekognition, s3, sts, iam, ssm, sns, events or scheduler"
        yield f"the emulator has no service {fault.service}; take one such as {services}"
    elif known and fault.operation not in (ANY_OPERATION, *known):
        name = "Custom Labels" if fault.service == REKOGNITION else f"this {fault.service}"
        near = named_near(fault.operation, known)
        advice = near or "; for another's, name its service, such as s3"
        yield f"{name} has no operation {fault.operation}{advice}"


def _operations_of(service: str) -> frozenset[str] | None:
    """Return the operations of a service; empty when any name will do, None when there is none."""
    if service == REKOGNITION:
        return OPERATIONS
    if service == "s3":
        return S3_OPERATIONS
    from moto.backend_index import backend_url_patterns  # the extra may be missing

    url = f"https://{service}.us-east-1.amazonaws.com/"
    if not any(re.match(pattern, url) for _, pattern in backend_url_patterns):
        return None
    model = model_of(service)
    return frozenset(model.operation_names) if model else frozenset()


def _of_numbers(fault: FaultRule) -> Iterator[str]:
    if not 0 <= fault.probability <= 1:
        yield f"probability is 0 to 1, not {fault.probability}"
    seconds = (fault.latency_seconds, fault.lasts_seconds or 0)
    if fault.after < 0 or not all(math.isfinite(one) and one >= 0 for one in seconds):
        yield "after, latency_seconds and lasts_seconds are finite and at least 0"
    if fault.times is not None and fault.times < 1:
        yield "times is at least 1, or null for ever"
    if fault.status and not LOWEST_ERROR_STATUS <= fault.status <= HIGHEST_ERROR_STATUS:
        yield f"status is that of an error, 400 to 599, not {fault.status}"


def _of_code(fault: FaultRule) -> Iterator[str]:
    if fault.code is None:
        return
    is_any = fault.operation == ANY_OPERATION
    own = frozenset().union(*map(modelled_errors, OPERATIONS if is_any else [fault.operation]))
    if fault.code in own | COMMON_CODES:
        return
    who = "no operation of Custom Labels" if is_any else f"{fault.operation} never"
    near = named_near(fault.code, own) or named_near(fault.code, COMMON_CODES)
    advice = near or f"; its own errors are {', '.join(sorted(own))}"
    yield f"{who} answers {fault.code}{advice}"


def _of_effects(fault: FaultRule) -> Iterator[str]:
    if fault.then not in (None, *MEDDLINGS):
        yield f"then is one of {', '.join(MEDDLINGS)}, not {fault.then!r}"
    if not (fault.strikes_call or fault.begins):
        yield (
            f"a rule of {fault.operation} without effect; add code, reset, latency_seconds, "
            "lasts_seconds, fails_later or then"
        )
    if fault.executed and not fault.loses_answer:
        yield "executed says that the work is done and its answer lost: add code or reset"
    if fault.code is None and (fault.message is not None or fault.status is not None):
        yield "message and status are those of an error: add its code"
    if fault.then is not None and not _may_meddle(fault):
        yield f"{fault.operation} names no version, so then has nothing to {fault.then}"


def _may_meddle(fault: FaultRule) -> bool:
    if fault.service != REKOGNITION:
        return False
    return fault.operation == ANY_OPERATION or names_a_version(fault.operation)


def _of_beginnings(fault: FaultRule) -> Iterator[str]:
    if fault.strikes_call or (fault.fails_later and fault.lasts_seconds is not None):
        yield (
            "the answer of a call, how long what it begins lasts, and that this ends badly, "
            "are a rule each"
        )
    member, beginners = (
        ("fails_later", FAILING_LATER) if fault.fails_later else ("lasts_seconds", LASTING)
    )
    if fault.service != REKOGNITION or fault.operation not in (ANY_OPERATION, *beginners):
        yield (
            f"{fault.operation} begins nothing that {member} could change; "
            f"these do: {', '.join(sorted(beginners))}"
        )


def _of_reason(fault: FaultRule, reason: str) -> Iterator[str]:
    if not fault.fails_later or fault.operation not in (ANY_OPERATION, "CreateProjectVersion"):
        yield "reason says why a training fails: it needs CreateProjectVersion and fails_later"
    if reason.startswith("ERROR_") and reason not in CONTENT_ERRORS:
        near = named_near(reason, frozenset(CONTENT_ERRORS))
        advice = near or f"; it fails with {', '.join(sorted(CONTENT_ERRORS))}, or any text"
        yield f"no training fails with {reason}{advice}"
