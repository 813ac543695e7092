"""An object that does not fit its checksum is not kept, as with S3."""

import base64
import hashlib
from binascii import crc32

import boto3
import pytest
from botocore.exceptions import ClientError

from rcl_flow.emulator.testing import emulated_aws

BODY = b"an image"
RIGHT = {
    "ChecksumSHA256": hashlib.sha256(BODY).digest(),
    "ChecksumSHA1": hashlib.sha1(BODY, usedforsecurity=False).digest(),
    "ChecksumCRC32": crc32(BODY).to_bytes(4, "big"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_an_object_that_was_damaged_is_refused(name: str) -> None:
    """By each checksum that a client may choose; what fits is kept."""
    with emulated_aws():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="acme")
        told = {name: base64.b64encode(RIGHT[name]).decode()}
        with pytest.raises(ClientError, match="you specified did not match") as caught:
            client.put_object(Bucket="acme", Key="damaged", Body=BODY[:-1], **told)  # type: ignore[arg-type]  # names of a table
        client.put_object(Bucket="acme", Key="whole", Body=BODY, **told)  # type: ignore[arg-type]  # names of a table
        kept = [entry["Key"] for entry in client.list_objects_v2(Bucket="acme")["Contents"]]
    assert caught.value.response["Error"]["Code"] == "BadDigest"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert kept == ["whole"]


def test_an_object_without_a_checksum_is_kept() -> None:
    """As S3 does, which makes one of its own."""
    with emulated_aws():
        client = boto3.client("s3", "us-east-1")
        client.create_bucket(Bucket="acme")
        client.put_object(Bucket="acme", Key="whole", Body=BODY)
        assert client.get_object(Bucket="acme", Key="whole")["Body"].read() == BODY
