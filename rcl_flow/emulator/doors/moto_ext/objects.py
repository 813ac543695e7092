"""S3 as the emulated service sees it, read from moto's memory."""

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeKey, S3Backend, s3_backends

from rcl_flow.emulator.data.objects import BucketFacts, ObjectRef, ObjectUnavailableError


class MotoObjects:
    """The S3 of one account in one partition."""

    def __init__(self, account: str, partition: str) -> None:
        """Look at `account`'s buckets, and at those of others as far as moto lets it."""
        self._account = account
        self._partition = partition

    def read(self, ref: ObjectRef) -> bytes:
        """Return the object's bytes."""
        try:
            key = self._s3().get_object(ref.bucket, ref.key, version_id=ref.version)
        except S3ClientError as error:
            raise ObjectUnavailableError(ref.bucket) from error
        if not isinstance(key, FakeKey):
            raise ObjectUnavailableError(f"{ref.bucket}/{ref.key}")
        return bytes(key.value)

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store `body`."""
        try:
            self._s3().put_object(bucket, key, body)
        except S3ClientError as error:
            raise ObjectUnavailableError(bucket) from error

    def bucket(self, name: str) -> BucketFacts | None:
        """Return the facts of a bucket, or None if there is none of that name."""
        try:
            found = self._s3().get_bucket(name)
        except S3ClientError:
            return None
        return BucketFacts(region=found.region_name, owner=found.account_id)

    def _s3(self) -> S3Backend:
        regions = s3_backends[self._account]
        # moto before 5.0.13 had one backend for all partitions
        backend: S3Backend = regions[self._partition if self._partition in regions else "global"]
        return backend
