"""Tests of asking: what is done before the model runs, and what no longer when nobody listens."""

from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from rcl_flow.aws.pacing_gate import RateGate
from rcl_flow.aws.s3 import S3Location
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.limits import MAX_IMAGE_BYTES_IN_REQUEST
from rcl_flow.core.naming import holdout_key
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.errors import DataNotFoundError, DatasetGateError
from rcl_flow.pipeline.predicting.asking import AskedModel, SendingPlace, ask_each, prepare_images
from rcl_flow.pipeline.runs.run import Run
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, Bench

PLACE = SendingPlace(BUCKET, "rcl-flow", None)


def large(bench: Bench, number: int = 1) -> DatasetImage:
    """Return an image that does not fit into a request."""
    content = png("red", number)
    return bench.image(f"large-{number}.png", content + bytes(MAX_IMAGE_BYTES_IN_REQUEST), "red")


def in_bucket(bench: Bench, image: DatasetImage) -> int | None:
    """Return the size of an image in the bucket, or None."""
    key = holdout_key("rcl-flow", image.sha256, "PNG")
    return bench.services().s3.sizes(BUCKET, key).get(key)


def asked(run: Run, version_arn: str, concurrency: int = 2) -> AskedModel:
    """Return a model as it is asked."""
    gate = RateGate(run.services.clock, known_limit_per_second=1000.0)
    return AskedModel(version_arn, gate, PLACE, concurrency, run.services)


def test_large_images_are_sent_once_and_small_ones_never(bench: Bench) -> None:
    """What is there with the right size is not sent again, and nothing is listed without need."""
    run = bench.run()
    small, big = bench.dataset("holdout", 1, 20).images, large(bench)
    prepare_images(small, PLACE, run, check=True)
    assert [in_bucket(bench, image) for image in small] == [None] * 3
    prepare_images([*small, big], PLACE, run, check=False)
    assert in_bucket(bench, big) == big.size_bytes
    Path(big.uri).unlink()
    prepare_images([big], PLACE, run, check=False)
    torn = S3Location(BUCKET, holdout_key("rcl-flow", big.sha256, "PNG"))
    run.services.s3.put(torn, b"half")
    with pytest.raises(DataNotFoundError):
        prepare_images([big], PLACE, run, check=False)


def test_images_that_were_changed_are_seen_before_a_start(bench: Bench) -> None:
    """A model that runs already is not kept waiting for that: the sending checks again anyway."""
    run = bench.run()
    images = bench.dataset("holdout", 1, 20).images
    Path(images[1].uri).write_bytes(png("blue", 999))
    prepare_images(images, PLACE, run, check=False)
    with pytest.raises(DatasetGateError, match="was changed"):
        prepare_images(images, PLACE, run, check=True)


def test_a_large_image_is_asked_for_by_its_place_in_the_bucket(bench: Bench) -> None:
    """Its file is not read again while the model runs."""
    run = bench.run()
    version, big = bench.trained(run), large(bench)
    prepare_images([big], PLACE, run, check=True)
    Path(big.uri).unlink()
    bench.client.start_project_version(ProjectVersionArn=version.version_arn, MinInferenceUnits=1)
    bench.status(version)
    (batch,) = ask_each([big], asked(run, version.version_arn))
    assert [type(record) for record in batch] == [Prediction]


def test_nothing_is_asked_when_nobody_takes_the_answers(bench: Bench) -> None:
    """Threads that wait for a slot end without a call, and the gate stays closed."""
    run = bench.run()
    version = bench.trained(run)
    bench.client.start_project_version(ProjectVersionArn=version.version_arn, MinInferenceUnits=1)
    bench.status(version)
    bench.arm("DetectCustomLabels", "ThrottlingException", times=None)
    model = asked(run, version.version_arn)
    batches = ask_each(bench.dataset("holdout", 2, 20).images, model)
    assert next(batches) == []
    batches.close()
    with pytest.raises(CancelledError):
        model.gate.send(int)
