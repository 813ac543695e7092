"""The service and the operation that a request to AWS means, for those that are not ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qs, urlsplit

from rcl_flow.emulator.api_models import rest_operation
from rcl_flow.emulator.s3_names import (
    BUCKET_METHODS,
    BUCKET_QUERIES,
    OBJECT_METHODS,
    OBJECT_QUERIES,
)

QUERY_PROTOCOLS = "Action"
UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class NamedCall:
    """One call: `s3` and `PutObject`, or `sts` and `GetCallerIdentity`."""

    service: str
    operation: str


def service_name(url: str) -> str:
    """Return the service that a URL's host names: `s3` also for `bucket.s3.amazonaws.com`."""
    parts = urlsplit(url).netloc.split(".")
    return "s3" if "s3" in parts[:2] else parts[0]


def named_call(
    method: str, url: str, headers: "Mapping[str, str] | Message[str, str]", body: bytes
) -> NamedCall:
    """Return what a request means; an operation that cannot be told is `Unknown`.

    Args:
        method: The HTTP method.
        url: On the service's own host.
        headers: Of the request.
        body: Of the request.
    """
    service = service_name(url)
    if service == "s3":
        return NamedCall(
            service, _s3_operation(method, url, bool(headers.get("x-amz-copy-source", "")))
        )
    if target := headers.get("X-Amz-Target", ""):
        return NamedCall(service, str(target).rpartition(".")[2])
    by_path = rest_operation(service, method, urlsplit(url).path)
    if by_path is not None:
        return NamedCall(service, by_path)
    texts = (urlsplit(url).query, body.decode("latin-1"))
    found = [parse_qs(text).get(QUERY_PROTOCOLS, [UNKNOWN])[0] for text in texts]
    return NamedCall(service, next((name for name in found if name != UNKNOWN), UNKNOWN))


def bucket_and_key(url: str) -> tuple[str, str]:
    """Return the bucket and the key, as they are quoted, that a URL of S3 names; each may be empty.

    Args:
        url: With the bucket in its host or in its path.
    """
    parts = urlsplit(url)
    path = parts.path.removeprefix("/")
    if not parts.netloc.startswith("s3."):
        return parts.netloc.partition(".s3")[0], path
    bucket, _, key = path.partition("/")
    return bucket, key


def _s3_operation(method: str, url: str, copies: bool) -> str:
    query = parse_qs(urlsplit(url).query, keep_blank_values=True)
    bucket, key = bucket_and_key(url)
    if not bucket:
        return "ListBuckets"
    if not key:
        return _by_query(method, query, BUCKET_QUERIES, BUCKET_METHODS)
    methods = {**OBJECT_METHODS, "PUT": "CopyObject"} if copies else OBJECT_METHODS
    return _by_query(method, query, OBJECT_QUERIES, methods)


def _by_query(
    method: str,
    query: Mapping[str, list[str]],
    queries: Mapping[tuple[str, str], str],
    methods: Mapping[str, str],
) -> str:
    """Return the operation of the first known parameter of a query, or that of the method."""
    named = (
        operation for (verb, name), operation in queries.items() if verb == method and name in query
    )
    return next(named, methods.get(method, UNKNOWN))
