"""Failures of obstore, told as botocore would have told them: one table decides what each means."""

import html
import re
from typing import Final

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

OPERATION: Final = "PutObject"
_ANSWER: Final = re.compile(
    r"status code: (?P<status>\d{3})(?P<reason>[^:]*):(?P<body>.*?)(?:\n\nDebug source:|\Z)",
    re.DOTALL,
)
_NOT_CONNECTED: Final = "kind: Connect"
_TIMED_OUT: Final = "kind: Timeout"
_MOVED: Final = "redirect without LOCATION"
_MOVED_STATUS: Final = 301


def as_botocore(error: Exception, endpoint_url: str) -> ClientError | BotoCoreError:
    """Return what botocore would have raised where obstore raised `error`.

    obstore tells the answer's status and document only within its text, which names the object
    and never a credential; nothing but what S3 said is kept of it.

    Args:
        error: of `obstore.put`.
        endpoint_url: where the put was sent to.
    """
    text = str(error)
    answer = _ANSWER.search(text)
    if answer is not None:
        status = int(answer["status"])
        return _refusal(status, answer["reason"].strip(), answer["body"])
    if _MOVED in text:
        return _refusal(_MOVED_STATUS, "", "<Code>PermanentRedirect</Code>")
    if _NOT_CONNECTED in text:
        return EndpointConnectionError(endpoint_url=endpoint_url)
    if _TIMED_OUT in text:
        return ReadTimeoutError(endpoint_url=endpoint_url)
    return ConnectionClosedError(endpoint_url=endpoint_url)


def _refusal(status: int, reason: str, body: str) -> ClientError:
    bucket = _element("BucketName", body)
    return ClientError(
        {
            "Error": {
                "Code": _element("Code", body) or str(status),
                "Message": _element("Message", body) or reason,
                **({"BucketName": bucket} if bucket else {}),  # type: ignore[typeddict-unknown-key]  # S3's own
            },
            "ResponseMetadata": {
                "RequestId": _element("RequestId", body),
                "HostId": _element("HostId", body),
                "HTTPStatusCode": status,
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        OPERATION,
    )


def _element(name: str, body: str) -> str:
    """Return the text of an element of S3's error document; empty without one."""
    found = re.search(f"<{name}>([^<]*)</{name}>", body)
    return html.unescape(found[1]) if found else ""
