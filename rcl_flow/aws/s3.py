"""The gateway to S3: objects in, objects out, and whether a bucket is there."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from rcl_flow.aws.bucket_answers import refused_bucket, require_region
from rcl_flow.aws.dates import answered_at
from rcl_flow.aws.eager import call_eagerly
from rcl_flow.aws.errors import Failure, classify, is_lost
from rcl_flow.aws.locations import S3Location, parse_s3_uri
from rcl_flow.aws.put_window import PutWindow
from rcl_flow.aws.puts import PlainPuts, Puts, put_request
from rcl_flow.aws.retry import Caller
from rcl_flow.errors import AwsRefusedError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import (
        GetObjectRequestTypeDef,
        ListObjectsV2RequestTypeDef,
        ObjectTypeDef,
        PutObjectOutputTypeDef,
        PutObjectRequestTypeDef,
    )

__all__ = ["S3", "S3Document", "S3Location", "S3Object", "parse_s3_uri"]

_DEFAULT_REGION: Final = "us-east-1"
_DELETED_AT_ONCE: Final = 1000
"""Source: S3 API reference, DeleteObjects (archived text, read 2026-11-23)."""


@dataclass(frozen=True, slots=True)
class S3Object:
    """What a listing says of an object."""

    size_bytes: int
    etag: str
    """Changes with the content, and only with it.

    Source: S3's `Object` type in the reference of AWS SDK for JavaScript v3 (read 2026-11-30).
    """


@dataclass(frozen=True, slots=True)
class S3Document:
    """An object's content and which writing of it was read."""

    content: bytes
    etag: str
    age_seconds: float
    """Since it was written, by S3's own clock, in whole seconds; never below 0."""


class S3:
    """Objects and buckets, in the caller's own permissions."""

    def __init__(
        self, client: "S3Client", caller: Caller, *, region: str, puts: Puts | None = None
    ) -> None:
        """Send calls through `client`, and objects through `puts` where it is given.

        New buckets are made in `region`.
        """
        self._client = client
        self._caller = caller
        self._region = region
        self._puts = puts or PlainPuts(client)
        self._window = PutWindow()

    @property
    def most_puts_at_once(self) -> int:
        """How many threads of puts are still faster than fewer."""
        return self._puts.most_at_once

    def bucket_exists(self, bucket: str) -> bool:
        """Say whether the bucket is there and the caller may use it.

        Raises:
            AwsRefusedError: the bucket is there but may not be used, or is in another region.
        """
        try:
            answer = self._caller.call(self._client.head_bucket, Bucket=bucket)
        except AwsRefusedError as error:
            if error.code in {"404", "NoSuchBucket"}:
                return False
            if error.code in {"403", "301"}:
                raise refused_bucket(bucket, self._region, error) from error
            raise
        require_region(bucket, answer["ResponseMetadata"]["HTTPHeaders"], self._region)
        return True

    def create_bucket(self, bucket: str) -> None:
        """Create `bucket` in the gateway's region.

        Raises:
            AwsRefusedError: the name is taken or not allowed.
        """
        if self._region == _DEFAULT_REGION:
            self._caller.call(self._client.create_bucket, Bucket=bucket)
        else:
            self._caller.call(
                self._client.create_bucket,
                Bucket=bucket,
                CreateBucketConfiguration={"LocationConstraint": self._region},  # type: ignore[typeddict-item]  # the stubs list today's regions
            )

    def sizes(self, bucket: str, prefix: str) -> dict[str, int]:
        """Return the size in bytes of every object below `prefix`, by key."""
        return {entry["Key"]: entry["Size"] for entry in self._list(bucket, prefix)}

    def objects(self, bucket: str, prefix: str, *, most: int) -> dict[str, S3Object]:
        """Return size and ETag of the objects below `prefix`, by key.

        Once there are more than `most`, no further page is asked for, and the rest is left out.

        Raises:
            AwsRefusedError: no such bucket, or not permitted.
        """
        found: dict[str, S3Object] = {}
        for entry in self._list(bucket, prefix, most):
            found[entry["Key"]] = S3Object(entry["Size"], entry["ETag"])
        return found

    def put(
        self,
        location: S3Location,
        content: bytes,
        *,
        kms_key_id: str | None = None,
        sha256: str | None = None,
    ) -> None:
        """Write an object, encrypted with `kms_key_id` where one is given.

        S3 holds what arrives against the content's SHA-256, whose hexadecimal digits are given
        where they are known already. After it has turned a put away, fewer are sent at once.

        Raises:
            AwsRefusedError: not permitted, or no such bucket.
        """
        digest = sha256 or hashlib.sha256(content).hexdigest()

        def put_object() -> None:
            with self._window.place():
                self._puts.put_object(location, content, sha256=digest, kms_key_id=kms_key_id)

        call_eagerly(self._caller, put_object)

    def get(self, location: S3Location, *, first_bytes: int | None = None) -> bytes:
        """Return an object's content, or no more than its first bytes.

        Raises:
            AwsRefusedError: no such object, or not permitted.
        """
        try:
            return self._caller.call(self._read, location, first_bytes)
        except AwsRefusedError as error:
            if error.code == "InvalidRange":  # an empty object has no first byte
                return b""
            raise

    def get_versioned(self, location: S3Location) -> S3Document | None:
        """Return an object with its ETag and age, or None when there is none.

        Raises:
            AwsRefusedError: not permitted, or no such bucket.
        """
        try:
            return self.get_document(location)
        except AwsRefusedError as error:
            if error.code != "NoSuchKey":
                raise
            return None

    def get_document(self, location: S3Location) -> S3Document:
        """Return an object with its ETag and age.

        Raises:
            AwsRefusedError: no such object, or not permitted.
        """
        return self._caller.call(self._read_versioned, location)

    def put_if_absent(self, location: S3Location, content: bytes) -> str | None:
        """Write a new object and return its ETag, or None, writing nothing, when there is one.

        Raises:
            AwsRefusedError: not permitted, or no such bucket.
        """
        request = put_request(location, content)
        request["IfNoneMatch"] = "*"
        return self._put_on_condition(request, location, content)

    def put_if_match(self, location: S3Location, content: bytes, etag: str) -> str | None:
        """Replace the object that has that ETag; None, writing nothing, when it is another.

        Raises:
            AwsRefusedError: not permitted, or no such bucket.
        """
        request = put_request(location, content)
        request["IfMatch"] = etag
        return self._put_on_condition(request, location, content)

    def delete(self, location: S3Location) -> None:
        """Delete an object, where there is one.

        Raises:
            AwsRefusedError: not permitted, or no such bucket.
        """
        self._caller.call(self._client.delete_object, Bucket=location.bucket, Key=location.key)

    def delete_many(self, bucket: str, keys: Sequence[str]) -> None:
        """Delete objects, a thousand with one call; keys that are not there do no harm.

        Raises:
            AwsRefusedError: an object could not be deleted; others may have been.
        """
        for start in range(0, len(keys), _DELETED_AT_ONCE):
            some = keys[start : start + _DELETED_AT_ONCE]
            answer = self._caller.call(
                self._client.delete_objects,
                Bucket=bucket,
                Delete={"Objects": [{"Key": key} for key in some], "Quiet": True},
            )
            for failed in answer.get("Errors", ()):
                code, message = failed.get("Code", "Unknown"), failed.get("Message", "")
                raise AwsRefusedError(
                    f"DeleteObjects: {failed.get('Key')} in {bucket}: {code}: {message}",
                    hint="Allow s3:DeleteObject for it, then run the same command again.",
                    operation="DeleteObjects",
                    code=code,
                )

    def _list(self, bucket: str, prefix: str, most: int | None = None) -> "Iterator[ObjectTypeDef]":
        """Yield what a listing says of each object; after `most` no further page is asked for."""
        listed = 0
        request: ListObjectsV2RequestTypeDef = {"Bucket": bucket, "Prefix": prefix}
        while most is None or listed <= most:
            page = self._caller.call(self._client.list_objects_v2, **request)
            entries = page.get("Contents", [])
            yield from entries
            listed += len(entries)
            token = page.get("NextContinuationToken")
            if not token:
                return
            request["ContinuationToken"] = token

    def _put_on_condition(
        self, request: "PutObjectRequestTypeDef", location: S3Location, content: bytes
    ) -> str | None:
        lost = False

        def put_object() -> "PutObjectOutputTypeDef":
            nonlocal lost
            try:
                return self._client.put_object(**request)
            except (ClientError, BotoCoreError) as error:
                lost = lost or is_lost(error)
                raise

        try:
            return self._caller.call(put_object)["ETag"]
        except AwsRefusedError as error:
            # after a lost answer our own write is what stands in the way of its repetition
            ours = self._etag_of(location, content) if lost else None
            if ours is None and not _is_conflict(error):
                raise
            return ours

    def _etag_of(self, location: S3Location, content: bytes) -> str | None:
        found = self.get_versioned(location)
        return found.etag if found and found.content == content else None

    def _read_versioned(self, location: S3Location) -> S3Document:
        answer = self._client.get_object(Bucket=location.bucket, Key=location.key)
        answered = answered_at(answer["ResponseMetadata"]["HTTPHeaders"])
        age = (answered - answer["LastModified"]).total_seconds() if answered else 0.0
        return S3Document(answer["Body"].read(), answer["ETag"], max(age, 0.0))

    def _read(self, location: S3Location, first_bytes: int | None) -> bytes:
        request: GetObjectRequestTypeDef = {"Bucket": location.bucket, "Key": location.key}
        if first_bytes is not None:
            request["Range"] = f"bytes=0-{first_bytes - 1}"
        return self._client.get_object(**request)["Body"].read()


def _is_conflict(error: AwsRefusedError) -> bool:
    """Say whether the condition did not hold: for a missing object `IfMatch` says NoSuchKey."""
    return classify(error) is Failure.CONFLICT or error.code == "NoSuchKey"
