"""The emulator's summary follows from its snapshot, read and recomputed as a run does it."""

from collections.abc import Mapping
from typing import Any

import pytest

from rcl_flow.core.scoring.metrics import label_ratios, outcomes_of
from rcl_flow.core.scoring.parity import Parity, recompute
from rcl_flow.core.training.evaluation import Evaluation, parse_evaluation
from tests.emulator.builders import BUCKET, COLOURS, Aws, Line, line, png, uri
from tests.emulator.service.test_object_detection import boxes_line, put_scenes, scene

EXACT = 1e-9


def read(aws: Aws, version: Mapping[str, Any]) -> Evaluation:
    """Return the evaluation of a trained version from its two files."""
    assert version["Status"] == "TRAINING_COMPLETED"
    (snapshot,) = version["TestingDataResult"]["Output"]["Assets"]
    return parse_evaluation(
        aws.read(version["EvaluationResult"]["Summary"]["S3Object"]).encode(),
        aws.read(snapshot["GroundTruthManifest"]["S3Object"]).encode(),
    )


def assert_recomputed(evaluation: Evaluation, parity: Parity) -> None:
    """Assert that every figure follows from the flags, and that the model makes mistakes."""
    assert 0.1 < evaluation.f1 < 0.99
    assert parity.images == len(evaluation.outcomes) == evaluation.images
    assert parity.f1 == pytest.approx(evaluation.f1, rel=0, abs=EXACT)
    assert parity.precision == pytest.approx(evaluation.precision, rel=0, abs=EXACT)
    assert parity.recall == pytest.approx(evaluation.recall, rel=0, abs=EXACT)
    assert parity.differences == ()
    counted = ((each.truth, each.hits, each.false_alarms) for each in evaluation.outcomes)
    ratios = label_ratios(outcomes_of(counted, [entry.label for entry in evaluation.labels]))
    reported = [entry.f1 for entry in evaluation.labels]
    assert ratios.f1 == pytest.approx(reported, rel=0, abs=EXACT)


def put_test_images(aws: Aws, *shown: tuple[str, tuple[str, ...]]) -> list[Line]:
    """Upload an image of each colour, labelled as said, rightly or not."""
    lines: list[Line] = []
    for number, (colour, labels) in enumerate(shown):
        key = f"test/{number}.png"
        aws.s3.put_object(Bucket=BUCKET, Key=key, Body=png(colour, 50 + number))
        lines.append(line(uri(key), *labels))
    return lines


def test_summary_of_a_classifier_follows_from_its_snapshot(aws: Aws) -> None:
    """With wrong labels, and images of several."""
    shown = [(colour, (colour,)) for colour in COLOURS for _ in range(3)]
    wrong = [("red", ("green",)), ("blue", ("red", "blue")), ("green", ("red",))]
    evaluation = read(
        aws, aws.train_on(aws.put_images("train", 4), put_test_images(aws, *shown, *wrong))
    )
    parity = recompute(evaluation)
    assert_recomputed(evaluation, parity)
    assert (evaluation.task, parity.note) == ("classification", "")


def test_label_without_a_test_image_takes_part_in_the_means(aws: Aws) -> None:
    """Its figures are 0 in the summary, and it is in the mean of the listed numbers."""
    shown = [("red", ("red",)), ("green", ("green",)), ("red", ("green",)), ("green", ("green",))]
    evaluation = read(aws, aws.train_on(aws.put_images("train", 4), put_test_images(aws, *shown)))
    untested = {entry.label: entry.f1 for entry in evaluation.labels if not entry.images}
    assert untested == {"blue": 0.0}
    assert_recomputed(evaluation, recompute(evaluation))


def put_test_scenes(aws: Aws) -> list[Line]:
    """Upload scenes with objects that are not annotated, or under the other's label."""
    lines = put_scenes(aws, "test", range(20, 24))
    for seed in range(24, 28):
        body, places = scene(seed)
        key = f"test/{seed}.png"
        aws.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        red, blue = places["red"], places["blue"]
        annotated = {"blue": red} if seed % 2 else {"red": blue, "blue": red}
        lines.append(boxes_line(key, annotated))
    return lines


def test_summary_of_a_detector_follows_from_its_snapshot(aws: Aws) -> None:
    """With false alarms, misses and wrong labels, counted by objects."""
    project = aws.project("squares")
    aws.dataset(project, "TRAIN", put_scenes(aws, "train", range(12)))
    aws.dataset(project, "TEST", put_test_scenes(aws))
    evaluation = read(aws, aws.train(project))
    parity = recompute(evaluation)
    assert_recomputed(evaluation, parity)
    assert evaluation.task == "detection"
    assert parity.note.startswith("Of objects")
    thresholds = {entry.label: entry.assumed_threshold for entry in evaluation.labels}
    for outcome in evaluation.outcomes:
        assert set(outcome.truth) <= set(outcome.confidences)
        assert all(outcome.confidences[hit] >= thresholds[hit] for hit in outcome.hits)
