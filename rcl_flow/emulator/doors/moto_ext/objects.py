"""S3 as the emulated service sees it, read from moto's memory."""

from moto.s3.exceptions import AccessDeniedByLock, S3ClientError
from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends

from rcl_flow.emulator.data.objects import (
    FORBIDDEN_BUCKET,
    BucketFacts,
    ObjectForbiddenError,
    ObjectRef,
    ObjectUnavailableError,
)
from rcl_flow.emulator.doors.moto_ext.policies import is_denied

LOOKING = ("s3:GetBucketAcl", "s3:GetBucketLocation")
"""What the service must be allowed to do with a bucket to learn its owner and region."""


class MotoObjects:
    """The S3 of one account in one partition.

    A bucket's policy may deny access, and so does a bucket of another account while
    `MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS` is false.
    """

    def __init__(self, account: str, partition: str) -> None:
        """Look at `account`'s buckets, and at those of others as far as they let it."""
        self._account = account
        self._partition = partition

    def read(self, ref: ObjectRef) -> bytes:
        """Return the object's bytes."""
        action = "s3:GetObjectVersion" if ref.version else "s3:GetObject"
        self._require(action, ref.bucket, ref.key)
        try:
            key = self._s3().get_object(ref.bucket, ref.key, version_id=ref.version)
        except S3ClientError as error:
            raise ObjectUnavailableError(ref.bucket) from error
        if not isinstance(key, FakeKey):
            raise ObjectUnavailableError(f"{ref.bucket}/{ref.key}")
        return bytes(key.value)

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store `body`."""
        self._require("s3:PutObject", bucket, key)
        try:
            self._s3().put_object(bucket, key, body)
        except S3ClientError as error:
            raise ObjectUnavailableError(bucket) from error

    def bucket(self, name: str) -> BucketFacts | None:
        """Return the facts of a bucket, or None if there is none of that name."""
        try:
            found = self._bucket(name)
        except ObjectForbiddenError:
            return FORBIDDEN_BUCKET
        except ObjectUnavailableError:
            return None
        if any(self._denies(found, action, found.name) for action in LOOKING):
            return FORBIDDEN_BUCKET
        return BucketFacts(region=found.region_name, owner=found.account_id)

    def _require(self, action: str, bucket: str, key: str) -> None:
        if self._denies(self._bucket(bucket), action, f"{bucket}/{key}"):
            raise ObjectForbiddenError(f"{bucket}/{key}")

    def _denies(self, bucket: FakeBucket, action: str, path: str) -> bool:
        resource = f"arn:{self._partition}:s3:::{path}"
        return is_denied(bucket.policy, action, resource, account=self._account)

    def _bucket(self, name: str) -> FakeBucket:
        try:
            found: FakeBucket = self._s3().get_bucket(name)
        except AccessDeniedByLock as error:
            raise ObjectForbiddenError(name) from error
        except S3ClientError as error:
            raise ObjectUnavailableError(name) from error
        return found

    def _s3(self) -> S3Backend:
        regions = s3_backends[self._account]
        # moto before 5.0.13 had one backend for all partitions
        backend: S3Backend = regions[self._partition if self._partition in regions else "global"]
        return backend
