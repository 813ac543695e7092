"""Tests of what an upload asks of S3, keeps in memory, and does again after it was killed."""

import threading
import time
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from moto.s3.models import s3_backends

from rcl_flow.aws.puts import PlainPuts
from rcl_flow.aws.retry import Caller
from rcl_flow.aws.s3 import S3, S3Location
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.naming import image_key
from rcl_flow.errors import AwsRefusedError
from rcl_flow.pipeline.runs.results import UploadWanted
from rcl_flow.pipeline.runs.run import Run
from rcl_flow.pipeline.training.uploading import upload
from tests.unit.aws.answered import answered
from tests.unit.pipeline.bench import BUCKET, REGION, Bench
from tests.unit.pipeline.s3_calls import counted

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

IMAGES = 18
MANIFESTS = 2


class Sent:
    """A way of putting that keeps the names of what it is given."""

    def __init__(
        self, *, most_at_once: int = 128, waits_for: int = 1, fails_from: int | None = None
    ) -> None:
        """Let puts wait until so many are together; fail from the one of that number on."""
        self.most_at_once = most_at_once
        self._waits_for = waits_for
        self.digests: dict[str, str] = {}
        self.busiest = 0
        self._fails_from = fails_from
        self._under_way = 0
        self._lock = threading.Lock()
        self._together = threading.Event()

    def put_object(
        self, location: S3Location, content: bytes, *, sha256: str, kms_key_id: str | None
    ) -> None:
        """Keep the digest, when others have come, and after a moment for still more."""
        with self._lock:
            self._under_way += 1
            self.busiest = max(self.busiest, self._under_way)
            if self._under_way == self._waits_for:
                self._together.set()
        self._together.wait(5)
        time.sleep(0.002)
        with self._lock:
            self._under_way -= 1
            if self._fails_from is not None and len(self.digests) >= self._fails_from:
                raise answered("AccessDenied", 403)
            self.digests[location.key] = sha256


class Dying(PlainPuts):
    """Puts five objects, and then no more."""

    def __init__(self, client: "S3Client") -> None:
        """Put through the client."""
        super().__init__(client)
        self._left = [None] * 5

    def put_object(
        self, location: S3Location, content: bytes, *, sha256: str, kms_key_id: str | None
    ) -> None:
        """Put, or refuse."""
        try:
            self._left.pop()
        except IndexError:
            raise answered("AccessDenied", 403) from None
        super().put_object(location, content, sha256=sha256, kms_key_id=kms_key_id)


def run_with(bench: Bench, sent: Sent, *, concurrency: int = 64) -> Run:
    """Return a run that puts in that way."""
    run = bench.run(storage={"bucket": BUCKET, "upload_concurrency": concurrency})
    s3 = S3(bench.s3_client, Caller(bench.clock), region=REGION, puts=sent)
    run.services = replace(run.services, s3=s3)
    return run


def heavy(bench: Bench, wanted: UploadWanted, size_bytes: int) -> UploadWanted:
    """Return the same with images of that size."""
    images = tuple(
        bench.image(f"heavy-{number}", bytes([number]) * size_bytes, *image.labels)
        for number, image in enumerate(wanted.train.images)
    )
    return replace(wanted, train=Dataset("train", images))


def test_upload_names_images_by_their_content_and_hands_its_digest_on(bench: Bench) -> None:
    """What S3 verifies is what the key says."""
    sent, wanted = Sent(), bench.upload_wanted()
    upload(wanted, run_with(bench, sent))
    images = [*wanted.train.images, *wanted.test.images]
    keys = {image_key("rcl-flow", each.sha256, "PNG"): each.sha256 for each in images}
    assert len(sent.digests) == IMAGES + MANIFESTS
    assert keys.items() <= sent.digests.items()


def test_upload_asks_once_what_is_there_and_then_only_puts(bench: Bench) -> None:
    """One listing, and one call for each object that is missing."""
    with counted(bench.s3_client) as calls:
        upload(bench.upload_wanted(), bench.run())
    assert calls == {"ListObjectsV2": 1, "PutObject": IMAGES + MANIFESTS}


@pytest.mark.parametrize(("others", "pages"), [(0, 1), (1000 - IMAGES, 1), (1001 - IMAGES, 2)])
def test_upload_of_what_is_there_makes_no_call_for_an_image(
    bench: Bench, others: int, pages: int
) -> None:
    """One call for each thousand objects that are listed, and the manifests'."""
    upload(bench.upload_wanted(), bench.run())
    kept = s3_backends[bench.services().account_id()]["aws"]
    for number in range(others):
        kept.put_object(BUCKET, f"rcl-flow/images/{number}", b"")
    with counted(bench.s3_client) as calls:
        again = upload(bench.upload_wanted(), bench.run())
    assert (again.images_sent, again.images_present) == (0, IMAGES)
    assert calls == {"ListObjectsV2": pages, "PutObject": MANIFESTS}


def test_upload_that_was_broken_off_sends_only_the_rest(bench: Bench) -> None:
    """What arrived before is found by its name and its size."""
    run = bench.run(storage={"bucket": BUCKET, "upload_concurrency": 1})
    dying = S3(bench.s3_client, Caller(bench.clock), region=REGION, puts=Dying(bench.s3_client))
    run.services = replace(run.services, s3=dying)
    with pytest.raises(AwsRefusedError):
        upload(bench.upload_wanted(), run)
    with counted(bench.s3_client) as calls:
        rest = upload(bench.upload_wanted(), bench.run())
    assert (rest.images_sent, rest.images_present) == (IMAGES - 5, 5)
    assert calls["PutObject"] == IMAGES - 5 + MANIFESTS


@pytest.mark.parametrize(
    ("wanted_at_once", "most_at_once", "busiest"), [(4, 128, 4), (64, 3, 3), (1, 128, 1)]
)
def test_upload_puts_as_many_at_once_as_wanted_and_worth_while(
    bench: Bench, wanted_at_once: int, most_at_once: int, busiest: int
) -> None:
    """The config's number, unless the way of putting gains nothing from so many."""
    sent = Sent(most_at_once=most_at_once, waits_for=busiest)
    upload(bench.upload_wanted(), run_with(bench, sent, concurrency=wanted_at_once))
    assert sent.busiest == busiest


def test_upload_holds_only_the_images_that_are_under_way(bench: Bench) -> None:
    """Twelve images of 1 MB, two at once: never more than a few are in memory."""
    size_bytes = 1_000_000
    wanted = heavy(bench, bench.upload_wanted(), size_bytes)
    run = run_with(bench, Sent(), concurrency=2)
    tracemalloc.start()
    try:
        assert upload(wanted, run).images_sent == IMAGES
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 5 * size_bytes


def test_upload_stops_at_the_first_refusal(bench: Bench) -> None:
    """Nothing that is not under way yet is begun, and no manifest names what is not there."""
    sent = Sent(fails_from=3)
    with pytest.raises(AwsRefusedError):
        upload(bench.upload_wanted(), run_with(bench, sent, concurrency=2))
    assert len(sent.digests) == 3
    assert all(key.startswith("rcl-flow/images/") for key in sent.digests)
