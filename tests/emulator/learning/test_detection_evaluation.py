"""How a detector is judged: by hand, by laws, and against independent implementations."""

from collections import Counter
from datetime import UTC, datetime
from importlib import import_module
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.emulator.learning.boxes import Box, Detection, LabelledBox
from rcl_flow.emulator.learning.detection_evaluation import (
    DetectionEvaluation,
    EvaluatedScene,
    evaluate_detector,
    match_boxes,
)
from rcl_flow.emulator.learning.detection_snapshots import scene_lines, training_scene_lines
from rcl_flow.emulator.learning.evaluation import summary_document

MOMENT = datetime(2024, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
LEFT, RIGHT = Box(0.0, 0.0, 0.4, 0.4), Box(0.5, 0.5, 0.4, 0.4)
DETAILS = "rekognition-custom-labels-evaluation-details"


def scene(
    truth: list[tuple[str, Box]], found: list[tuple[str, float, Box]], name: str = "a"
) -> EvaluatedScene:
    """Return an image of 100 x 50 pixels."""
    return EvaluatedScene(
        f"s3://b/{name}.jpg",
        100,
        50,
        tuple(LabelledBox(*each) for each in truth),
        tuple(sorted((Detection(*each) for each in found), key=lambda d: -d.confidence)),
    )


def test_figures_are_those_worked_out_by_hand() -> None:
    """Two of three bolts found, one false alarm between them: best to stop after the second."""
    scenes = [
        scene([("bolt", LEFT), ("bolt", RIGHT)], [("bolt", 0.9, LEFT), ("bolt", 0.2, RIGHT)]),
        scene([("bolt", LEFT)], [("bolt", 0.5, RIGHT)], "b"),
    ]
    evaluation = evaluate_detector(scenes, ["bolt"])
    (bolt,) = evaluation.labels
    assert (bolt.testing_images, bolt.threshold) == (2, 0.2)
    assert (bolt.precision, bolt.recall) == pytest.approx((2 / 3, 2 / 3))
    assert bolt.f1 == pytest.approx(2 / 3)
    assert evaluation.average_precision == pytest.approx((1 + 2 / 3) / 3)
    assert evaluation.average_recall == pytest.approx(2 / 3)


def test_aggregates_are_unweighted_means_over_labels() -> None:
    """A label without any test image counts with zeros and the threshold 0.5."""
    evaluation = evaluate_detector([scene([("a", LEFT)], [("a", 0.9, LEFT)])], ["a", "b"])
    assert [label.threshold for label in evaluation.labels] == [0.9, 0.5]
    assert (evaluation.precision, evaluation.recall, evaluation.f1) == (0.5, 0.5, 0.5)
    assert (evaluation.average_precision, evaluation.average_recall) == (0.5, 0.5)


def test_label_that_is_never_found_has_zeros() -> None:
    """There is no threshold to choose, and nothing to divide by."""
    (label,) = evaluate_detector([scene([("a", LEFT)], [])], ["a"]).labels
    assert (label.precision, label.recall, label.f1, label.threshold) == (0, 0, 0, 0.5)


def test_matching_is_greedy_and_by_label() -> None:
    """The surest prediction takes the object; each object is taken once, by its own label."""
    found = [("a", 0.9, LEFT), ("a", 0.8, LEFT), ("b", 0.99, RIGHT)]
    assert match_boxes(scene([("a", LEFT), ("a", RIGHT)], found)) == {1: 0}


def test_overlap_of_exactly_half_is_enough() -> None:
    """The limit itself is right."""
    half = Box(0.0, 0.0, 0.4, 0.2)
    assert match_boxes(scene([("a", LEFT)], [("a", 0.9, half)])) == {0: 0}


def test_summary_has_the_detection_form() -> None:
    """Average precision and recall in place of the confusion matrix, flat."""
    evaluation = evaluate_detector([scene([("a", LEFT)], [("a", 0.9, LEFT)])], ["a"])
    summary: Any = summary_document(
        evaluation, project_version_arn="arn", evaluated_at=MOMENT, training_images=3
    )
    assert summary["AggregatedEvaluationResults"] == {
        "Precision": 1.0,
        "Recall": 1.0,
        "F1Score": 1.0,
        "AveragePrecision": 1.0,
        "AverageRecall": 1.0,
    }
    assert summary["EvaluationDetails"]["NumberOfTrainingImages"] == 3
    assert summary["LabelEvaluationResults"][0]["Metrics"]["Threshold"] == 0.9


def test_snapshot_line_has_the_documented_form() -> None:
    """Whole pixels, a class map of the line, flags beside each object's confidence."""
    one = scene([("bolt", LEFT)], [("bolt", 0.9, Box(0.01, 0.0, 0.4, 0.4))])
    (line,) = scene_lines([one], evaluate_detector([one], ["bolt"]), created_at=MOMENT)
    created = "2024-02-03T04:05:06.789000"
    size = [{"width": 100, "height": 50, "depth": 3}]
    assert line == {
        "source-ref": "s3://b/a.jpg",
        "rekognition-custom-labels-training-0": {
            "annotations": [{"class_id": 0, "left": 0, "top": 0, "width": 40, "height": 20}],
            "image_size": size,
        },
        "rekognition-custom-labels-training-0-metadata": {
            "class-map": {"0": "bolt"},
            "objects": [{"confidence": 1.0}],
            "job-name": "rekognition-custom-labels-training-job",
            "human-annotated": "yes",
            "creation-date": created,
            "type": "groundtruth/object-detection",
        },
        "rekognition-custom-labels-evaluation": {
            "annotations": [{"class_id": 0, "left": 1, "top": 0, "width": 40, "height": 20}],
            "image_size": size,
        },
        "rekognition-custom-labels-evaluation-metadata": {
            "confidence": 0.9,
            "class-map": {"0": "bolt"},
            "objects": [
                {
                    "confidence": 0.9,
                    DETAILS: {
                        "version": 1,
                        "ground-truth-labelling-jobs": ["rekognition-custom-labels-training-job"],
                        "is-true-positive": True,
                        "is-true-negative": False,
                        "is-false-positive": False,
                        "is-false-negative": False,
                        "is-present-in-ground-truth": True,
                    },
                }
            ],
            "job-name": "rekognition-custom-labels-evaluation-job",
            "human-annotated": "no",
            "creation-date": created,
            "type": "groundtruth/object-detection",
        },
    }


def test_snapshot_lists_misses_and_leaves_out_what_is_unsure_and_wrong() -> None:
    """A right box below the threshold is a miss with its confidence, an unseen object has 0."""
    scenes = [
        scene([("a", LEFT)], [("a", 0.9, LEFT)]),
        scene([("a", LEFT), ("a", RIGHT)], [("a", 0.3, LEFT), ("a", 0.31, Box(0, 0.9, 0.1, 0.1))]),
    ]
    evaluation = evaluate_detector(scenes * 2, ["a"])
    assert evaluation.labels[0].threshold == 0.3
    strict = DetectionEvaluation(
        labels=tuple(
            type(label)(label.label, label.testing_images, 0.5, 1.0, 1 / 3, 0.5)
            for label in evaluation.labels
        ),
        precision=1.0,
        recall=1 / 3,
        f1=0.5,
        average_precision=0.5,
        average_recall=0.5,
        testing_images=2,
    )
    lines: list[Any] = list(scene_lines(scenes, strict, created_at=MOMENT))
    listed = lines[1]["rekognition-custom-labels-evaluation-metadata"]["objects"]
    assert [each["confidence"] for each in listed] == [0.3, 0.0]
    assert all(each[DETAILS]["is-false-negative"] for each in listed)


def test_training_snapshot_has_the_truth_only() -> None:
    """What was found plays no part in it."""
    (line,) = training_scene_lines([scene([("a", LEFT)], [])], created_at=MOMENT)
    assert set(line) == {
        "source-ref",
        "rekognition-custom-labels-training-0",
        "rekognition-custom-labels-training-0-metadata",
    }


shares = st.integers(0, 19).map(lambda n: n / 20)
lengths = st.integers(1, 10).map(lambda n: n / 20)
boxes = st.builds(
    lambda left, top, width, height: Box(left, top, min(width, 1 - left), min(height, 1 - top)),
    *(shares, shares, lengths, lengths),
)
labels = st.sampled_from(["a", "b"])
scores = st.integers(1, 20).map(lambda n: n / 20)
many_scenes = st.lists(
    st.builds(
        scene,
        st.lists(st.tuples(labels, boxes), max_size=4),
        st.lists(st.tuples(labels, scores, boxes), max_size=6),
    ),
    min_size=1,
    max_size=5,
)


@given(many_scenes)
def test_snapshot_flags_recount_to_the_summary(scenes: list[EvaluatedScene]) -> None:
    """The flags of all objects give each label's precision, recall and F1 again."""
    evaluation = evaluate_detector(scenes, ["a", "b"])
    flags: Counter[tuple[str, str]] = Counter()
    lines: list[Any] = list(scene_lines(scenes, evaluation, created_at=MOMENT))
    for line in lines:
        metadata = line["rekognition-custom-labels-evaluation-metadata"]
        annotations = line["rekognition-custom-labels-evaluation"]["annotations"]
        for annotation, each in zip(annotations, metadata["objects"], strict=True):
            name = metadata["class-map"][str(annotation["class_id"])]
            flags.update((name, flag) for flag, raised in each[DETAILS].items() if raised is True)
            right, bottom = (
                annotation[s] + annotation[e] for s, e in (("left", "width"), ("top", "height"))
            )
            assert 0 <= annotation["left"] < right <= 100
            assert 0 <= annotation["top"] < bottom <= 50
    for label in evaluation.labels:
        shown = sum(each.label == label.label for one in scenes for each in one.truth)
        hits = flags[label.label, "is-true-positive"]
        assert hits + flags[label.label, "is-false-negative"] == shown
        if shown:
            assert label.recall == pytest.approx(hits / shown)
            alarms = flags[label.label, "is-false-positive"]
            assert label.precision == pytest.approx(hits / (hits + alarms) if hits else 0)


@given(many_scenes, st.randoms())
def test_figures_are_ratios_whatever_the_order(
    scenes: list[EvaluatedScene], random: Random
) -> None:
    """Every figure lies between 0 and 1, and the order of the images plays no part."""
    evaluation = evaluate_detector(scenes, ["a", "b"])
    figures = [evaluation.precision, evaluation.recall, evaluation.f1]
    figures += [evaluation.average_precision, evaluation.average_recall]
    assert all(0 <= figure <= 1 for figure in figures)
    assert evaluation.average_recall >= evaluation.recall - 1e-12
    shuffled = list(scenes)
    random.shuffle(shuffled)
    again = evaluate_detector(shuffled, ["a", "b"])
    assert again.f1 == pytest.approx(evaluation.f1)


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_agrees_with_pycocotools(seed: int) -> None:
    """COCO's own evaluation of the same boxes differs only by its 101 steps of recall."""
    coco: Any = import_module("pycocotools.coco")
    cocoeval: Any = import_module("pycocotools.cocoeval")
    rng = np.random.default_rng(seed)
    scenes = [random_scene(rng, str(number)) for number in range(60)]
    evaluation = evaluate_detector(scenes, ["a", "b"])
    truth = coco.COCO()
    truth.dataset = coco_dataset(scenes)
    truth.createIndex()
    judged = cocoeval.COCOeval(truth, truth.loadRes(coco_results(scenes)), "bbox")
    judged.params.iouThrs = np.array([0.5])
    judged.params.areaRng = judged.params.areaRng[:1]
    judged.params.areaRngLbl = judged.params.areaRngLbl[:1]
    judged.evaluate()
    judged.accumulate()
    assert evaluation.average_precision == pytest.approx(
        judged.eval["precision"][0, :, :, 0, -1].mean(), abs=0.01
    )
    assert evaluation.average_recall == pytest.approx(
        judged.eval["recall"][0, :, 0, -1].mean(), abs=1e-9
    )


def random_scene(rng: np.random.Generator, name: str) -> EvaluatedScene:
    """Return a scene with apart objects, most of them found more or less in their place."""
    truth, found = [], []
    for column in range(3):
        label = str(rng.choice(["a", "b"]))
        box = Box(column / 3 + 0.02, float(rng.uniform(0, 0.5)), 0.25, 0.4)
        truth.append((label, box))
        shift = float(rng.uniform(-0.1, 0.1))
        moved = Box(max(0.0, box.left + shift), box.top, box.width, box.height)
        if rng.random() < 0.8:
            found.append((label, float(rng.random()), moved))
        if rng.random() < 0.4:
            found.append((str(rng.choice(["a", "b"])), float(rng.random()), moved))
    return scene(truth, found, name)


def coco_box(box: Box) -> list[float]:
    """Return a box as COCO has it, on an image of 1000 x 1000 pixels."""
    return [1000 * side for side in (box.left, box.top, box.width, box.height)]


def coco_dataset(scenes: list[EvaluatedScene]) -> dict[str, Any]:
    """Return the truth in COCO's form."""
    pairs = [(number, each) for number, one in enumerate(scenes) for each in one.truth]
    return {
        "info": {},
        "images": [{"id": number} for number in range(len(scenes))],
        "categories": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}],
        "annotations": [
            {
                "id": index,
                "image_id": number,
                "category_id": 1 if each.label == "a" else 2,
                "bbox": coco_box(each.box),
                "area": 1e6 * each.box.area,
                "iscrowd": 0,
            }
            for index, (number, each) in enumerate(pairs, start=1)
        ],
    }


def coco_results(scenes: list[EvaluatedScene]) -> list[dict[str, Any]]:
    """Return the predictions in COCO's form."""
    return [
        {
            "image_id": number,
            "category_id": 1 if each.label == "a" else 2,
            "bbox": coco_box(each.box),
            "score": each.confidence,
        }
        for number, one in enumerate(scenes)
        for each in one.detections
    ]
