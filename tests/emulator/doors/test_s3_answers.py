"""S3 as the emulator answers it: on the emulator's clock, with AWS's regions and encryption."""

import http.client
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from moto.moto_api._internal.models import moto_api_backend

from rcl_flow.emulator.conditions.clock import ManualClock, as_datetime
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.doors.call_names import bucket_and_key
from rcl_flow.emulator.doors.moto_ext import uninstall
from rcl_flow.emulator.embedded import local_session
from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import running_emulator
from tests.emulator.builders import BUCKET, refused

EUROPE = "eu-west-1"
Emulator = tuple[Any, World]
"""A boto3 session, of which any client is asked anything, and the world behind it."""


def embedded() -> Iterator[Emulator]:
    """Return an embedded session and its world."""
    world = World(clock=ManualClock())
    yield local_session(world), world
    moto_api_backend.reset()
    uninstall()


def served() -> Iterator[Emulator]:
    """Return a session on an emulator over HTTP, and its world."""
    with running_emulator(EmulatorSettings(clock="manual")) as box:
        yield box.session, box.world


@pytest.fixture(params=[embedded, served], ids=lambda way: way.__name__)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """Return a session and a world whose clock stands still, by either way in."""
    yield from request.param()


def age_seconds(answer: Any) -> float:  # noqa: ANN401  # botocore's answer
    """Return how old S3 says an object is: its own time, less the object's."""
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    written: datetime = answer["LastModified"]
    return (now - written).total_seconds()


def test_objects_age_with_the_emulator_s_clock(emulator: Emulator) -> None:
    """Date and Last-Modified are of one clock, so that a lease expires when that one says so."""
    session, world = emulator
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="a lease/ü.json", Body=b"1")
    assert age_seconds(s3.get_object(Bucket=BUCKET, Key="a lease/ü.json")) == 0
    world.clock.advance(3600)
    found = s3.head_object(Bucket=BUCKET, Key="a lease/ü.json")
    assert age_seconds(found) == 3600
    (listed,) = s3.list_objects_v2(Bucket=BUCKET)["Contents"]
    assert listed["LastModified"] == found["LastModified"]
    s3.put_object(Bucket=BUCKET, Key="a lease/ü.json", Body=b"2")
    found = s3.get_object(Bucket=BUCKET, Key="a lease/ü.json")
    assert age_seconds(found) == 0
    assert found["LastModified"] == as_datetime(world.clock.now())


def test_every_answer_tells_the_time(emulator: Emulator) -> None:
    """A refused condition and a missing object have a Date too."""
    session, world = emulator
    s3 = session.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"1", IfNoneMatch="*")
    world.clock.advance(60)
    for call, more in ((s3.put_object, {"IfNoneMatch": "*"}), (s3.get_object, {"Key": "none"})):
        with pytest.raises(s3.exceptions.ClientError) as caught:
            call(**{"Bucket": BUCKET, "Key": "k", **more})
        date = caught.value.response["ResponseMetadata"]["HTTPHeaders"]["date"]
        assert parsedate_to_datetime(date) == as_datetime(world.clock.now())


def test_conditional_writes_have_one_winner(emulator: Emulator) -> None:
    """A write that expects another state of the object is refused and changes nothing."""
    s3 = emulator[0].client("s3")
    s3.create_bucket(Bucket=BUCKET)
    first = s3.put_object(Bucket=BUCKET, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    again = refused(s3.put_object, Bucket=BUCKET, Key="k", Body=b"2", IfNoneMatch="*")
    assert again[0] == "PreconditionFailed"
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"3", IfMatch=first)
    stale = refused(s3.put_object, Bucket=BUCKET, Key="k", Body=b"4", IfMatch=first)
    assert stale[0] == "PreconditionFailed"
    missing = refused(s3.put_object, Bucket=BUCKET, Key="no", Body=b"4", IfMatch=first)
    assert missing[0] == "NoSuchKey"
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"3"


def test_bucket_elsewhere_tells_its_region(emulator: Emulator) -> None:
    """A client of another region is told where the bucket is."""
    session, _ = emulator
    there = session.client("s3", region_name=EUROPE)
    there.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": EUROPE})
    here = session.client("s3")
    assert here.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == EUROPE
    assert here.head_bucket(Bucket=BUCKET)["BucketRegion"] == EUROPE


def test_head_from_another_region_is_a_redirect() -> None:
    """Programs that follow no redirects see 301 and the region, as on AWS."""
    with running_emulator() as box:
        there = box.client("s3", region_name=EUROPE)
        there.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": EUROPE})
        seen = {region: head(box.endpoint_url, region) for region in ("us-east-1", EUROPE)}
    assert seen == {"us-east-1": (301, EUROPE), EUROPE: (200, EUROPE)}


def head(endpoint_url: str, region: str) -> tuple[int, str | None]:
    """Return the status and the region header of a HEAD that is signed for a region."""
    scope = f"AKIAEMULATOREMULATOR/20260101/{region}/s3/aws4_request"
    signed = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"
    connection = http.client.HTTPConnection(urlsplit(endpoint_url).netloc, timeout=10)
    connection.request("HEAD", f"/{BUCKET}", headers={"Authorization": signed})
    answer = connection.getresponse()
    found = answer.status, answer.headers["x-amz-bucket-region"]
    connection.close()
    return found


def test_new_bucket_is_encrypted_and_has_an_owner(emulator: Emulator) -> None:
    """Since 2023 every bucket has a default encryption; its ACL names one owner."""
    s3 = emulator[0].client("s3")
    s3.create_bucket(Bucket=BUCKET)
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    chosen = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/images"}
    s3.put_bucket_encryption(
        Bucket=BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": chosen}]
        },
    )
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == chosen
    acl = s3.get_bucket_acl(Bucket=BUCKET)
    assert [grant["Grantee"]["ID"] for grant in acl["Grants"]] == [acl["Owner"]["ID"]]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://s3.us-east-1.amazonaws.com/", ("", "")),
        ("https://s3.us-east-1.amazonaws.com/pics", ("pics", "")),
        ("https://s3.us-east-1.amazonaws.com/pics/a/b%20c?x=1", ("pics", "a/b%20c")),
        ("https://pics.s3.amazonaws.com/a/b", ("pics", "a/b")),
        ("https://my.pics.s3.eu-west-1.amazonaws.com/a//b", ("my.pics", "a//b")),
    ],
)
def test_bucket_and_key_of_a_url(url: str, found: tuple[str, str]) -> None:
    """They are found in the host and in the path."""
    assert bucket_and_key(url) == found
