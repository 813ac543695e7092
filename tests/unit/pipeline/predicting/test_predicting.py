"""Tests of running the holdout through the model: each answer is kept, none asked for twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.core.limits import MAX_IMAGE_BYTES_IN_REQUEST
from rcl_flow.emulator.conditions.clock import RunningClock, SkippingClock
from rcl_flow.emulator.conditions.throughput import Rates, Throughput
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.errors import AwsRefusedError, DatasetGateError, PredictionsLostError
from rcl_flow.pipeline.predicting.kept_predictions import predictions_path, read_predictions
from rcl_flow.pipeline.predicting.known_rates import read_rates
from rcl_flow.pipeline.predicting.predicting import predict_holdout
from rcl_flow.pipeline.state.backend import Backend
from tests.builders import sha256_of
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.conftest import end_threads
from tests.unit.pipeline.payer import WorldClock, paying

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Clients

GOOD = '{"sha256":"%s","confidences_percent":{"red":%s}}'


def test_read_predictions_drops_broken_lines(tmp_path: Path) -> None:
    """A line that is torn, empty or something else costs that one answer only."""
    path = tmp_path / "predictions.jsonl"
    lines = [
        GOOD % (sha256_of("a"), 99.5),
        '{"sha256":"torn","confiden',
        "",
        "[]",
        '{"sha256":"x","code":"ImageTooLargeException","message":"no"}',
        GOOD % (sha256_of("b"), 1),
    ]
    path.write_text("".join(f"{line}\n" for line in lines))
    found = read_predictions(path)
    assert set(found) == {sha256_of("a"), sha256_of("b")}
    assert found[sha256_of("a")].confidences_percent == {"red": 99.5}


def test_read_predictions_keeps_the_first_answer_of_an_image(tmp_path: Path) -> None:
    """A score does not change because an image was asked for twice."""
    path = tmp_path / "predictions.jsonl"
    path.write_text("".join(f"{GOOD % (sha256_of('a'), n)}\n" for n in (10, 20)))
    assert read_predictions(path)[sha256_of("a")].confidences_percent == {"red": 10}


def test_read_predictions_is_empty_when_there_is_no_file(tmp_path: Path) -> None:
    """Before the first answer there is none."""
    assert read_predictions(tmp_path / "nothing.jsonl") == {}


def test_predict_holdout_asks_for_every_image_once(bench: Bench) -> None:
    """The second time nothing is missing, and the model is not even started."""
    run = bench.run()
    version, holdout = bench.trained(run), bench.dataset("holdout", 7, 20)
    judged = predict_holdout(version, holdout, BUCKET, run)
    assert {image.sha256 for image in judged.images} == set(judged.predictions)
    assert len(judged.images) == 21
    again = predict_holdout(version, holdout, BUCKET, run)
    assert again.predictions == judged.predictions
    assert bench.calls("DetectCustomLabels") == 21
    assert bench.calls("StartProjectVersion") == 1
    assert bench.status(version) == "STOPPED"


def test_predict_holdout_asks_only_for_what_is_missing(bench: Bench) -> None:
    """Answers of an earlier run are used, whatever the line that a crash has torn."""
    run = bench.run()
    version, holdout = bench.trained(run), bench.dataset("holdout", 2, 20)
    predict_holdout(version, holdout, BUCKET, run)
    path = predictions_path(run.services.workspace, version.version_arn)
    whole = path.read_text().splitlines()
    path.write_text("\n".join(whole[:-1]) + "\n" + whole[-1][:20])
    judged = predict_holdout(version, holdout, BUCKET, run)
    assert len(judged.predictions) == 6
    assert bench.calls("DetectCustomLabels") == 7


def test_predict_holdout_stops_the_model_when_a_call_is_refused(bench: Bench) -> None:
    """Missing permission ends the run, and the model with it."""
    run = bench.run()
    version, holdout = bench.trained(run), bench.dataset("holdout", 2, 20)
    bench.arm("DetectCustomLabels", "AccessDeniedException", times=None)
    with pytest.raises(AwsRefusedError, match="AccessDeniedException"):
        predict_holdout(version, holdout, BUCKET, run)
    assert bench.status(version) == "STOPPED"


def test_predict_holdout_raises_when_too_many_images_are_refused(bench: Bench) -> None:
    """A score on what is left of the holdout would not be the holdout's."""
    run = bench.run()
    version = bench.trained(run)
    broken = bench.image("broken.png", b"no picture", "red")
    holdout = Dataset("holdout", (*bench.dataset("holdout", 1, 20).images, broken))
    with pytest.raises(PredictionsLostError, match="refused 1 holdout images") as caught:
        predict_holdout(version, holdout, BUCKET, run)
    assert caught.value.code == "InvalidImageFormatException"
    assert broken.sha256[:12] in caught.value.message
    assert bench.status(version) == "STOPPED"


def test_predict_holdout_reports_refused_images_when_they_are_allowed(bench: Bench) -> None:
    """What the config allows is left out of the score and named."""
    run = bench.run(inference={"max_refused_images": 1})
    version = bench.trained(run)
    broken = bench.image("broken.png", b"no picture", "red")
    holdout = Dataset("holdout", (*bench.dataset("holdout", 1, 20).images, broken))
    judged = predict_holdout(version, holdout, BUCKET, run)
    assert [refused.sha256 for refused in judged.refused] == [broken.sha256]
    assert len(judged.images) == 3


@contextmanager
def calls_in_order(bench: Bench) -> Iterator[list[str]]:
    """Yield the calls that are made in the block, in their order."""
    calls: list[str] = []

    def note(event_name: str, **_: object) -> None:
        calls.append(event_name.rsplit(".", 1)[1])

    clients = (bench.client, bench.s3_client, bench.scheduler_client)
    for client in clients:
        client.meta.events.register("before-call", note)
    try:
        yield calls
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", note)


def test_nothing_but_questions_happens_while_the_model_runs(bench: Bench) -> None:
    """What is large is sent before the start; the stop comes next after the last answer."""
    run = bench.run()
    version = bench.trained(run)
    big = bench.image("big.png", png("red", 9) + bytes(MAX_IMAGE_BYTES_IN_REQUEST), "red")
    holdout = Dataset("holdout", (*bench.dataset("holdout", 3, 20).images, big))
    with calls_in_order(bench) as calls:
        predict_holdout(version, holdout, BUCKET, run)
    start, stop = calls.index("StartProjectVersion"), calls.index("StopProjectVersion")
    assert calls.index("PutObject") < start
    assert calls[stop - 10 : stop] == ["DetectCustomLabels"] * 10
    assert set(calls[start + 1 : stop - 10]) == {"DescribeProjectVersions"}
    assert (calls.count("StartProjectVersion"), calls.count("StopProjectVersion")) == (1, 1)
    assert "PutObject" not in calls[stop:]


def test_an_image_that_was_changed_costs_no_start(bench: Bench) -> None:
    """Hours may lie between the reading of the data and the end of the training."""
    run = bench.run()
    version, holdout = bench.trained(run), bench.dataset("holdout", 2, 20)
    Path(holdout.images[3].uri).write_bytes(png("blue", 999))
    with pytest.raises(DatasetGateError):
        predict_holdout(version, holdout, BUCKET, run)
    assert bench.calls("StartProjectVersion") == 0


def test_a_run_that_tunes_thresholds_starts_its_model_once(
    aws_clients: "Clients", tmp_path: Path
) -> None:
    """Holdout and calibration part are asked for in one go, and the run again needs no start."""
    rules = {"thresholds": {"objective": "best_f1"}, "resamples": 200}
    with paying(aws_clients, tmp_path, SkippingClock()) as payer:
        outcome = payer.run("b", evaluation=rules)
        again = payer.run("b", evaluation=rules | {"resamples": 201})
        assert outcome.run_id != again.run_id
        assert payer.bench.calls("StartProjectVersion") == 1
        assert payer.bench.calls("DetectCustomLabels") == 90


def test_a_limited_model_loses_no_image_and_is_known_the_next_time(
    aws_clients: "Clients", tmp_path: Path
) -> None:
    """Live, in a quarter of the time: what an emulator turns away tells 20 a second."""
    world = World(
        clock=RunningClock(4.0),
        throughput=Throughput(Rates(others=1e6, classifications_per_unit=20.0)),
    )
    with emulated_aws(world):
        aws_clients[1].create_bucket(Bucket=BUCKET)
        bench = Bench(tmp_path, world, *aws_clients, clock=WorldClock(world))
        run = bench.run(inference={"poll_seconds": 0.1})
        version = bench.trained(run)
        on_aws = Backend(kind="aws", region="us-east-1", account="123456789012")
        run.services = replace(run.services, backend=on_aws)
        wasted = []
        for first, images in ((100, 99), (300, 30)):
            holdout = bench.dataset("holdout", images // 3, first)
            before = bench.calls("DetectCustomLabels")
            judged = predict_holdout(version, holdout, BUCKET, run)
            assert len(judged.images) == images
            wasted.append((bench.calls("DetectCustomLabels") - before) / images - 1)
            known = read_rates(version.version_arn, run.services).limit_per_second(1)
            assert known == pytest.approx(20, rel=0.15)
        end_threads()
    assert wasted[0] > 0
    assert wasted[1] <= wasted[0]
