"""Tests of the files that `predict` writes: every answer, and what it comes to."""

import csv
import io
import json
from pathlib import Path

from rcl_flow.core.datasets.boxes import Box, DetectedBox
from rcl_flow.core.datasets.dataset import DatasetImage, UnusableImage
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.pipeline.images.gathering import Gathered
from rcl_flow.pipeline.predicting.predicted_files import write_predicted


def image(name: str) -> DatasetImage:
    """Return an image whose digest is its name."""
    return DatasetImage(name, name, 10, "PNG", (), width_pixels=80, height_pixels=60)


def detected(label: str, confidence: float, left: float = 0.25) -> DetectedBox:
    """Return an object that was found."""
    box = Box(left=left, top=0.5, width=0.125, height=0.25)
    return DetectedBox(label=label, confidence_percent=confidence, box=box)


def rows_of(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(path.read_text())))


def test_labels_are_those_that_reach_their_thresholds(tmp_path: Path) -> None:
    """At the threshold is enough; a label without one is never given; the rest is in the JSON."""
    confidences = {"scratch": 50.0, "dent": 49.9, "new": 99.0, "rust": 80.0}
    prediction = Prediction(sha256="a", confidences_percent=confidences)
    gathered = Gathered((image("a"), image("b")), (UnusableImage("c", "it is broken"),))
    nothing = Prediction(sha256="b", confidences_percent={})
    files = write_predicted(
        gathered,
        {"a": prediction, "b": nothing},
        {"scratch": 0.5, "dent": 0.5, "rust": 0.3},
        tmp_path / "out",
    )
    assert rows_of(files.csv) == [
        ["image", "labels", "confidences_percent", "problem"],
        ["a", "rust|scratch", "80.0000|50.0000", ""],
        ["b", "", "", ""],
        ["c", "", "", "it is broken"],
    ]
    lines = [json.loads(line) for line in files.jsonl.read_text().splitlines()]
    assert lines[0]["confidences_percent"] == confidences
    assert lines[0]["predicted"] == ["rust", "scratch"]
    assert [line["uri"] for line in lines] == ["a", "b"]
    assert (files.images_by_label, files.without_label) == ({"rust": 1, "scratch": 1}, 1)
    assert files.boxes_csv is None


def test_boxes_have_a_row_each_when_their_confidence_reaches(tmp_path: Path) -> None:
    """Two objects of one label count as one image, and both are drawn."""
    boxes = (detected("dent", 90.0), detected("dent", 60.0, left=0.5), detected("dent", 10.0))
    prediction = Prediction(sha256="a", confidences_percent={"dent": 90.0}, boxes=boxes)
    files = write_predicted(Gathered((image("a"),), ()), {"a": prediction}, {"dent": 0.5}, tmp_path)
    assert files.boxes_csv == tmp_path / "boxes.csv"
    assert rows_of(tmp_path / "boxes.csv") == [
        ["image", "label", "confidence_percent", "left", "top", "width", "height"],
        ["a", "dent", "90.0000", "0.250000", "0.500000", "0.125000", "0.250000"],
        ["a", "dent", "60.0000", "0.500000", "0.500000", "0.125000", "0.250000"],
    ]
    (line,) = [json.loads(line) for line in files.jsonl.read_text().splitlines()]
    assert (len(line["predicted_boxes"]), len(line["boxes"])) == (2, 3)
    assert files.images_by_label == {"dent": 1}
