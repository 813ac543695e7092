"""Tests of how the answers of a model are told."""

from pathlib import Path

from rcl_flow.cli.predicting import predict_document, predict_lines
from rcl_flow.core.datasets.dataset import DatasetImage, UnusableImage
from rcl_flow.core.scoring.predictions import RefusedImage
from rcl_flow.pipeline.images.gathering import Gathered
from rcl_flow.pipeline.predicting.choosing_model import ChosenModel, ChosenThresholds
from rcl_flow.pipeline.predicting.predicted_files import PredictedFiles
from rcl_flow.pipeline.predicting.predicting_files import PredictOutcome


def outcome(unusable: int = 1) -> PredictOutcome:
    """Return what came of three images of which the service refused one."""
    images = tuple(DatasetImage(name, name, 1, "PNG", ()) for name in ("a", "b", "c"))
    return PredictOutcome(
        status="completed",
        use_id="predict-1-2",
        model=ChosenModel("arn:x", "run-1", "the champion"),
        model_status="STOPPED",
        thresholds=ChosenThresholds({"dent": 0.5}, "run run-1"),
        gathered=Gathered(images, tuple(UnusableImage(f"u{n}", "bad") for n in range(unusable))),
        asked=2,
        refused=(RefusedImage(sha256="c", code="ImageTooLargeException", message="too large"),),
        files=PredictedFiles(Path("p.jsonl"), Path("p.csv"), None, {"dent": 1}, 1),
        inference_seconds=90.0,
        estimated_usd=0.1,
    )


def test_lines_tell_model_labels_cost_and_files() -> None:
    """A person sees what was asked, what was left out and why, and where the answers are."""
    text = "\n".join(predict_lines(outcome(), paid=True))
    assert "3 images: 2 asked, the rest known; model STOPPED" in text
    assert "arn:x (the champion)" in text
    assert "1 image cannot be used\n    u0: bad" in text
    assert "1 image refused by the service\n    c: ImageTooLargeException: too large" in text
    assert "cost       $0.10, 1 min 30 s running" in text
    assert text.endswith("written    p.jsonl\nwritten    p.csv")


def test_lines_tell_that_nobody_pays_on_the_emulator() -> None:
    """What it would cost on AWS is told as such."""
    text = "\n".join(predict_lines(outcome(), paid=False))
    assert "cost       nothing was paid; on AWS $0.10, 1 min 30 s running" in text


def test_long_lists_are_cut() -> None:
    """A thousand broken files do not push everything else out of sight; the CSV has all."""
    text = "\n".join(predict_lines(outcome(unusable=12), paid=True))
    assert "12 images cannot be used" in text
    assert "    and 2 more" in text
    assert text.count(": bad") == 10


def test_document_has_the_same_facts() -> None:
    """For a machine, with every image that was left out."""
    document = predict_document(outcome(unusable=12))
    assert document["status"] == "completed"
    assert (document["images"], document["asked"]) == (3, 2)
    assert document["refused"] == [
        {"uri": "c", "code": "ImageTooLargeException", "message": "too large"}
    ]
    assert len(document["unusable"]) == 12  # type: ignore[arg-type]  # a list
    assert document["cost"] == {"inference_seconds": 90.0, "estimated_usd": 0.1}
    assert document["artifacts"] == {"predictions": "p.jsonl", "csv": "p.csv", "boxes_csv": None}
