"""Tests of both ways of putting, against the emulator over HTTP: neither can be told by its errors.

Each promise is kept by boto3 and by obstore.
"""

import hashlib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from rcl_flow.aws.fast_puts import FastPuts, Threads
from rcl_flow.aws.puts import MOST_PLAIN_PUTS, PlainPuts
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.aws.s3_gateway import make_s3_gateway
from rcl_flow.aws.session import AwsAccess, make_session, s3_client
from rcl_flow.emulator.box import CustomLabels
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.testing import running_emulator
from rcl_flow.errors import AwsRefusedError, AwsUnreachableError
from tests.unit.aws.conftest import BUCKET
from tests.unit.aws.heard import Heard, listening
from tests.unit.clocks import FakeClock

PLACE = S3Location(BUCKET, "rcl-flow/images/ab/ab.png")
CONTENT = b"\x00\xffimage"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
DIGEST_BASE64 = "iHRvv/k1jkaTH+A/hm6dEw+0yiMwscgV8nVqkqL2cK8="
OTHERS_DIGEST = hashlib.sha256(b"other").hexdigest()


@dataclass(frozen=True)
class Ways:
    """An emulator, and a gateway for each way of putting."""

    box: CustomLabels
    plain: S3
    fast: S3
    clock: FakeClock

    @property
    def both(self) -> tuple[S3, S3]:
        """Boto3's way first."""
        return self.plain, self.fast


def gateway(access: AwsAccess, clock: FakeClock, *, is_fast: bool) -> S3:
    """Return a gateway that puts in that way."""
    session = make_session(access)
    client = s3_client(session, access)
    puts = FastPuts(session, client) if is_fast else PlainPuts(client)
    return S3(client, Caller(clock), region=access.region, puts=puts)


@pytest.fixture(scope="module")
def opened() -> Iterator[Ways]:
    """Return the emulator of all tests here, with its bucket."""
    with running_emulator() as box:
        access = AwsAccess("us-east-1", endpoint_url=box.endpoint_url, emulated=True)
        clock = FakeClock()
        plain, fast = (gateway(access, clock, is_fast=is_fast) for is_fast in (False, True))
        plain.create_bucket(BUCKET)
        yield Ways(box, plain, fast, clock)


@pytest.fixture
def ways(opened: Ways) -> Ways:
    """Return both ways into an empty bucket, with no faults in force."""
    opened.box.faults.clear()
    opened.clock.sleeps.clear()
    opened.plain.delete_many(BUCKET, list(opened.plain.sizes(BUCKET, "")))
    return opened


def failures(ways: Ways, put: Callable[[S3], None]) -> list[AwsRefusedError]:
    """Return how each way fails."""
    found = []
    for way in ways.both:
        with pytest.raises(AwsRefusedError) as caught:
            put(way)
        found.append(caught.value)
    return found


def heard_of(*, is_fast: bool, kms_key_id: str | None = None) -> Heard:
    """Return the request that a put sends."""
    with listening() as ear:
        access = AwsAccess("eu-west-1", endpoint_url=ear.endpoint_url, emulated=True)
        gateway(access, FakeClock(), is_fast=is_fast).put(PLACE, CONTENT, kms_key_id=kms_key_id)
    (request,) = ear.requests
    return request


@pytest.mark.parametrize("key", [PLACE.key, "a b/ü?#%41.png", "a//b", "a/./b"])
def test_put_writes_the_object_whatever_its_key(ways: Ways, key: str) -> None:
    """A key that clients could write differently into a URL is left to boto3."""
    for way in ways.both:
        way.put(S3Location(BUCKET, key), CONTENT)
        assert ways.plain.get(S3Location(BUCKET, key)) == CONTENT
        assert ways.plain.sizes(BUCKET, "") == {key: len(CONTENT)}
        ways.plain.delete(S3Location(BUCKET, key))


def test_put_writes_empty_and_large_objects(ways: Ways) -> None:
    """In one request each: parts would need another permission, and could be left behind."""
    large = bytes(6 * 1024 * 1024)
    for way in ways.both:
        way.put(PLACE, b"")
        way.put(S3Location(BUCKET, "large"), large)
        assert ways.plain.sizes(BUCKET, "") == {PLACE.key: 0, "large": len(large)}


def test_put_encrypts_with_the_key_when_one_is_given(ways: Ways) -> None:
    """And leaves it to the bucket without one."""
    for way in ways.both:
        way.put(PLACE, CONTENT, kms_key_id="key-1")
        head = ways.box.client("s3").head_object(Bucket=BUCKET, Key=PLACE.key)
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", "key-1")
        way.put(PLACE, CONTENT)
        assert "SSEKMSKeyId" not in ways.box.client("s3").head_object(Bucket=BUCKET, Key=PLACE.key)


@pytest.mark.parametrize("is_fast", [False, True])
def test_put_sends_one_request_with_the_contents_sha256(is_fast: bool) -> None:
    """S3 verifies what arrives; nobody waits for leave to send it, and it says who sends."""
    request = heard_of(is_fast=is_fast, kms_key_id="key-1")
    assert request.line == f"PUT /{BUCKET}/{PLACE.key} HTTP/1.1"
    assert request.body == CONTENT
    assert request.headers["x-amz-checksum-sha256"] == DIGEST_BASE64
    assert request.headers["x-amz-content-sha256"] == DIGEST
    assert request.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "key-1"
    assert "/eu-west-1/s3/aws4_request" in request.headers["authorization"]
    assert "rcl-flow" in request.headers["user-agent"]
    assert "expect" not in request.headers


def test_put_is_refused_when_the_content_was_damaged(ways: Ways) -> None:
    """What does not fit its checksum is not kept."""
    with pytest.raises(AwsRefusedError) as caught:
        ways.plain.put(PLACE, CONTENT, sha256=OTHERS_DIGEST)
    assert caught.value.code == "BadDigest"
    assert ways.plain.sizes(BUCKET, "") == {}


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("AccessDenied", "aws-refused"),
        ("ExpiredToken", "aws-credentials"),
        ("InvalidAccessKeyId", "aws-credentials"),
        ("NoSuchBucket", "bucket-not-found"),
        ("KMS.DisabledException", "aws-refused"),
    ],
)
def test_put_tells_a_refusal_in_the_same_words(ways: Ways, code: str, slug: str) -> None:
    """Slug, code, message and hint: nobody has to know how it was sent."""
    ways.box.fail("PutObject", code, times=None, service="s3", status=403, message="a <b> & c")
    plain, fast = failures(ways, lambda way: way.put(PLACE, CONTENT))
    assert plain.slug == slug
    assert (type(fast), fast.slug, fast.code, str(fast), fast.hint) == (
        type(plain),
        plain.slug,
        plain.code,
        str(plain),
        plain.hint,
    )
    assert ways.clock.sleeps == []


def test_put_tells_of_a_bucket_that_is_not_there(ways: Ways) -> None:
    """With the emulator's own answer."""
    plain, fast = failures(ways, lambda way: way.put(S3Location("no-bucket", "k"), CONTENT))
    assert {plain.slug, fast.slug} == {"bucket-not-found"}
    assert str(plain) == str(fast)
    assert "(no-bucket)" in str(fast)
    assert str(plain) == str(fast)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("PutObject", code="SlowDown", times=2, service="s3"),
        Fault("PutObject", code="InternalError", times=2, executed=True, service="s3"),
        Fault("PutObject", reset=True, times=2, service="s3"),
    ],
)
def test_put_is_repeated_by_the_one_policy(ways: Ways, fault: Fault) -> None:
    """Each failure is one sleep on our clock; neither library repeats anything behind our back."""
    for way in ways.both:
        ways.clock.sleeps.clear()
        ways.box.faults.add(fault)
        way.put(PLACE, CONTENT)
        assert len(ways.clock.sleeps) == 2
        assert ways.plain.get(PLACE) == CONTENT


def test_put_is_unreachable_when_nothing_answers() -> None:
    """By both ways, and after one that went well as before any."""
    with listening() as ear:
        access = AwsAccess("us-east-1", endpoint_url=ear.endpoint_url, emulated=True)
        both = [gateway(access, FakeClock(), is_fast=is_fast) for is_fast in (False, True)]
        both[1].put(PLACE, CONTENT)
        both.append(gateway(access, FakeClock(), is_fast=True))
    for way in both:
        with pytest.raises(AwsUnreachableError, match="Could not connect") as caught:
            way.put(PLACE, CONTENT)
        assert caught.value.slug == "aws-unreachable"


def test_a_failure_names_no_credential_and_nothing_of_obstores(ways: Ways) -> None:
    """Not even where somebody prints the whole chain of errors."""
    ways.box.fail("PutObject", "AccessDenied", times=None, service="s3")
    (_, fast) = failures(ways, lambda way: way.put(PLACE, CONTENT))
    text = "".join(traceback.format_exception(fast))
    assert "AccessDenied" in text
    assert "Debug source" not in text
    assert "EMULATORKEY" not in text


def test_the_machines_variables_change_nothing_about_an_emulator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many are read by obstore; none of them leads a put elsewhere or leaves it unsigned."""
    for name, value in {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_REGION": "ap-south-1",
        "AWS_SKIP_SIGNATURE": "true",
        "AWS_S3_EXPRESS": "true",
        "AWS_CHECKSUM_ALGORITHM": "CRC64NVME",
        "AWS_UNSIGNED_PAYLOAD": "true",
        "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "true",
        "AWS_PROXY_URL": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    request = heard_of(is_fast=True)
    assert "Credential=EMULATORKEY000000000/" in request.headers["authorization"]
    assert "/eu-west-1/s3/" in request.headers["authorization"]
    assert request.headers["x-amz-content-sha256"] == DIGEST
    assert "x-amz-checksum-sha256" in request.headers


def test_a_proxy_is_used_where_boto3_would_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The request for a host that only the proxy knows arrives there."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREALREALREALREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token-1")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    access = AwsAccess("us-east-1", endpoint_url="http://s3.invalid")
    with listening() as ear:
        monkeypatch.setenv("http_proxy", ear.endpoint_url)
        monkeypatch.setenv("no_proxy", "")
        gateway(access, FakeClock(), is_fast=True).put(PLACE, CONTENT)
    (request,) = ear.requests
    assert request.line == f"PUT http://s3.invalid/{BUCKET}/{PLACE.key} HTTP/1.1"
    assert request.headers["x-amz-security-token"] == "token-1"


def test_fast_puts_leave_a_forked_process_to_boto3() -> None:
    """There obstore has no threads, and a put would wait for ever."""
    threads = Threads()
    assert threads.are_here()
    assert threads.are_here()
    with listening() as ear:
        access = AwsAccess("us-east-1", endpoint_url=ear.endpoint_url, emulated=True)
        session = make_session(access)
        puts = FastPuts(session, s3_client(session, access), threads=Threads(process_id=1))
        puts.put_object(PLACE, CONTENT, sha256=DIGEST, kms_key_id=None)
    assert "Boto3" in ear.requests[0].headers["user-agent"]


def test_the_gateway_puts_in_the_fast_way_where_it_is_installed() -> None:
    """And says how many threads are worth while."""
    with listening() as ear:
        access = AwsAccess("us-east-1", endpoint_url=ear.endpoint_url, emulated=True)
        made = make_s3_gateway(make_session(access), access, Caller(FakeClock()))
        made.put(PLACE, CONTENT)
    assert ear.requests[0].headers["user-agent"].startswith("obstore/")
    assert made.most_puts_at_once == 128
    assert gateway(access, FakeClock(), is_fast=False).most_puts_at_once == MOST_PLAIN_PUTS == 32
