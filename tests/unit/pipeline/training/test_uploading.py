"""Tests of uploading: only what is missing is sent, and nothing that was changed."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import StorageConfig, TrainingConfig
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.datasets.manifest import ManifestLine, parse_manifest
from rcl_flow.core.naming import digest_of
from rcl_flow.errors import BucketNotFoundError, DatasetGateError
from rcl_flow.pipeline.runs.events import ItemsDone
from rcl_flow.pipeline.training.uploading import (
    manifest_of,
    require_bucket,
    training_content,
    upload,
)
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, Bench


def test_upload_sends_images_and_manifests(bench: Bench) -> None:
    """The manifests name objects that hold the images' bytes."""
    run = bench.run()
    uploaded = upload(bench.upload_wanted(), run)
    assert (uploaded.images_sent, uploaded.images_present) == (18, 0)
    content = run.services.s3.get(S3Location(BUCKET, uploaded.train.key))
    lines = [line for line in parse_manifest(content) if isinstance(line, ManifestLine)]
    assert len(lines) == uploaded.train.images == 12
    sizes = run.services.s3.sizes(BUCKET, "rcl-flow/images/")
    assert {line.source_ref.removeprefix(f"s3://{BUCKET}/") for line in lines} <= set(sizes)


def test_upload_sends_only_what_is_missing(bench: Bench) -> None:
    """A second upload sends no image, and one that is gone is sent alone."""
    run = bench.run()
    first = upload(bench.upload_wanted(), run)
    again = upload(bench.upload_wanted(), run)
    assert (again.images_sent, again.images_present) == (0, 18)
    assert (again.train, again.test) == (first.train, first.test)
    key = min(run.services.s3.sizes(BUCKET, "rcl-flow/images/"))
    bench.s3_client.delete_object(Bucket=BUCKET, Key=key)
    assert upload(bench.upload_wanted(), run).images_sent == 1


def test_upload_sends_an_object_of_the_wrong_size_again(bench: Bench) -> None:
    """What is not whole is not taken for the image."""
    run = bench.run()
    upload(bench.upload_wanted(), run)
    key = min(run.services.s3.sizes(BUCKET, "rcl-flow/images/"))
    bench.s3_client.put_object(Bucket=BUCKET, Key=key, Body=b"torn")
    assert upload(bench.upload_wanted(), run).images_sent == 1


def test_upload_tells_how_far_it_is(bench: Bench) -> None:
    """Every image that is sent is counted."""
    upload(bench.upload_wanted(), bench.run())
    items = [event for event in bench.told if isinstance(event, ItemsDone)]
    assert [(event.done, event.total) for event in items] == [(n, 18) for n in range(1, 19)]


def test_upload_refuses_an_image_that_was_changed_meanwhile(bench: Bench) -> None:
    """What was audited is what is trained on, or nothing is."""
    wanted = bench.upload_wanted()
    Path(wanted.train.images[0].uri).write_bytes(png("blue", 99))
    with pytest.raises(DatasetGateError, match="was changed while the run read it"):
        upload(wanted, bench.run())


def test_upload_leaves_images_in_s3_where_they_are(bench: Bench) -> None:
    """An image that is in S3 already is named, not copied."""
    wanted = bench.upload_wanted()
    placed = tuple(
        replace(image, uri=f"s3://elsewhere/{image.sha256}.png") for image in wanted.train.images
    )
    run = bench.run()
    uploaded = upload(replace(wanted, train=Dataset("train", placed)), run)
    assert uploaded.images_sent == 6
    content = run.services.s3.get(S3Location(BUCKET, uploaded.train.key))
    assert {line.source_ref for line in parse_manifest(content)} == {i.uri for i in placed}


def test_upload_refuses_what_no_training_takes(bench: Bench) -> None:
    """Nothing is sent when the service would refuse the manifests."""
    wanted = bench.upload_wanted()
    single = Dataset("train", wanted.train.images[:1])
    run = bench.run()
    with pytest.raises(DatasetGateError, match="ERROR_MANIFEST_TOO_FEW_LABELS"):
        upload(replace(wanted, train=single), run)
    assert run.services.s3.sizes(BUCKET, "") == {}


def test_require_bucket_creates_it_only_when_it_may(bench: Bench) -> None:
    """The config's own wish wins over the backend's habit."""
    s3 = bench.services().s3
    with pytest.raises(BucketNotFoundError, match="no bucket fresh-bucket"):
        require_bucket(StorageConfig(create_bucket=False), "fresh-bucket", s3, create=True)
    with pytest.raises(BucketNotFoundError):
        require_bucket(StorageConfig(), "fresh-bucket", s3, create=False)
    require_bucket(StorageConfig(create_bucket=True), "fresh-bucket", s3, create=False)
    require_bucket(StorageConfig(), "fresh-bucket", s3, create=False)
    assert s3.bucket_exists("fresh-bucket")


def test_further_training_on_the_same_data_has_content_of_its_own(bench: Bench) -> None:
    """And so a version of its own; the first is named as if there were no others."""
    wanted = bench.upload_wanted()
    digests = [training_content(wanted, TrainingConfig(repeat_index=index)) for index in (1, 2, 3)]
    assert len(set(digests)) == 3
    manifests = [
        hashlib.sha256(manifest_of(wanted, dataset)).hexdigest()
        for dataset in (wanted.train, wanted.test)
    ]
    assert digests[0] == digest_of([*manifests, ""])
