"""How a detector is judged: cases worked out by hand, and laws."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.emulator.learning.boxes import Box
from rcl_flow.emulator.learning.detection_evaluation import (
    DetectionEvaluation,
    EvaluatedScene,
    evaluate_detector,
    match_boxes,
)
from rcl_flow.emulator.learning.evaluation import LabelEvaluation
from tests.emulator.learning.scenes import (
    LABELS,
    LEFT,
    RIGHT,
    overlaps,
    scene,
    several_scenes,
)


def test_figures_are_those_worked_out_by_hand() -> None:
    """Two of three bolts found, one false alarm between them: the lowest score is assumed."""
    scenes = [
        scene([("bolt", LEFT), ("bolt", RIGHT)], [("bolt", 0.9, LEFT), ("bolt", 0.2, RIGHT)]),
        scene([("bolt", LEFT)], [("bolt", 0.5, RIGHT)], "b"),
    ]
    evaluation = evaluate_detector(scenes, ["bolt"])
    assert evaluation.labels == (LabelEvaluation("bolt", 2, 0.2, 2 / 3, 2 / 3, 2 / 3),)
    assert evaluation.average_precision == pytest.approx((1 + 2 / 3) / 3)
    assert evaluation.average_recall == pytest.approx(2 / 3)
    assert evaluation.testing_images == 2


def test_threshold_stops_before_the_false_alarms() -> None:
    """One hit, then three false alarms and a hit: 2/3 alone beats 4/7 with all; recall is whole."""
    found = [("a", 0.9, LEFT), *(("a", score, Box(0, 0.9, 0.1, 0.1)) for score in (0.8, 0.7, 0.6))]
    one = scene([("a", LEFT), ("a", RIGHT)], [*found, ("a", 0.5, RIGHT)])
    evaluation = evaluate_detector([one], ["a"])
    assert evaluation.labels == (LabelEvaluation("a", 1, 0.9, 1.0, 0.5, 2 / 3),)
    assert evaluation.average_precision == pytest.approx((1 + 2 / 5) / 2)
    assert evaluation.average_recall == 1.0


def test_aggregates_are_unweighted_means_over_labels() -> None:
    """A label without any test image counts with zeros and the threshold 0.5."""
    evaluation = evaluate_detector([scene([("a", LEFT)], [("a", 0.9, LEFT)])], ["a", "b"])
    assert evaluation.labels[1] == LabelEvaluation("b", 0, 0.5, 0.0, 0.0, 0.0)
    assert (evaluation.precision, evaluation.recall, evaluation.f1) == (0.5, 0.5, 0.5)
    assert (evaluation.average_precision, evaluation.average_recall) == (0.5, 0.5)


def test_label_that_is_never_found_has_zeros() -> None:
    """There is no threshold to choose, and nothing to divide by."""
    (label,) = evaluate_detector([scene([("a", LEFT)], [])], ["a"]).labels
    assert label == LabelEvaluation("a", 1, 0.5, 0.0, 0.0, 0.0)


def test_testing_images_count_images_not_objects() -> None:
    """Two objects in one image are one test image of the label."""
    evaluation = evaluate_detector([scene([("a", LEFT), ("a", RIGHT)], [])] * 3, ["a"])
    assert (evaluation.labels[0].testing_images, evaluation.testing_images) == (3, 3)


def test_equal_confidences_are_one_point_of_the_curve() -> None:
    """A hit and a false alarm of the same score are on the same side of every threshold."""
    one = scene([("a", LEFT)], [("a", 0.5, LEFT), ("a", 0.5, RIGHT)])
    evaluation = evaluate_detector([one], ["a"])
    assert (evaluation.precision, evaluation.average_precision) == (0.5, 0.5)


def test_matching_is_greedy_and_by_label() -> None:
    """The surest prediction takes the object; each object is taken once, by its own label."""
    found = [("a", 0.8, LEFT), ("a", 0.9, LEFT), ("b", 0.99, RIGHT)]
    assert match_boxes(scene([("a", LEFT), ("a", RIGHT)], found)) == {1: 0}


def test_matching_takes_the_best_object_that_is_left() -> None:
    """The second of two predictions in one place gets the next object, when it reaches that."""
    near = Box(0.05, 0.0, 0.4, 0.4)
    one = scene([("a", near), ("a", LEFT)], [("a", 0.9, LEFT), ("a", 0.8, LEFT)])
    assert match_boxes(one) == {0: 1, 1: 0}


def test_overlap_of_exactly_half_is_enough() -> None:
    """The limit itself is right, and can be set."""
    one = scene([("a", LEFT)], [("a", 0.9, Box(0.0, 0.0, 0.4, 0.2))])
    assert match_boxes(one) == {0: 0}
    assert match_boxes(one, min_overlap=0.51) == {}
    assert evaluate_detector([one], ["a"], min_overlap=0.51).recall == 0.0


def figures(evaluation: DetectionEvaluation) -> list[float]:
    """Return the five aggregates."""
    return [
        evaluation.precision,
        evaluation.recall,
        evaluation.f1,
        evaluation.average_precision,
        evaluation.average_recall,
    ]


def mixed(scenes: list[EvaluatedScene], random: Random) -> list[EvaluatedScene]:
    """Return the same images, objects and predictions in another order."""
    return [
        replace(
            each,
            truth=tuple(random.sample(each.truth, len(each.truth))),
            detections=tuple(random.sample(each.detections, len(each.detections))),
        )
        for each in random.sample(scenes, len(scenes))
    ]


@given(several_scenes, st.randoms(use_true_random=False), overlaps)
def test_no_order_plays_a_part(
    scenes: list[EvaluatedScene], random: Random, min_overlap: float
) -> None:
    """Images, true boxes and predictions may come in any order, also equally sure ones."""
    evaluation = evaluate_detector(scenes, LABELS, min_overlap=min_overlap)
    again = evaluate_detector(mixed(scenes, random), LABELS, min_overlap=min_overlap)
    assert again.labels == evaluation.labels
    assert figures(again) == pytest.approx(figures(evaluation), rel=0, abs=1e-12)


@given(several_scenes, overlaps)
def test_figures_are_ratios(scenes: list[EvaluatedScene], min_overlap: float) -> None:
    """All are 0 to 1, and more than all predictions cannot be found."""
    evaluation = evaluate_detector(scenes, LABELS, min_overlap=min_overlap)
    assert all(0 <= figure <= 1 for figure in figures(evaluation))
    assert evaluation.average_precision <= evaluation.average_recall
    assert evaluation.recall <= evaluation.average_recall


@given(several_scenes, st.randoms(use_true_random=False))
def test_perfect_predictions_have_perfect_figures(
    scenes: list[EvaluatedScene], random: Random
) -> None:
    """Every true box said once, with any confidence: all is 1 for each label that is shown."""
    said = [
        scene(
            [(each.label, each.box) for each in one.truth],
            [(each.label, random.random(), each.box) for each in one.truth],
        )
        for one in scenes
    ]
    shown = {each.label for one in scenes for each in one.truth}
    if shown:
        assert figures(evaluate_detector(said, sorted(shown))) == [1.0] * 5


@given(several_scenes)
def test_no_other_threshold_has_a_better_f1(scenes: list[EvaluatedScene]) -> None:
    """Of all confidences none gives a higher F1, and no lower one the same."""
    ranked: list[tuple[str, float, bool]] = []
    for one in scenes:
        matches = match_boxes(one)
        ranked += [(d.label, d.confidence, n in matches) for n, d in enumerate(one.detections)]
    for each in evaluate_detector(scenes, LABELS).labels:
        shown = sum(true.label == each.label for one in scenes for true in one.truth)
        if not shown:
            continue
        for threshold in {score for label, score, _ in ranked if label == each.label}:
            hits = [
                hit for label, score, hit in ranked if label == each.label and score >= threshold
            ]
            f1 = 2 * sum(hits) / (len(hits) + shown)
            assert f1 <= each.f1
            assert f1 < each.f1 or threshold >= each.threshold


@given(several_scenes, overlaps)
def test_matches_are_what_they_claim(scenes: list[EvaluatedScene], min_overlap: float) -> None:
    """Every match joins boxes of one label that overlap enough, and no true box twice."""
    for one in scenes:
        matches = match_boxes(one, min_overlap=min_overlap)
        assert len(set(matches.values())) == len(matches)
        for found, true in matches.items():
            said: Any = one.detections[found]
            assert said.label == one.truth[true].label
            assert said.box.overlap(one.truth[true].box) >= min_overlap
