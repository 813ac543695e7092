"""Counting and refusing calls to S3, where the client sends them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from types_boto3_s3 import S3Client

EVENT = "before-call.s3"


@contextmanager
def counted(client: "S3Client") -> Iterator[Counter[str]]:
    """Count the calls of each operation in this block."""
    calls: Counter[str] = Counter()

    def count(model: "OperationModel", **_given: object) -> None:
        calls[model.name] += 1

    client.meta.events.register(EVENT, count)
    try:
        yield calls
    finally:
        client.meta.events.unregister(EVENT, count)


@contextmanager
def refused(client: "S3Client", operation: str) -> Iterator[None]:
    """Let every call of an operation be refused in this block, as a policy would."""

    def refuse(**_given: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)

    client.meta.events.register(f"{EVENT}.{operation}", refuse)
    try:
        yield
    finally:
        client.meta.events.unregister(f"{EVENT}.{operation}", refuse)
