"""A boto3 session whose clients never leave the process, with nothing patched for anybody else."""

import io
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.dispatch import Request, answer
from rcl_flow.emulator.doors.moto_ext import install
from rcl_flow.emulator.doors.wire import ConnectionResetFault
from rcl_flow.emulator.sessions import isolated_session
from rcl_flow.emulator.settings import DEFAULT_REGION


class _Body(io.BytesIO):
    """An answer's body as botocore reads it."""

    def stream(self, amt: int = 65536, **_: object) -> Any:  # noqa: ANN401  # urllib3's interface
        while chunk := self.read(amt):
            yield chunk


def local_session(world: World | None = None, *, region: str = DEFAULT_REGION) -> boto3.Session:
    """Return a session on an emulator of its own process, which starts empty.

    The user's profile, credentials and endpoints have no influence on it. moto's memory is one per
    process, so a second call empties the first session's Rekognition, but not its S3.
    """
    install(world or World())
    session = isolated_session(region)
    handler: Any = _answer_here
    # one handler only: botocore runs them all, and a second answer would be executed in vain
    session.events.register("before-send", handler)
    return session


def _answer_here(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    body: Any = request.body or b""
    content = body.read() if hasattr(body, "read") else body
    url, headers = str(request.url), HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value.decode() if isinstance(value, bytes) else value
    try:
        found = answer(Request(str(request.method), url, headers, _as_bytes(content)))
    except ConnectionResetFault as fault:
        raise ConnectionClosedError(endpoint_url=url) from fault
    raw: Any = _Body(b"" if request.method == "HEAD" else found.body)
    answered: Any = found.headers
    return AWSResponse(url, found.status, answered, raw)


def _as_bytes(content: bytes | bytearray | str) -> bytes:
    return content.encode() if isinstance(content, str) else bytes(content)
