"""Tests of how obstore's failures are told, on texts as obstore 0.12.1 writes them."""

import pytest

from rcl_flow.aws.errors import Failure, classify
from rcl_flow.aws.fast_errors import as_botocore

ENDPOINT = "http://127.0.0.1:9"
DEBUG = '\n\nDebug source:\nGeneric {\n    store: "S3",\n    source: RetryError(%s),\n}'


def answer(status: str, body: str) -> Exception:
    """Return obstore's failure for an answer of S3."""
    head = f"Generic S3 error: Error performing PUT {ENDPOINT}/b/k in 1.2ms - "
    told = f"Server returned non-2xx status code: {status}: {body}"
    return RuntimeError(head + told + DEBUG % f"inner: Status {{ body: {body!r} }}")


def unsent(kind: str) -> Exception:
    """Return obstore's failure where no answer came."""
    head = f"Generic S3 error: Error performing PUT {ENDPOINT}/b/k in 1ms - HTTP error: error"
    return RuntimeError(head + " sending request" + DEBUG % f"kind: {kind},\n")


@pytest.mark.parametrize(
    ("status", "code", "failure"),
    [
        ("503 Service Unavailable", "SlowDown", Failure.THROTTLED),
        ("500 Internal Server Error", "InternalError", Failure.SERVER),
        ("404 Not Found", "NoSuchBucket", Failure.NOT_FOUND),
        ("403 Forbidden", "AccessDenied", Failure.DENIED),
        ("400 Bad Request", "ExpiredToken", Failure.CREDENTIALS),
        ("403 Forbidden", "SignatureDoesNotMatch", Failure.CREDENTIALS),
        ("400 Bad Request", "BadDigest", Failure.REFUSED),
    ],
)
def test_as_botocore_keeps_code_message_status_and_request(
    status: str, code: str, failure: Failure
) -> None:
    """All that S3 said is where botocore would have put it."""
    body = f"<Error>\n<Code>{code}</Code><Message>a &lt; b: c</Message><RequestId>R1</RequestId>"
    error = as_botocore(answer(status, body), ENDPOINT)
    told = getattr(error, "response", {})
    assert told["Error"] == {"Code": code, "Message": "a < b: c"}
    assert told["ResponseMetadata"]["HTTPStatusCode"] == int(status[:3])
    assert told["ResponseMetadata"]["RequestId"] == "R1"
    assert classify(error) is failure


@pytest.mark.parametrize(
    ("status", "failure"), [("503 Service Unavailable", Failure.SERVER), ("403 F", Failure.DENIED)]
)
def test_as_botocore_takes_the_status_for_the_code_without_a_document(
    status: str, failure: Failure
) -> None:
    """As botocore does; a load balancer on the way sends no document."""
    error = as_botocore(answer(status, ""), ENDPOINT)
    assert getattr(error, "response", {})["Error"]["Code"] == status[:3]
    assert classify(error) is failure


def test_as_botocore_names_a_bucket_of_another_region() -> None:
    """S3 answers with a redirect that names no place."""
    text = "Received redirect without LOCATION, this normally indicates an incorrectly configured"
    error = as_botocore(RuntimeError(text), ENDPOINT)
    assert getattr(error, "response", {})["Error"]["Code"] == "PermanentRedirect"
    assert classify(error) is Failure.REFUSED


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("Connect", "EndpointConnectionError"),
        ("Timeout", "ReadTimeoutError"),
        ("Request", "ConnectionClosedError"),
        ("Unknown", "ConnectionClosedError"),
    ],
)
def test_as_botocore_takes_all_else_for_a_lost_answer(kind: str, name: str) -> None:
    """A put that may have happened is made again; the endpoint is named, and nothing more."""
    error = as_botocore(unsent(kind), ENDPOINT)
    assert type(error).__name__ == name
    assert classify(error) is Failure.LOST
    assert "Debug" not in str(error)
