"""The gateway to S3: objects in, objects out, and whether a bucket is there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rcl_flow.aws.retry import Caller
from rcl_flow.errors import AwsRefusedError, BucketNotFoundError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import (
        GetObjectRequestTypeDef,
        ListObjectsV2RequestTypeDef,
        PutObjectRequestTypeDef,
    )

_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class S3Location:
    """A bucket and a key in it."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The s3:// URI."""
        return f"s3://{self.bucket}/{self.key}"


def parse_s3_uri(uri: str) -> S3Location | None:
    """Return what an s3:// URI names, or None when it is not one."""
    bucket, separator, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not separator or not bucket or not key:
        return None
    return S3Location(bucket, key)


class S3:
    """Objects and buckets, in the caller's own permissions."""

    def __init__(self, client: "S3Client", caller: Caller, *, region: str) -> None:
        """Send calls through `client`; new buckets are made in `region`."""
        self._client = client
        self._caller = caller
        self._region = region

    def bucket_exists(self, bucket: str) -> bool:
        """Say whether the bucket is there and the caller may use it.

        Raises:
            AwsRefusedError: the bucket is there but may not be used.
        """
        try:
            self._caller.call(self._client.head_bucket, Bucket=bucket)
        except AwsRefusedError as error:
            if error.code in {"404", "NoSuchBucket"}:
                return False
            if error.code in {"403", "301"}:
                raise BucketNotFoundError(
                    f"The bucket {bucket} may not be used from {self._region} (HTTP {error.code}).",
                    hint="It belongs to another account or region, or s3:ListBucket is missing.",
                    operation=error.operation,
                    code=error.code,
                    request_id=error.request_id,
                ) from error
            raise
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
        found: dict[str, int] = {}
        request: ListObjectsV2RequestTypeDef = {"Bucket": bucket, "Prefix": prefix}
        while True:
            page = self._caller.call(self._client.list_objects_v2, **request)
            found |= {entry["Key"]: entry["Size"] for entry in page.get("Contents", ())}
            token = page.get("NextContinuationToken")
            if not token:
                return found
            request["ContinuationToken"] = token

    def put(self, location: S3Location, content: bytes, *, kms_key_id: str | None = None) -> None:
        """Write an object, encrypted with `kms_key_id` where one is given.

        Raises:
            AwsRefusedError: not permitted, or no such bucket.
        """
        request: PutObjectRequestTypeDef = {
            "Bucket": location.bucket,
            "Key": location.key,
            "Body": content,
        }
        if kms_key_id is not None:
            request |= {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key_id}
        self._caller.call(self._client.put_object, **request)

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

    def _read(self, location: S3Location, first_bytes: int | None) -> bytes:
        request: GetObjectRequestTypeDef = {"Bucket": location.bucket, "Key": location.key}
        if first_bytes is not None:
            request["Range"] = f"bytes=0-{first_bytes - 1}"
        return self._client.get_object(**request)["Body"].read()
