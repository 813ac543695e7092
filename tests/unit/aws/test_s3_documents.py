"""Tests of writing to S3 on a condition, against the emulator's server and its lost answers."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.aws.session import AwsAccess, make_session, s3_client
from rcl_flow.clock import SystemClock
from rcl_flow.emulator.conditions.faults import Fault
from rcl_flow.emulator.testing import CustomLabels, running_emulator
from rcl_flow.errors import AwsRefusedError, BucketNotFoundError
from tests.unit.clocks import FakeClock

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET = "acme-state"
AT = S3Location(BUCKET, "state/a.json")
LOST = [
    {"code": "InternalError", "status": 500},
    {"code": "ServiceUnavailable", "status": 503},
    {"reset": True},
]


@pytest.fixture(scope="module")
def box() -> Iterator[CustomLabels]:
    """Return a server with one bucket, which the tests of this module share."""
    with running_emulator() as running:
        running.client("s3").create_bucket(Bucket=BUCKET)
        yield running


@pytest.fixture
def client(box: CustomLabels) -> "Iterator[S3Client]":
    """Return a client of that server, whose bucket is empty."""
    box.faults.clear()
    access = AwsAccess("us-east-1", endpoint_url=box.endpoint_url, emulated=True)
    client = s3_client(make_session(access), access)
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])
    yield client
    box.faults.clear()
    client.close()


@pytest.fixture
def s3(client: "S3Client") -> S3:
    """Return the gateway through that client."""
    return S3(client, Caller(FakeClock()), region="us-east-1")


def arm(box: CustomLabels, operation: str = "PutObject", **members: Any) -> None:  # noqa: ANN401
    """Let the operation's next call fail so."""
    box.faults.add(Fault(operation, service="s3", **members))


def test_put_if_absent_writes_once(s3: S3) -> None:
    """The second writer learns that there is a first, and changes nothing."""
    etag = s3.put_if_absent(AT, b"first")
    assert etag is not None
    assert s3.put_if_absent(AT, b"second") is None
    found = s3.get_versioned(AT)
    assert found is not None
    assert (found.content, found.etag) == (b"first", etag)


def test_put_if_match_writes_over_what_was_read_and_nothing_else(s3: S3) -> None:
    """A document that has changed since it was read stays as it is."""
    first = s3.put_if_absent(AT, b"first")
    assert first is not None
    second = s3.put_if_match(AT, b"second", first)
    assert second not in {None, first}
    assert s3.put_if_match(AT, b"third", first) is None
    assert s3.get(AT) == b"second"


def test_put_if_match_is_a_conflict_when_the_object_is_gone(s3: S3) -> None:
    """What somebody has deleted is not written again."""
    etag = s3.put_if_absent(AT, b"first")
    assert etag is not None
    s3.delete(AT)
    assert s3.put_if_match(AT, b"second", etag) is None
    assert s3.get_versioned(AT) is None


def test_put_is_a_conflict_when_two_write_at_the_same_time(box: CustomLabels, s3: S3) -> None:
    """S3 refuses both of two writes that meet; nothing was written, so it is no success."""
    arm(box, code="ConditionalRequestConflict", status=409)
    assert s3.put_if_absent(AT, b"first") is None
    assert s3.get_versioned(AT) is None


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("executed", [True, False])
def test_put_if_absent_is_ours_when_the_answer_was_lost(
    box: CustomLabels, s3: S3, lost: dict[str, Any], executed: bool
) -> None:
    """A write that was executed is known again, one that was not is made."""
    arm(box, executed=executed, **lost)
    etag = s3.put_if_absent(AT, b"ours")
    found = s3.get_versioned(AT)
    assert found is not None
    assert (found.content, found.etag) == (b"ours", etag)


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("executed", [True, False])
def test_put_if_match_is_ours_when_the_answer_was_lost(
    box: CustomLabels, s3: S3, lost: dict[str, Any], executed: bool
) -> None:
    """The heartbeat of a lease survives a broken connection."""
    first = s3.put_if_absent(AT, b"first")
    assert first is not None
    arm(box, executed=executed, **lost)
    etag = s3.put_if_match(AT, b"ours", first)
    found = s3.get_versioned(AT)
    assert found is not None
    assert (found.content, found.etag) == (b"ours", etag)


def test_put_is_ours_when_every_answer_was_lost(box: CustomLabels, s3: S3) -> None:
    """A write whose answer never came is found by reading, when that works."""
    arm(box, reset=True, executed=True, times=None)
    etag = s3.put_if_absent(AT, b"ours")
    found = s3.get_versioned(AT)
    assert found is not None
    assert found.etag == etag


def test_put_raises_when_it_was_never_executed(box: CustomLabels, s3: S3) -> None:
    """A service that is down is told, and not taken for a conflict."""
    arm(box, code="InternalError", status=500, times=None)
    with pytest.raises(AwsRefusedError) as caught:
        s3.put_if_absent(AT, b"ours")
    assert (caught.value.operation, caught.value.code) == ("PutObject", "InternalError")


def test_put_is_a_conflict_when_somebody_else_wrote_while_the_answer_was_lost(
    box: CustomLabels, client: "S3Client", s3: S3
) -> None:
    """Our lost write that was not executed does not make another's write ours."""
    arm(box, reset=True)
    left = [1]

    def intrude(**_: Any) -> None:  # noqa: ANN401  # whatever botocore passes to its hooks
        if left:
            left.pop()
        elif s3_of_others.get_versioned(AT) is None:
            s3_of_others.put(AT, b"theirs")

    access = AwsAccess("us-east-1", endpoint_url=box.endpoint_url, emulated=True)
    others = s3_client(make_session(access), access)
    s3_of_others = S3(others, Caller(FakeClock()), region="us-east-1")
    client.meta.events.register("before-call.s3.PutObject", intrude)
    assert s3.put_if_absent(AT, b"ours") is None
    assert s3.get(AT) == b"theirs"
    others.close()


def test_put_repeats_when_s3_is_slowed_down(box: CustomLabels, s3: S3) -> None:
    """SlowDown is throttling: nothing was written, and the write is made a moment later."""
    arm(box, code="SlowDown", times=12)
    assert s3.put_if_absent(AT, b"ours") is not None


def test_put_if_absent_has_one_winner_among_many(s3: S3) -> None:
    """Of writers that start together exactly one wins, and reads its own content."""
    start = threading.Barrier(8)

    def write(number: int) -> str | None:
        start.wait()
        return s3.put_if_absent(AT, b"writer %d" % number)

    with ThreadPoolExecutor(8) as pool:
        etags = list(pool.map(write, range(8)))
    (winner,) = [number for number, etag in enumerate(etags) if etag is not None]
    assert s3.get(AT) == b"writer %d" % winner


def test_put_names_the_bucket_when_it_is_missing(s3: S3) -> None:
    """A misspelt bucket is no conflict."""
    with pytest.raises(BucketNotFoundError):
        s3.put_if_absent(S3Location("no-such-bucket", "a"), b"x")
    with pytest.raises(BucketNotFoundError):
        s3.get_versioned(S3Location("no-such-bucket", "a"))


def test_get_versioned_counts_the_age_by_the_clock_of_s3(client: "S3Client", s3: S3) -> None:
    """Two hosts whose own clocks differ see the same age."""
    s3.put(AT, b"x")
    found = s3.get_versioned(AT)
    assert found is not None
    assert 0 <= found.age_seconds < 60
    offsets = iter((900, -900))

    def answer_then(parsed: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # botocore's hook
        seen = parsed["LastModified"].timestamp() + next(offsets)
        moment = SystemClock().now().fromtimestamp(seen, parsed["LastModified"].tzinfo)
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(moment)

    client.meta.events.register("after-call.s3.GetObject", answer_then)
    ages = [found.age_seconds for _ in range(2) if (found := s3.get_versioned(AT))]
    assert ages == [900, 0]


def test_get_versioned_is_young_when_the_answer_has_no_date(client: "S3Client", s3: S3) -> None:
    """Without a time nothing looks old, so that no living lease is taken for abandoned."""
    s3.put(AT, b"x")

    def forget(parsed: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # botocore's hook
        parsed["ResponseMetadata"]["HTTPHeaders"].pop("date", None)

    client.meta.events.register("after-call.s3.GetObject", forget)
    found = s3.get_versioned(AT)
    assert found is not None
    assert found.age_seconds == 0


def test_get_versioned_reads_again_when_the_connection_breaks(box: CustomLabels, s3: S3) -> None:
    """Reading changes nothing, so it is repeated."""
    s3.put(AT, b"x")
    arm(box, "GetObject", reset=True)
    found = s3.get_versioned(AT)
    assert found is not None
    assert found.content == b"x"


def test_delete_removes_the_object_and_may_be_repeated(s3: S3) -> None:
    """What is gone already is no error."""
    s3.put(AT, b"x")
    s3.delete(AT)
    s3.delete(AT)
    assert s3.get_versioned(AT) is None
