"""Training and asking a model that finds objects, through boto3."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.emulator.builders import BUCKET, Aws, Line, encode, line, uri

SIDES = (160, 120)
COLOURS = {"red": (230, 20, 20), "blue": (20, 20, 230)}
SIDE = 48


def scene(seed: int) -> tuple[bytes, dict[str, tuple[int, int]]]:
    """Return a noisy picture with a red and a blue square, and where they begin."""
    rng = np.random.default_rng(seed)
    picture = Image.fromarray(rng.integers(60, 190, (SIDES[1], SIDES[0], 3), dtype=np.uint8))
    places = {
        "red": (int(rng.integers(0, 30)), int(rng.integers(0, SIDES[1] - SIDE))),
        "blue": (int(rng.integers(81, SIDES[0] - SIDE)), int(rng.integers(0, SIDES[1] - SIDE))),
    }
    for label, (left, top) in places.items():
        picture.paste(COLOURS[label], (left, top, left + SIDE, top + SIDE))
    return encode(picture), places


def boxes_line(key: str, places: Mapping[str, tuple[int, int]]) -> Line:
    """Return a manifest line with those squares."""
    labels = list(places)
    return {
        "source-ref": uri(key),
        "bb": {
            "image_size": [{"width": SIDES[0], "height": SIDES[1], "depth": 3}],
            "annotations": [
                {"class_id": n, "left": left, "top": top, "width": SIDE, "height": SIDE}
                for n, (left, top) in enumerate(places.values())
            ],
        },
        "bb-metadata": {
            "objects": [{"confidence": 1} for _ in labels],
            "class-map": {str(n): label for n, label in enumerate(labels)},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2024-02-03T04:05:06",
            "job-name": "boxes",
        },
    }


def put_scenes(aws: Aws, folder: str, seeds: Sequence[int]) -> list[Line]:
    """Upload scenes and return their manifest lines."""
    lines = []
    for seed in seeds:
        body, places = scene(seed)
        key = f"{folder}/{seed}.png"
        aws.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        lines.append(boxes_line(key, places))
    return lines


@pytest.fixture
def version(aws: Aws) -> dict[str, Any]:
    """Return the description of a version trained on boxes."""
    project = aws.project("squares")
    aws.dataset(project, "TRAIN", put_scenes(aws, "train", range(12)))
    aws.dataset(project, "TEST", put_scenes(aws, "test", range(20, 24)))
    return aws.train(project)


def test_training_on_boxes_writes_the_detection_form(aws: Aws, version: dict[str, Any]) -> None:
    """Summary, manifest summary and both snapshots speak of boxes."""
    assert version["Status"] == "TRAINING_COMPLETED"
    summary = aws.read_json(version["EvaluationResult"]["Summary"]["S3Object"])
    aggregated = summary["AggregatedEvaluationResults"]
    names = {"Precision", "Recall", "F1Score", "AveragePrecision", "AverageRecall"}
    assert set(aggregated) == names
    assert version["EvaluationResult"]["F1Score"] == aggregated["F1Score"] > 0.8
    statistics = aws.read_json(version["ManifestSummary"]["S3Object"])["statistics"]
    assert {side["use_case"] for side in statistics.values()} == {"OBJECT_LOCALIZATION"}
    testing = aws.read_lines(version["TestingDataResult"]["Output"])
    training = aws.read_lines(version["TrainingDataResult"]["Output"])
    assert (len(training), len(testing)) == (12, 4)
    assert all("rekognition-custom-labels-evaluation" in each for each in testing)
    assert not any("rekognition-custom-labels-evaluation" in each for each in training)


def detect(aws: Aws, arn: str, seed: int, **members: object) -> list[dict[str, Any]]:
    """Ask the model for the objects in a scene."""
    answer = aws.unchecked.detect_custom_labels(
        ProjectVersionArn=arn, Image={"Bytes": scene(seed)[0]}, **members
    )
    found: list[dict[str, Any]] = answer["CustomLabels"]
    return found


def test_detection_gives_boxes_as_ratios(aws: Aws, version: dict[str, Any]) -> None:
    """At the assumed thresholds both squares are found, in their places, as 32-bit floats."""
    arn = version["ProjectVersionArn"]
    aws.unchecked.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    aws.status_of(project_of(aws))
    _, places = scene(20)
    found = detect(aws, arn, 20)
    assert sorted({each["Name"] for each in found}) == ["blue", "red"]
    for label, (left, top) in places.items():
        best = next(each for each in found if each["Name"] == label)
        box = best["Geometry"]["BoundingBox"]
        assert box["Left"] * SIDES[0] == pytest.approx(left, abs=12)
        assert box["Top"] * SIDES[1] == pytest.approx(top, abs=12)
        assert all(float(np.float32(side)) == side for side in box.values())
    everything = detect(aws, arn, 20, MinConfidence=0)
    assert everything[: len(found)] == found
    assert detect(aws, arn, 20, MinConfidence=100) == []
    assert detect(aws, arn, 20, MinConfidence=0, MaxResults=1) == everything[:1]
    confidences = [each["Confidence"] for each in everything]
    assert confidences == sorted(confidences, reverse=True)


def project_of(aws: Aws) -> str:
    """Return the ARN of the only project."""
    (project,) = aws.rekognition.describe_projects()["ProjectDescriptions"]
    return project["ProjectArn"]


def test_logos_are_trained_from_whole_images(aws: Aws) -> None:
    """Image-level training lines with boxes in the test make a detector."""
    training = []
    for number in range(8):
        for label, colour in COLOURS.items():
            key = f"logos/{label}-{number}.png"
            picture = Image.new("RGB", (80 + number, 80), colour)
            aws.s3.put_object(Bucket=BUCKET, Key=key, Body=encode(picture))
            training.append(line(uri(key), label))
    version = aws.train_on(training, put_scenes(aws, "test", range(20, 24)))
    assert version["Status"] == "TRAINING_COMPLETED", version["StatusMessage"]
    summary = aws.read_json(version["EvaluationResult"]["Summary"]["S3Object"])
    assert "AveragePrecision" in summary["AggregatedEvaluationResults"]
    (first, *_) = aws.read_lines(version["TrainingDataResult"]["Output"])
    size = first["rekognition-custom-labels-training-0"]["image_size"][0]
    box = first["rekognition-custom-labels-training-0"]["annotations"][0]
    assert (box["left"], box["top"]) == (0, 0)
    assert (box["width"], box["height"]) == (size["width"], size["height"])


def test_one_label_is_enough_and_a_test_set_can_be_split_off(aws: Aws) -> None:
    """The fifth of the scenes that the service takes has boxes too."""
    lines = [boxes_line(f"train/{n}.png", {"red": scene(n)[1]["red"]}) for n in range(10)]
    put_scenes(aws, "train", range(10))
    manifest = aws.put_manifest("a.json", lines)
    version = aws.train(
        aws.project(),
        TrainingData={"Assets": [manifest]},
        TestingData={"AutoCreate": True},
    )
    assert version["Status"] == "TRAINING_COMPLETED", version["StatusMessage"]
    assert len(aws.read_lines(version["TestingDataResult"]["Output"])) == 2
