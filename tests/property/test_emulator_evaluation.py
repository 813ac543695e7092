"""Laws of the emulator's evaluation: what is served agrees with what was evaluated."""

import json
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from rcl_flow.emulator.learning.confidence import confidence_percent, served_ratios
from rcl_flow.emulator.learning.evaluation import (
    EvaluatedImage,
    Evaluation,
    evaluate_classifier,
    summary_document,
)
from rcl_flow.emulator.learning.snapshots import snapshot_lines

LABELS = ("a", "b", "c")
MOMENT = datetime(2024, 2, 3, tzinfo=UTC)

ratios = st.floats(0, 1, allow_subnormal=True)
coarse_ratios = st.integers(0, 20).map(lambda step: step / 20)


def rounded(value: float) -> float:
    """Round one probability as `Classifier.scores` does."""
    return float(served_ratios(np.array([value]))[0])


@st.composite
def evaluated_images(draw: st.DrawFn, *, minimum: int = 1) -> list[EvaluatedImage]:
    """Draw images with any truth and with scores as they are served, many of them equal."""
    count = draw(st.integers(minimum, 12))
    score = (ratios | coarse_ratios).map(rounded)
    return [
        EvaluatedImage(
            source_ref=f"s3://b/{number}.png",
            truth=draw(st.frozensets(st.sampled_from(LABELS))),
            scores={label: draw(score) for label in LABELS},
        )
        for number in range(count)
    ]


def summary_json(evaluation: Evaluation) -> str:
    """Give the summary as it is stored."""
    document = summary_document(
        evaluation, project_version_arn="arn", evaluated_at=MOMENT, training_images=1
    )
    return json.dumps(document)


@given(ratios)
def test_served_confidence_reaches_its_own_threshold(probability: float) -> None:
    """A score that became a threshold is positive when a client compares percentages."""
    ratio = rounded(probability)
    assert 0 <= ratio <= 1
    assert confidence_percent(ratio) >= ratio * 100
    assert confidence_percent(ratio) / 100 >= ratio


@given(ratios)
def test_next_lower_confidence_is_below_the_threshold(probability: float) -> None:
    """The largest score that is served as less is negative when a client compares percentages."""
    threshold = rounded(probability)
    below = np.nextafter(np.float32(confidence_percent(threshold)), np.float32(-1))
    if below >= 0:
        lower = rounded(float(below) / 100)
        assert lower < threshold
        assert confidence_percent(lower) < threshold * 100


@given(st.lists(ratios, min_size=2, max_size=20))
def test_rounding_keeps_order_and_changes_little(probabilities: list[float]) -> None:
    """Scores keep their order, move by less than a millionth, and round to themselves."""
    exact = np.sort(np.array(probabilities))
    served = served_ratios(exact)
    assert all(lower <= higher for lower, higher in pairwise(served.tolist()))
    assert np.abs(served - exact).max() < 1e-7
    assert np.array_equal(served_ratios(served), served)


@given(evaluated_images())
def test_clients_decide_as_the_evaluation_did(images: list[EvaluatedImage]) -> None:
    """Thresholds read from the summary and applied to served confidences give its numbers."""
    evaluation = evaluate_classifier(images, LABELS)
    for result in json.loads(summary_json(evaluation))["LabelEvaluationResults"]:
        label, metrics = result["Label"], result["Metrics"]
        if result["NumberOfTestingImages"] == 0:
            continue
        positive = [
            confidence_percent(image.scores[label]) >= metrics["Threshold"] * 100
            for image in images
        ]
        hits = sum(p and label in image.truth for p, image in zip(positive, images, strict=True))
        assert metrics["Precision"] == hits / sum(positive)
        assert metrics["Recall"] == hits / result["NumberOfTestingImages"]


@given(evaluated_images())
def test_metrics_agree_with_scikit_learn(images: list[EvaluatedImage]) -> None:
    """Precision, recall and F1 at the assumed thresholds, and their means, are the usual ones."""
    evaluation = evaluate_classifier(images, LABELS)
    truth = [[label in image.truth for label in LABELS] for image in images]
    guess = [
        [
            each.testing_images > 0 and image.scores[each.label] >= each.threshold
            for each in evaluation.labels
        ]
        for image in images
    ]
    ours = np.array([(each.precision, each.recall, each.f1) for each in evaluation.labels]).T
    means = (evaluation.precision, evaluation.recall, evaluation.f1)
    for average, expected in ((None, ours), ("macro", means)):
        theirs = precision_recall_fscore_support(truth, guess, average=average, zero_division=0)
        np.testing.assert_allclose(np.array(theirs[:3]), np.array(expected), rtol=0, atol=1e-12)


@given(evaluated_images())
def test_no_other_threshold_has_a_better_f1(images: list[EvaluatedImage]) -> None:
    """Of all scores none gives a higher F1, and no lower one the same."""
    for each in evaluate_classifier(images, LABELS).labels:
        if each.testing_images == 0:
            continue
        for threshold in {image.scores[each.label] for image in images}:
            positive = [image for image in images if image.scores[each.label] >= threshold]
            hits = sum(each.label in image.truth for image in positive)
            f1 = 2 * hits / (len(positive) + each.testing_images)
            assert f1 <= each.f1
            assert f1 < each.f1 or threshold >= each.threshold


@given(evaluated_images())
def test_confusion_rows_add_up_to_one_or_nothing(images: list[EvaluatedImage]) -> None:
    """Every image of a label has one highest score, also with several labels per image."""
    evaluation = evaluate_classifier(images, LABELS)
    for each in evaluation.labels:
        row = sum(evaluation.confusion[each.label, guess] for guess in LABELS)
        assert abs(row - (each.testing_images > 0)) < 1e-12


@given(evaluated_images(minimum=0))
def test_snapshot_recounts_to_the_summary(images: list[EvaluatedImage]) -> None:
    """Counting the flags of the snapshot gives the counts behind the summary."""
    evaluation = evaluate_classifier(images, LABELS)
    lines = list(snapshot_lines(images, evaluation, created_at=MOMENT))
    assert [line["source-ref"] for line in lines] == [image.source_ref for image in images]
    for number, each in enumerate(evaluation.labels):
        key = f"rekognition-custom-labels-evaluation-{number}-metadata"
        entries = [json.loads(json.dumps(line[key])) for line in lines if key in line]
        details = [entry["rekognition-custom-labels-evaluation-details"] for entry in entries]
        hits, misses = (
            sum(detail[flag] for detail in details)
            for flag in ("is-true-positive", "is-false-negative")
        )
        assert hits + misses == each.testing_images
        assert each.testing_images == 0 or hits / each.testing_images == each.recall
