"""The way of every request that comes through a door of ours: to the wire, or to moto."""

import json
import logging
import re
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError
from moto.core.botocore_stubber import BotocoreStubber
from moto.iam.models import get_account_id_from

from rcl_flow.emulator.api_models import speaks_json
from rcl_flow.emulator.conditions.executors import capture
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.doors.call_names import NamedCall, named_call, service_name
from rcl_flow.emulator.doors.moto_ext.authorization import policies_are_enforced
from rcl_flow.emulator.doors.moto_ext.models import RclBackend, service_of
from rcl_flow.emulator.doors.s3_answers import as_aws_answers
from rcl_flow.emulator.doors.wire import Answer, ConnectionResetFault, handle, is_ours, refusal
from rcl_flow.emulator.errors import ApiError

logger = logging.getLogger(__name__)

ACCESS_KEY = re.compile(r"Credential=([A-Z0-9]{20})/")
REKOGNITION_HOST = re.compile(r"rekognition\.([a-z0-9-]+)\.amazonaws\.com")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request to AWS; `url` names the service's own host."""

    method: str
    url: str
    headers: "Message[str, str]"
    body: bytes


def answer(request: Request) -> Answer:
    """Answer one request, whatever happens.

    Raises:
        ConnectionResetFault: A scripted fault wants no answer.
    """
    target = request.headers.get("X-Amz-Target", "")
    host = REKOGNITION_HOST.match(urlsplit(request.url).netloc)
    if host and is_ours(target):
        if policies_are_enforced():
            # only moto knows who asks, and what that one may do
            return _ask_moto_safely(request)
        return _ask_engine(request, host[1], target)
    faults = RclBackend.world.faults
    if not faults.concern(service_name(request.url)):
        return _ask_moto_safely(request)
    named = named_call(request.method, request.url, request.headers, request.body)
    fault = faults.take(named.operation, named.service)
    return _ask_moto_safely(request) if fault is None else _strike(fault, named, request)


def _strike(fault: Fault, named: NamedCall, request: Request) -> Answer:
    RclBackend.world.clock.sleep(fault.latency_seconds)
    executed = fault.executed or not fault.loses_answer
    found = _ask_moto_safely(request) if executed else None
    if fault.reset:
        raise ConnectionResetFault(named.operation)
    if fault.code is None and found is not None:
        return found
    return _unexpected(request, ApiError(str(fault.code), fault.text, fault.http_status))


def _ask_moto_safely(request: Request) -> Answer:
    outcome = capture(lambda: _ask_moto(request))
    error = outcome.exception()
    if error is None:
        return outcome.result()
    if isinstance(error, ConnectionClosedError):
        raise ConnectionResetFault(request.url) from error
    if isinstance(error, NotImplementedError | ImportError):
        text = f"The emulator cannot do this: {error or type(error).__name__}."
        return _unexpected(request, ApiError("NotImplementedException", text, 501))
    return _moto_failed(request, error)


def _moto_failed(request: Request, error: BaseException) -> Answer:
    logger.error("moto failed", exc_info=error, extra={"url": request.url})
    return _unexpected(request, ApiError("InternalServerError", f"moto failed: {error!r}", 500))


def _ask_engine(request: Request, region: str, target: str) -> Answer:
    outcome = capture(lambda: service_of(_account(request), region))
    error = outcome.exception()
    if error is None:
        return handle(outcome.result(), target, request.body)
    return refusal(error) if isinstance(error, ApiError) else _moto_failed(request, error)


def _account(request: Request) -> str:
    key = ACCESS_KEY.search(request.headers.get("Authorization", ""))
    return str(get_account_id_from(key[1] if key else ""))


def _ask_moto(request: Request) -> Answer:
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value
    found = BotocoreStubber().process_request(
        AWSPreparedRequest(request.method, request.url, headers, request.body, False)
    )
    if found is None:
        raise NotImplementedError(urlsplit(request.url).netloc)
    status, answered, body = found
    answered_by_moto = Answer(
        int(status),
        {str(name): str(value) for name, value in dict(answered).items()},
        body.encode() if isinstance(body, str) else bytes(body),
    )
    if service_name(request.url) != "s3":
        return answered_by_moto
    return _as_of_s3(request, answered_by_moto)


def _as_of_s3(request: Request, found: Answer) -> Answer:
    operation = named_call(request.method, request.url, request.headers, b"").operation
    now = RclBackend.world.clock.now()
    return as_aws_answers(found, operation, request.url, account=_account(request), now=now)


def _unexpected(request: Request, error: ApiError) -> Answer:
    if "X-Amz-Target" in request.headers:
        return refusal(error)
    kind = request.headers.get("Content-Type", "")
    if "json" in kind or speaks_json(service_name(request.url)):
        body = json.dumps({"__type": error.code, "message": error.message})
        return Answer(error.status, {"Content-Type": "application/json"}, body.encode())
    text = error.message.replace("&", "&amp;").replace("<", "&lt;")
    inner = f"<Code>{error.code}</Code><Message>{text}</Message>"
    # S3 reads the inner element as its root, the query protocols look for it below a root
    is_s3 = service_name(request.url) == "s3"
    body = f"<Error>{inner}</Error>"
    document = body if is_s3 else f"<ErrorResponse>{body}</ErrorResponse>"
    return Answer(error.status, {"Content-Type": "text/xml"}, document.encode())
