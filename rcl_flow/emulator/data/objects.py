"""What the emulated service needs from S3, whatever stands behind it."""

from dataclasses import dataclass
from typing import Protocol


class ObjectUnavailableError(Exception):
    """The object or its bucket is missing, or may not be read or written."""


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """Where a bucket lies and whom it belongs to."""

    region: str
    owner: str


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """One object, or one version of it."""

    bucket: str
    key: str
    version: str | None = None


class ObjectStore(Protocol):
    """Access to S3 with the rights of the calling account."""

    def read(self, ref: ObjectRef) -> bytes:
        """Return the object's bytes.

        Raises:
            ObjectUnavailableError: There is no such object.
        """

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store `body`.

        Raises:
            ObjectUnavailableError: There is no such bucket.
        """

    def bucket(self, name: str) -> BucketFacts | None:
        """Return the facts of a bucket, or None if there is none of that name."""
