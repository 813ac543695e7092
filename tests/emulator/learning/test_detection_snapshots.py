"""The files that a detector's evaluation is written to."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.emulator.learning.boxes import WHOLE_IMAGE, Box, LabelledBox
from rcl_flow.emulator.learning.detection_evaluation import EvaluatedScene, evaluate_detector
from rcl_flow.emulator.learning.detection_snapshots import scene_lines, training_scene_lines
from rcl_flow.emulator.learning.evaluation import summary_document
from tests.emulator.learning.scenes import (
    HEIGHT_PIXELS,
    LABELS,
    LEFT,
    RIGHT,
    WIDTH_PIXELS,
    overlaps,
    scene,
    several_scenes,
)

MOMENT = datetime(2024, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
STAMP = "2024-02-03T04:05:06.789000"
EVALUATION = "rekognition-custom-labels-evaluation"
TRUTH = "rekognition-custom-labels-training-0"
DETAILS = f"{EVALUATION}-details"
SIZE = [{"width": WIDTH_PIXELS, "height": HEIGHT_PIXELS, "depth": 3}]


def snapshot(
    scenes: list[EvaluatedScene], labels: tuple[str, ...] = LABELS, min_overlap: float = 0.5
) -> list[dict[str, Any]]:
    """Return the lines of the testing snapshot as a reader finds them."""
    evaluation = evaluate_detector(scenes, labels, min_overlap=min_overlap)
    lines = scene_lines(scenes, evaluation, created_at=MOMENT)
    return [json.loads(json.dumps(line)) for line in lines]


def details(flag: str) -> dict[str, object]:
    """Return the details of an object of which one flag is true."""
    flags = ("is-true-positive", "is-true-negative", "is-false-positive", "is-false-negative")
    return {
        "version": 1,
        "ground-truth-labelling-jobs": ["rekognition-custom-labels-training-job"],
        **{name: name == flag for name in flags},
        "is-present-in-ground-truth": flag != "is-false-positive",
    }


def test_summary_has_the_detection_form() -> None:
    """Average precision and recall in place of the confusion matrix, flat."""
    one = scene([("a", LEFT), ("a", RIGHT)], [("a", 0.9, LEFT)])
    summary = summary_document(
        evaluate_detector([one], ["a"]),
        project_version_arn="arn",
        evaluated_at=MOMENT,
        training_images=3,
    )
    assert summary == {
        "Version": 1,
        "EvaluationDetails": {
            "EvaluationEndTimestamp": STAMP,
            "Labels": ["a"],
            "NumberOfTestingImages": 1,
            "NumberOfTrainingImages": 3,
            "ProjectVersionArn": "arn",
        },
        "AggregatedEvaluationResults": {
            "Precision": 1.0,
            "Recall": 0.5,
            "F1Score": 2 / 3,
            "AveragePrecision": 0.5,
            "AverageRecall": 0.5,
        },
        "LabelEvaluationResults": [
            {
                "Label": "a",
                "NumberOfTestingImages": 1,
                "Metrics": {"Threshold": 0.9, "Precision": 1.0, "Recall": 0.5, "F1Score": 2 / 3},
            }
        ],
    }


def test_snapshot_line_has_the_documented_form() -> None:
    """Whole pixels, a class map of the line, flags beside each object's confidence."""
    one = scene([("bolt", LEFT)], [("bolt", 0.9, Box(0.01, 0.0, 0.4, 0.4))])
    assert snapshot([one], ("bolt",)) == [
        {
            "source-ref": "s3://b/a.jpg",
            TRUTH: {
                "annotations": [{"class_id": 0, "left": 0, "top": 0, "width": 40, "height": 20}],
                "image_size": SIZE,
            },
            f"{TRUTH}-metadata": {
                "class-map": {"0": "bolt"},
                "objects": [{"confidence": 1.0}],
                "job-name": "rekognition-custom-labels-training-job",
                "human-annotated": "yes",
                "creation-date": STAMP,
                "type": "groundtruth/object-detection",
            },
            EVALUATION: {
                "annotations": [{"class_id": 0, "left": 1, "top": 0, "width": 40, "height": 20}],
                "image_size": SIZE,
            },
            f"{EVALUATION}-metadata": {
                "confidence": 0.9,
                "class-map": {"0": "bolt"},
                "objects": [{"confidence": 0.9, DETAILS: details("is-true-positive")}],
                "job-name": "rekognition-custom-labels-evaluation-job",
                "human-annotated": "no",
                "creation-date": STAMP,
                "type": "groundtruth/object-detection",
            },
            "rekognition-custom-labels-object-id": 1,
            "line-idx": 1,
        }
    ]


def test_snapshot_lists_hits_alarms_and_misses() -> None:
    """Below the threshold only what is right is listed; an object that nobody saw has 0."""
    corner = Box(0.0, 0.9, 0.1, 0.1)
    # without the three alarms between it and 0.6 the box at 0.2 would be above the threshold
    alarms = [("a", score, corner) for score in (0.5, 0.4, 0.3)]
    scenes = [
        scene([("a", LEFT)], [("a", 0.9, LEFT), ("a", 0.6, corner)], "1"),
        scene([("a", LEFT)], [("a", 0.6, LEFT)], "2"),
        scene([("a", LEFT), ("a", RIGHT)], [*alarms, ("a", 0.2, LEFT)], "3"),
    ]
    listed = [line[f"{EVALUATION}-metadata"]["objects"] for line in snapshot(scenes, ("a",))]
    assert listed == [
        [
            {"confidence": 0.9, DETAILS: details("is-true-positive")},
            {"confidence": 0.6, DETAILS: details("is-false-positive")},
        ],
        [{"confidence": 0.6, DETAILS: details("is-true-positive")}],
        [
            {"confidence": 0.2, DETAILS: details("is-false-negative")},
            {"confidence": 0.0, DETAILS: details("is-false-negative")},
        ],
    ]


def test_snapshot_of_an_unseen_object_has_its_box() -> None:
    """The object that stands for a miss lies where the truth does."""
    (line,) = snapshot([scene([("b", RIGHT)], [])])
    assert line[EVALUATION] == line[TRUTH]
    assert line[f"{EVALUATION}-metadata"]["class-map"] == {"0": "b"}
    assert line[f"{EVALUATION}-metadata"]["confidence"] == 0.0


def test_snapshot_leaves_out_labels_that_the_detector_does_not_know() -> None:
    """They have no figures in the summary, so nothing of them is counted in the snapshot."""
    one = scene([("a", LEFT), ("c", RIGHT)], [("a", 0.9, LEFT)])
    (line,) = snapshot([one])
    assert line[f"{TRUTH}-metadata"]["class-map"] == {"0": "a"}
    assert len(line[TRUTH]["annotations"]) == len(line[EVALUATION]["annotations"]) == 1


def test_snapshot_numbers_classes_within_the_line_and_lines_from_one() -> None:
    """Class ids start at 0 in every line; object ids and line numbers do not."""
    lines = snapshot([scene([("a", LEFT), ("b", RIGHT)], []), scene([("b", LEFT)], [])])
    assert [line[f"{TRUTH}-metadata"]["class-map"] for line in lines] == [
        {"0": "a", "1": "b"},
        {"0": "b"},
    ]
    numbers = [(line["rekognition-custom-labels-object-id"], line["line-idx"]) for line in lines]
    assert numbers == [(1, 1), (2, 2)]


def test_training_snapshot_has_the_truth_only() -> None:
    """What was found plays no part in it; a logo's box is the whole image."""
    scenes = [scene([("a", WHOLE_IMAGE)], [("a", 0.9, LEFT)])] * 2
    lines = list(training_scene_lines(scenes, created_at=MOMENT))
    assert lines[1] == {
        "source-ref": "s3://b/a.jpg",
        TRUTH: {
            "annotations": [
                {
                    "class_id": 0,
                    "left": 0,
                    "top": 0,
                    "width": WIDTH_PIXELS,
                    "height": HEIGHT_PIXELS,
                }
            ],
            "image_size": SIZE,
        },
        f"{TRUTH}-metadata": {
            "class-map": {"0": "a"},
            "objects": [{"confidence": 1.0}],
            "job-name": "rekognition-custom-labels-training-job",
            "human-annotated": "yes",
            "creation-date": STAMP,
            "type": "groundtruth/object-detection",
        },
        "rekognition-custom-labels-object-id": 2,
        "line-idx": 2,
    }


sides = st.floats(-0.2, 1.2)
spans = st.floats(0, 1.5)


@given(sides, sides, spans, spans)
def test_written_boxes_stay_in_the_image(
    left: float, top: float, width: float, height: float
) -> None:
    """Whatever was found, at least one pixel is written and none outside the image."""
    (line,) = snapshot([scene([("a", Box(left, top, width, height))], [])])
    (written,) = line[TRUTH]["annotations"]
    assert 0 <= written["left"] < written["left"] + written["width"] <= WIDTH_PIXELS
    assert 0 <= written["top"] < written["top"] + written["height"] <= HEIGHT_PIXELS


@st.composite
def pixel_boxes(draw: st.DrawFn) -> tuple[int, int, list[int]]:
    """Draw an image's size and a box of whole pixels in it."""
    width, height = draw(st.integers(64, 4096)), draw(st.integers(64, 4096))
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return (
        width,
        height,
        [left, top, draw(st.integers(1, width - left)), draw(st.integers(1, height - top))],
    )


@given(pixel_boxes())
def test_boxes_of_whole_pixels_are_written_as_they_were(
    drawn: tuple[int, int, list[int]],
) -> None:
    """A manifest's integer boxes come back from their ratios unchanged."""
    width, height, (left, top, across, down) = drawn
    box = Box(left / width, top / height, across / width, down / height)
    one = replace(
        scene([], []), width_pixels=width, height_pixels=height, truth=(LabelledBox("a", box),)
    )
    (line,) = training_scene_lines([one], created_at=MOMENT)
    found: Any = line[TRUTH]
    expected = {"class_id": 0, "left": left, "top": top, "width": across, "height": down}
    assert found["annotations"] == [expected]


def count_flags(lines: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count every flag that is raised, by label, as a reader of the file would."""
    flags: Counter[tuple[str, str]] = Counter()
    for line in lines:
        metadata = line[f"{EVALUATION}-metadata"]
        for annotation, each in zip(
            line[EVALUATION]["annotations"], metadata["objects"], strict=True
        ):
            label = metadata["class-map"][str(annotation["class_id"])]
            raised = [flag for flag, value in each[DETAILS].items() if value is True]
            assert len([flag for flag in raised if flag != "is-present-in-ground-truth"]) == 1
            flags.update((label, flag) for flag in raised)
    return flags


@given(several_scenes, overlaps, st.sampled_from([LABELS, ("a",)]))
def test_snapshot_flags_recount_to_the_summary(
    scenes: list[EvaluatedScene], min_overlap: float, labels: tuple[str, ...]
) -> None:
    """The flags of all objects give each label's objects, precision, recall and F1 again."""
    flags = count_flags(snapshot(scenes, labels, min_overlap))
    assert {label for label, _ in flags} <= set(labels)
    for each in evaluate_detector(scenes, labels, min_overlap=min_overlap).labels:
        hits, alarms, misses, present = (
            flags[each.label, flag]
            for flag in (
                "is-true-positive",
                "is-false-positive",
                "is-false-negative",
                "is-present-in-ground-truth",
            )
        )
        shown = sum(true.label == each.label for one in scenes for true in one.truth)
        assert hits + misses == present == shown
        assert each.recall == pytest.approx(hits / max(shown, 1))
        assert each.precision == pytest.approx(hits / max(hits + alarms, 1))
        assert each.f1 == pytest.approx(2 * hits / max(2 * hits + alarms + misses, 1))
