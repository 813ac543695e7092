"""Tests of what a model is worth over all thresholds."""

import pytest

from rcl_flow.core.datasets.boxes import Box, DetectedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.scoring.quality import MOST_BOXES, Calibration, CalibrationBin, judge_quality
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation, ImageOutcome
from tests.builders import evaluation, image, prediction, sha256_of

FIGURES = dict.fromkeys(("bolt", "nut", "rare"), (1.0, 1.0, 1.0))
HALF = dict.fromkeys(FIGURES, 0.5)
SIDE = 100
LEFT, RIGHT = (0.0, 0.0, 40.0, 40.0), (60.0, 0.0, 40.0, 40.0)
Place = tuple[float, float, float, float]


def of_labels(*said: tuple[str, dict[str, float]]) -> Material:
    """Return images, each with its true label and what a model said of it."""
    names = [str(number) for number in range(len(said))]
    answers = [prediction(name, **answer) for name, (_, answer) in zip(names, said, strict=True)]
    judged = Judged(
        tuple(image(name, label) for name, (label, _) in zip(names, said, strict=True)),
        {answer.sha256: answer for answer in answers},
    )
    return Material(evaluation([(["bolt"], ["bolt"])], FIGURES), judged, HALF)


def of_objects(
    *scenes: tuple[list[tuple[str, Place]], list[tuple[str, float, Place]]],
) -> Material:
    """Return images with their objects and what a detector found, places in pixels."""
    images, predictions = [], {}
    for number, (truth, found) in enumerate(scenes):
        sha256 = sha256_of(str(number))
        boxes = tuple(PixelBox(label, *place) for label, place in truth)
        images.append(DatasetImage("a.png", sha256, 1, "PNG", (), boxes, SIDE, SIDE))
        detected = tuple(
            DetectedBox(label=label, confidence_percent=percent, box=Box(**_ratios(place)))
            for label, percent, place in found
        )
        predictions[sha256] = Prediction(sha256=sha256, confidences_percent={}, boxes=detected)
    return Material(detector(), Judged(tuple(images), predictions), HALF)


def _ratios(place: Place) -> dict[str, float]:
    names = ("left", "top", "width", "height")
    return {name: value / SIDE for name, value in zip(names, place, strict=True)}


def detector() -> Evaluation:
    """Return the service's evaluation of a detector."""
    labels = tuple(
        EvaluatedLabel(label=label, images=1, precision=1, recall=1, f1=1, assumed_threshold=0.5)
        for label in FIGURES
    )
    outcome = ImageOutcome(source_ref="s3://b/1", truth=("bolt",), hits=("bolt",), false_alarms=())
    return Evaluation(
        precision=1,
        recall=1,
        f1=1,
        images=1,
        training_images=1,
        labels=labels,
        outcomes=(outcome,),
        task="detection",
    )


LABELS = of_labels(
    ("bolt", {"bolt": 90.0, "nut": 10.0}),
    ("bolt", {"bolt": 30.0, "nut": 70.0}),
    ("nut", {"bolt": 60.0, "nut": 40.0}),
)
OBJECTS = of_objects(
    ([("bolt", LEFT), ("bolt", RIGHT)], [("bolt", 90.0, LEFT), ("nut", 80.0, RIGHT)]),
    ([("nut", LEFT)], [("nut", 40.0, (8.0, 0.0, 40.0, 40.0))]),
)


def test_labels_have_their_average_precision() -> None:
    """A label that no holdout image has is not judged, and not in the mean."""
    quality = judge_quality(LABELS)
    assert [label.label for label in quality.labels] == ["bolt", "nut", "rare"]
    assert [label.positives for label in quality.labels] == [2, 1, 0]
    bolt, nut, rare = (label.average_precision for label in quality.labels)
    assert bolt == pytest.approx((1 + 2 / 3) / 2)
    assert nut == pytest.approx(1 / 2)
    assert rare is None
    assert quality.mean_average_precision == pytest.approx((5 / 6 + 1 / 2) / 2)
    assert quality.mean_average_precision_50_95 is None
    assert quality.average_recall is None


def test_single_answers_are_counted_together_at_the_thresholds() -> None:
    """One hit, two false alarms and two misses."""
    quality = judge_quality(LABELS)
    assert quality.micro_precision == pytest.approx(1 / 3)
    assert quality.micro_recall == pytest.approx(1 / 3)
    assert quality.micro_f1 == pytest.approx(1 / 3)


def test_calibration_is_over_every_answer_that_was_given() -> None:
    """The label that was never answered takes no part."""
    calibration = judge_quality(LABELS).calibration
    assert isinstance(calibration, Calibration)
    assert sum(each.answers for each in calibration.bins) == 6
    assert calibration.bins[3] == CalibrationBin(
        low_percent=30, high_percent=40, answers=1, mean_confidence_percent=30, share_right=1
    )
    off = (0.1, 0.1, 0.7, 0.7, 0.6, 0.6)
    assert calibration.expected_error == pytest.approx(sum(off) / 6)
    assert calibration.brier_score == pytest.approx(sum(each**2 for each in off) / 6)


def test_objects_have_figures_over_the_overlaps() -> None:
    """A bolt of two is found in its place; the nut by a box that overlaps it by two thirds."""
    quality = judge_quality(OBJECTS)
    bolt, nut, rare = quality.labels
    assert [label.positives for label in quality.labels] == [2, 1, 0]
    assert bolt.average_precision == pytest.approx(51 / 101)
    assert bolt.average_precision_50_95 == pytest.approx(51 / 101)
    assert bolt.average_recall == pytest.approx(1 / 2)
    assert nut.average_precision == pytest.approx(1 / 2)
    assert nut.average_precision_50_95 == pytest.approx(1 / 2 * 4 / 10)
    assert nut.average_recall == pytest.approx(4 / 10)
    assert (rare.average_precision, rare.average_precision_50_95, rare.average_recall) == (
        None,
    ) * 3


def test_means_over_objects_leave_out_a_label_that_the_holdout_lacks() -> None:
    """Of three labels two count."""
    quality = judge_quality(OBJECTS)
    assert quality.mean_average_precision == pytest.approx((51 / 101 + 1 / 2) / 2)
    assert quality.mean_average_precision_50_95 == pytest.approx((51 / 101 + 1 / 5) / 2)
    assert quality.average_recall == pytest.approx((1 / 2 + 4 / 10) / 2)


def test_single_objects_are_counted_together_at_the_thresholds() -> None:
    """One hit, a false alarm; a bolt is missed, and the nut is found with too little confidence."""
    quality = judge_quality(OBJECTS)
    assert quality.micro_precision == pytest.approx(1 / 2)
    assert quality.micro_recall == pytest.approx(1 / 3)
    assert quality.micro_f1 == pytest.approx(2 / 5)


def test_found_box_is_right_when_it_is_matched() -> None:
    """Calibration of objects is over all found boxes."""
    calibration = judge_quality(OBJECTS).calibration
    right = [each.share_right for each in calibration.bins if each.answers]
    assert right == [1, 0, 1]
    assert calibration.brier_score == pytest.approx((0.1**2 + 0.8**2 + 0.6**2) / 3)


def test_only_the_surest_boxes_of_an_image_and_label_count() -> None:
    """As COCO does: the hit after a hundred false alarms comes too late, in another image not."""
    wrong = [("bolt", 90.0, RIGHT)] * MOST_BOXES
    late = of_objects(([("bolt", LEFT)], [*wrong, ("bolt", 50.0, LEFT)]))
    assert judge_quality(late).average_recall == 0
    elsewhere = of_objects(([], list(wrong)), ([("bolt", LEFT)], [("bolt", 50.0, LEFT)]))
    quality = judge_quality(elsewhere)
    assert quality.average_recall == 1
    assert quality.mean_average_precision == pytest.approx(1 / (MOST_BOXES + 1))


def test_holdout_without_objects_has_figures_of_nothing() -> None:
    """Nothing true, nothing found: all is 0, and nothing fails."""
    quality = judge_quality(of_objects(([], [])))
    assert quality.mean_average_precision == quality.average_recall == quality.micro_f1 == 0
    assert {label.average_precision for label in quality.labels} == {None}
