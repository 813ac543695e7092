"""What the emulated service needs from S3, whatever stands behind it."""

from dataclasses import dataclass
from typing import Protocol


class ObjectUnavailableError(Exception):
    """The object or its bucket is missing, or may not be read or written."""


class ObjectForbiddenError(ObjectUnavailableError):
    """The object may be there, but it may not be read or written."""


@dataclass(frozen=True, slots=True)
class BucketFacts:
    """Where a bucket lies, which account it belongs to, and whether it may be looked at.

    A bucket that may not be looked at tells neither its region nor its owner.
    """

    region: str
    owner: str
    accessible: bool = True


FORBIDDEN_BUCKET = BucketFacts(region="", owner="", accessible=False)


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
            ObjectForbiddenError: It may not be read.
            ObjectUnavailableError: There is no such object.
        """

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store `body`.

        Raises:
            ObjectForbiddenError: It may not be written.
            ObjectUnavailableError: There is no such bucket.
        """

    def bucket(self, name: str) -> BucketFacts | None:
        """Return the facts of a bucket, or None if there is none of that name."""
