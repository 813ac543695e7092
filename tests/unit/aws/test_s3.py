"""Tests of the gateway to S3, against the emulator."""

from typing import TYPE_CHECKING

import pytest

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location, S3Object, parse_s3_uri
from rcl_flow.aws.session import AwsAccess, make_session, s3_client
from rcl_flow.errors import AwsRefusedError, BucketNotFoundError
from tests.unit.aws.conftest import BUCKET, Gateways

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def client_in(region: str) -> "S3Client":
    """Return a client of the emulator in that region."""
    access = AwsAccess(region, emulated=True)
    return s3_client(make_session(access), access)


@pytest.mark.parametrize("key", ["a.png", "a/b.png", "a b/ü?#.png"])
def test_parse_s3_uri_reads_what_a_location_writes(key: str) -> None:
    """A location's URI names the same location again."""
    location = S3Location(BUCKET, key)
    assert parse_s3_uri(location.uri) == location


@pytest.mark.parametrize("uri", ["", "a.png", "/s3/a", "s3://", "s3://bucket", "s3:///key"])
def test_parse_s3_uri_returns_none_when_it_names_no_object(uri: str) -> None:
    """A path, or a bucket without a key, is no object in S3."""
    assert parse_s3_uri(uri) is None


def test_get_returns_what_put_wrote(gateways: Gateways) -> None:
    """Bytes come back as they went."""
    location = S3Location(BUCKET, "a/b")
    gateways.s3.put(location, b"\x00\xff")
    assert gateways.s3.get(location) == b"\x00\xff"


@pytest.mark.parametrize(
    ("content", "first"), [(b"abcdef", b"abc"), (b"ab", b"ab"), (b"abc", b"abc"), (b"", b"")]
)
def test_get_returns_no_more_than_the_first_bytes(
    gateways: Gateways, content: bytes, first: bytes
) -> None:
    """A shorter object is returned whole, and an empty one is no error."""
    location = S3Location(BUCKET, "a/b")
    gateways.s3.put(location, content)
    assert gateways.s3.get(location, first_bytes=3) == first


def test_put_encrypts_with_the_key_when_one_is_given(gateways: Gateways) -> None:
    """The KMS key of the config reaches the object."""
    gateways.s3.put(S3Location(BUCKET, "a"), b"x", kms_key_id="key-1")
    head = gateways.s3_client.head_object(Bucket=BUCKET, Key="a")
    assert head["ServerSideEncryption"] == "aws:kms"
    assert head["SSEKMSKeyId"] == "key-1"


def test_get_names_the_code_when_the_object_is_missing(gateways: Gateways) -> None:
    """A missing object is a refusal with S3's own code."""
    with pytest.raises(AwsRefusedError) as caught:
        gateways.s3.get(S3Location(BUCKET, "nothing"))
    assert caught.value.code == "NoSuchKey"


def test_listings_find_every_object_below_the_prefix(gateways: Gateways) -> None:
    """More objects than one page holds are all found, and none beside the prefix.

    A listing that ends once there are too many asks for no further page.
    """
    for number in range(1001):
        gateways.s3_client.put_object(Bucket=BUCKET, Key=f"images/{number:04}", Body=b"ab")
    gateways.s3.put(S3Location(BUCKET, "other"), b"x")
    sizes = gateways.s3.sizes(BUCKET, "images/")
    assert len(sizes) == 1001
    assert set(sizes.values()) == {2}
    for most, listed in [(10, 1000), (999, 1000), (1000, 1001)]:
        assert len(gateways.s3.objects(BUCKET, "images/", most=most)) == listed


def test_objects_tells_size_and_etag_of_what_a_reader_gets(gateways: Gateways) -> None:
    """The tag in a listing is the one that comes with the bytes, and changes with them."""
    tags = set()
    for content in (b"ab", b"cd", b"cde"):
        gateways.s3.put(S3Location(BUCKET, "a/1"), content)
        (found,) = gateways.s3.objects(BUCKET, "a/", most=10).values()
        document = gateways.s3.get_document(S3Location(BUCKET, "a/1"))
        assert found == S3Object(len(content), document.etag)
        assert document.content == content
        tags.add(found.etag)
    assert len(tags) == 3


def test_delete_many_deletes_more_than_one_call_takes(gateways: Gateways) -> None:
    """Everything that is named goes, nothing else does, and what is gone does no harm."""
    keys = [f"images/{number:04}" for number in range(1001)]
    for key in [*keys, "kept"]:
        gateways.s3_client.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    gateways.s3.delete_many(BUCKET, [*keys, "never-there"])
    assert gateways.s3.sizes(BUCKET, "") == {"kept": 1}
    gateways.s3.delete_many(BUCKET, [])


def test_delete_many_raises_when_an_object_is_refused(gateways: Gateways) -> None:
    """S3 answers 200 with a list of what it did not delete; that is read."""

    def refuse(parsed: dict[str, object], **_: object) -> None:
        parsed["Errors"] = [{"Key": "a", "Code": "AccessDenied", "Message": "Access Denied"}]

    gateways.s3_client.meta.events.register("after-call.s3.DeleteObjects", refuse)
    try:
        with pytest.raises(AwsRefusedError, match="a in acme-images") as caught:
            gateways.s3.delete_many(BUCKET, ["a"])
    finally:
        gateways.s3_client.meta.events.unregister("after-call.s3.DeleteObjects", refuse)
    assert (caught.value.operation, caught.value.code) == ("DeleteObjects", "AccessDenied")


def test_bucket_exists_says_no_when_it_is_missing(gateways: Gateways) -> None:
    """A missing bucket is an answer, not an error."""
    assert gateways.s3.bucket_exists(BUCKET)
    assert not gateways.s3.bucket_exists("no-such-bucket")


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_create_bucket_makes_it_in_the_gateways_region(gateways: Gateways, region: str) -> None:
    """S3's special case for its first region is hidden here."""
    client = gateways.s3_client if region == "us-east-1" else client_in(region)
    S3(client, Caller(gateways.clock), region=region).create_bucket("fresh-bucket")
    location = client.get_bucket_location(Bucket="fresh-bucket")["LocationConstraint"]
    assert (location or "us-east-1") == region


def test_bucket_of_another_region_is_refused_before_anything_is_sent(gateways: Gateways) -> None:
    """Boto3 would follow it there, and the service would fail after the upload."""
    home = S3(client_in("eu-west-1"), Caller(gateways.clock), region="eu-west-1")
    home.create_bucket("far-bucket")
    assert home.bucket_exists("far-bucket")
    with pytest.raises(BucketNotFoundError, match="is in eu-west-1, and the config's region is us"):
        gateways.s3.bucket_exists("far-bucket")
