"""Tests of running the holdout through the model: each answer is kept, none asked for twice."""

from pathlib import Path

import pytest

from rcl_flow.core.dataset import Dataset
from rcl_flow.errors import AwsRefusedError, PredictionsLostError
from rcl_flow.pipeline.kept_predictions import predictions_path, read_predictions
from rcl_flow.pipeline.predicting import predict_holdout
from tests.builders import sha256_of
from tests.unit.pipeline.bench import BUCKET, Bench

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
