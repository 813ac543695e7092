"""The service's wire protocol, AWS JSON 1.1: one HTTP request in, one answer out."""

import json
import logging
import secrets
from dataclasses import dataclass

from rcl_flow.emulator.api_models import service_model
from rcl_flow.emulator.conditions.executors import capture
from rcl_flow.emulator.conditions.fault_rule import MESSAGES
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.doors.validation import answer_problems, parse_request
from rcl_flow.emulator.errors import ApiError
from rcl_flow.emulator.operations import OPERATIONS
from rcl_flow.emulator.service.engine import Service
from rcl_flow.emulator.shapes import JsonObject

logger = logging.getLogger(__name__)

TARGET_PREFIX = "RekognitionService."
CONTENT_TYPE = "application/x-amz-json-1.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


def operation_of(target: str) -> str:
    """Return the operation that an `X-Amz-Target` header names."""
    return target.removeprefix(TARGET_PREFIX)


def is_ours(target: str) -> bool:
    """Say whether a target is an operation of Custom Labels."""
    return operation_of(target) in OPERATIONS


class ConnectionResetFault(Exception):  # noqa: N818  # asked for, not a mistake
    """A scripted fault breaks the connection: there is no answer."""


def handle(service: Service, target: str, body: bytes | str) -> Answer:
    """Answer one request, whatever happens.

    Raises:
        ConnectionResetFault: A scripted fault wants no answer.
    """
    outcome = capture(lambda: _carry_out(service, operation_of(target), body))
    error = outcome.exception()
    if error is None:
        return _answer(200, outcome.result())
    if isinstance(error, ApiError):
        return refusal(error)
    if isinstance(error, ConnectionResetFault):
        raise error
    logger.error("the emulator failed", exc_info=error, extra={"target": target})
    return refusal(ApiError("InternalServerError", "Internal server error", 500))


def refusal(error: ApiError) -> Answer:
    """Return the answer that tells a client of `error`."""
    body = {
        "__type": error.code,
        "Code": error.code,
        "Message": error.message,
        "Logref": secrets.token_hex(16),
    }
    return _answer(error.status, body, {"x-amzn-ErrorType": error.code})


def _carry_out(service: Service, operation: str, body: bytes | str) -> JsonObject:
    service.world.calls.record(operation)
    if operation not in OPERATIONS:
        known = operation in service_model().operation_names
        reason = "is not part of Custom Labels" if known else "is unknown"
        raise ApiError("UnknownOperationException", f"The operation {operation} {reason}.")
    _require_throughput(service, operation)
    request = parse_request(operation, _parse_body(body))
    fault = service.world.faults.take(operation)
    if fault is not None:
        return _strike(service, fault, operation, request)
    return _call(service, operation, request)


def _require_throughput(service: Service, operation: str) -> None:
    throughput, place = service.world.throughput, service.context.place
    if throughput is None:
        return
    now = service.world.clock.now()
    code = throughput.excess(place.account, place.region, operation, now=now)
    if code is not None:
        raise ApiError(code, MESSAGES[code])


def _strike(service: Service, fault: Fault, operation: str, request: JsonObject) -> JsonObject:
    service.world.clock.sleep(fault.latency_seconds)
    executed = fault.executed or not fault.loses_answer
    answer = _call(service, operation, request) if executed else {}
    if fault.then is not None:
        service.meddle(fault.then, request, answer)
    if fault.reset:
        raise ConnectionResetFault(operation)
    if fault.code is not None:
        raise ApiError(fault.code, fault.text, fault.http_status)
    return answer


def _call(service: Service, operation: str, request: JsonObject) -> JsonObject:
    answer = service.call(operation, request)
    problems = answer_problems(operation, answer)
    if problems:
        raise RuntimeError(f"{operation} answers what the model does not allow: {problems}")
    return answer


def _parse_body(body: bytes | str) -> object:
    try:
        return json.loads(body or b"{}", parse_constant=_refuse_constant)
    except ValueError as error:
        raise ApiError("SerializationException", "The request is not valid JSON.") from error


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _answer(status: int, body: JsonObject, headers: dict[str, str] | None = None) -> Answer:
    fixed = {"Content-Type": CONTENT_TYPE, "x-amzn-RequestId": secrets.token_hex(16)}
    return Answer(status, {**fixed, **(headers or {})}, json.dumps(body).encode())
