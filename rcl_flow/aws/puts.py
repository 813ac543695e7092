"""Putting one object, once: what every way of doing it has in common, and boto3's way."""

import base64
from typing import TYPE_CHECKING, Final, Protocol

from rcl_flow.aws.locations import S3Location

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import PutObjectRequestTypeDef

MOST_PLAIN_PUTS: Final = 32
"""More threads of boto3 only wait for one another: signing and sending is Python."""


class Puts(Protocol):
    """A way of putting objects; it sends each exactly once and raises what botocore would."""

    @property
    def most_at_once(self) -> int:
        """How many puts at once are still faster than fewer."""

    def put_object(
        self, location: S3Location, content: bytes, *, sha256: str, kms_key_id: str | None
    ) -> None:
        """Write an object, whose content S3 holds against a checksum before it keeps it.

        Args:
            location: where.
            content: what.
            sha256: the content's digest, in hexadecimal digits.
            kms_key_id: the key that it is encrypted with; None for the bucket's own setting.

        Raises:
            botocore.exceptions.ClientError: S3 refused it, with `BadDigest` when it was damaged.
            botocore.exceptions.BotoCoreError: it could not be sent, or no answer came.
        """


class PlainPuts:
    """Puts objects with boto3, which is always there."""

    most_at_once = MOST_PLAIN_PUTS

    def __init__(self, client: "S3Client") -> None:
        """Send through `client`."""
        self._client = client

    def put_object(
        self, location: S3Location, content: bytes, *, sha256: str, kms_key_id: str | None
    ) -> None:
        """Write an object; see `Puts`."""
        request = put_request(location, content)
        request["ChecksumSHA256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
        if kms_key_id is not None:
            request["ServerSideEncryption"], request["SSEKMSKeyId"] = "aws:kms", kms_key_id
        self._client.put_object(**request)


def put_request(location: S3Location, content: bytes) -> "PutObjectRequestTypeDef":
    """Return the request that puts an object."""
    return {"Bucket": location.bucket, "Key": location.key, "Body": content}
