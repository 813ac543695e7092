"""Tests of the evaluation and of the files it is written to."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rcl_flow.emulator.learning.evaluation import (
    EvaluatedImage,
    Evaluation,
    LabelEvaluation,
    evaluate_classifier,
    summary_document,
)
from rcl_flow.emulator.learning.snapshots import snapshot_lines, training_snapshot_lines

ARN = "arn:aws:rekognition:us-east-1:123456789012:project/p/version/v/1706933106789"
MOMENT = datetime(2024, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
STAMP = "2024-02-03T04:05:06.789000"


def image(name: str, truth: str, **scores: float) -> EvaluatedImage:
    """Give a test image whose truth is a word of one-letter labels."""
    return EvaluatedImage(f"s3://b/{name}.png", frozenset(truth), scores)


def sample() -> list[EvaluatedImage]:
    """Four images of two labels; `a` is found perfectly, `b` with one false positive."""
    return [
        image("1", "a", a=0.9, b=0.1),
        image("2", "a", a=0.8, b=0.6),
        image("3", "b", a=0.3, b=0.7),
        image("4", "b", a=0.2, b=0.5),
    ]


def published_example() -> list[EvaluatedImage]:
    """The counts of the guide's example: CAP 388 + 2, WATCH 70 + 164."""
    groups = (("CAP", 388, 0.9), ("CAP", 2, 0.4), ("WATCH", 70, 0.9), ("WATCH", 164, 0.4))
    return [
        EvaluatedImage(f"s3://b/{cap}-{n}", frozenset({truth}), {"CAP": cap, "WATCH": 1 - cap})
        for truth, count, cap in groups
        for n in range(count)
    ]


def test_evaluate_classifier_takes_the_threshold_of_the_best_f1() -> None:
    """Each label has its own threshold, one of its scores, and the counts at it."""
    evaluation = evaluate_classifier(sample(), ["a", "b"])
    expected_a = LabelEvaluation("a", 2, 0.8, 1.0, 1.0, 1.0)
    expected_b = LabelEvaluation("b", 2, 0.5, 2 / 3, 1.0, 0.8)
    assert evaluation.labels == (expected_a, expected_b)
    assert evaluation.testing_images == 4


def test_evaluate_classifier_gives_unweighted_means() -> None:
    """The aggregate F1 is the mean of the F1 scores, not the harmonic mean of the others."""
    evaluation = evaluate_classifier(sample(), ["a", "b"])
    aggregates = (evaluation.precision, evaluation.recall, evaluation.f1)
    assert aggregates == pytest.approx((5 / 6, 1.0, 0.9))


def test_evaluate_classifier_prefers_the_lowest_threshold_on_ties() -> None:
    """At 0.9 and at 0.6 the F1 is 2/3; the lower one is assumed."""
    images = [
        image("1", "a", a=0.9),
        image("2", "", a=0.8),
        image("3", "", a=0.7),
        image("4", "a", a=0.6),
    ]
    (label,) = evaluate_classifier(images, ["a"]).labels
    assert (label.threshold, label.f1) == (0.6, 2 / 3)


def test_evaluate_classifier_counts_equal_scores_together() -> None:
    """Images with the same score are on the same side of every threshold."""
    images = [image("1", "a", a=0.5), image("2", "", a=0.5)]
    (label,) = evaluate_classifier(images, ["a"]).labels
    assert (label.precision, label.recall) == (0.5, 1.0)


def test_evaluate_classifier_gives_zeros_to_a_label_without_test_images() -> None:
    """An untested label has threshold 0.5 and lowers the means."""
    evaluation = evaluate_classifier([image("1", "a", a=0.9, b=0.1)], ["a", "b"])
    assert evaluation.labels[1] == LabelEvaluation("b", 0, 0.5, 0.0, 0.0, 0.0)
    assert evaluation.f1 == 0.5
    assert evaluation.confusion["b", "a"] == 0.0


def test_evaluate_classifier_without_images_is_all_zeros() -> None:
    """No test image: nothing recognised, nothing divided by zero."""
    evaluation = evaluate_classifier([], ["a"])
    assert (evaluation.f1, evaluation.confusion) == (0.0, {("a", "a"): 0.0})


def test_confusion_rows_are_shares_of_the_ground_truth() -> None:
    """By default the highest score is counted against the truth, and each row adds up to 1."""
    confusion = evaluate_classifier(published_example(), ["CAP", "WATCH"]).confusion
    assert confusion == {
        ("CAP", "CAP"): 388 / 390,
        ("CAP", "WATCH"): 2 / 390,
        ("WATCH", "CAP"): 70 / 234,
        ("WATCH", "WATCH"): 164 / 234,
    }


def test_confusion_divided_by_the_predicted_label_is_the_published_example() -> None:
    """The other divisor gives the numbers of the guide's example file."""
    evaluation = evaluate_classifier(
        published_example(), ["CAP", "WATCH"], confusion_divisor="predicted"
    )
    assert evaluation.confusion == {
        ("CAP", "CAP"): 0.9948717948717949,
        ("CAP", "WATCH"): 0.008547008547008548,
        ("WATCH", "CAP"): 0.1794871794871795,
        ("WATCH", "WATCH"): 0.7008547008547008,
    }


def test_confusion_divided_by_a_predicted_label_without_images_is_zero() -> None:
    """A label that is predicted, but never shown, divides nothing."""
    evaluation = evaluate_classifier(
        [image("1", "a", a=0.1, b=0.9)], ["a", "b"], confusion_divisor="predicted"
    )
    assert evaluation.confusion["a", "b"] == 0.0


def test_confusion_counts_each_true_label_of_multi_label_images() -> None:
    """The highest score of an image is counted once for every label it shows."""
    confusion = evaluate_classifier([image("1", "ab", a=0.9, b=0.8)], ["a", "b"]).confusion
    assert confusion == {("a", "a"): 1.0, ("a", "b"): 0.0, ("b", "a"): 1.0, ("b", "b"): 0.0}


def summary_of(evaluation: Evaluation) -> dict[str, object]:
    """Give a summary with the other arguments fixed."""
    return summary_document(
        evaluation, project_version_arn=ARN, evaluated_at=MOMENT, training_images=80
    )


def test_summary_document_has_the_flat_layout() -> None:
    """Aggregates lie directly under AggregatedEvaluationResults; details name version and time."""
    summary = summary_of(evaluate_classifier(sample(), ["a", "b"]))
    assert list(summary) == [
        "Version",
        "EvaluationDetails",
        "AggregatedEvaluationResults",
        "LabelEvaluationResults",
    ]
    assert summary["Version"] == 1
    assert summary["EvaluationDetails"] == {
        "EvaluationEndTimestamp": STAMP,
        "Labels": ["a", "b"],
        "NumberOfTestingImages": 4,
        "NumberOfTrainingImages": 80,
        "ProjectVersionArn": ARN,
    }


def test_summary_document_lists_aggregates_and_confusion() -> None:
    """The confusion matrix has all ordered pairs of labels."""
    assert summary_of(evaluate_classifier(sample(), ["a", "b"]))["AggregatedEvaluationResults"] == {
        "Precision": pytest.approx(5 / 6),
        "Recall": 1.0,
        "F1Score": pytest.approx(0.9),
        "ConfusionMatrix": [
            {"GroundTruthLabel": "a", "PredictedLabel": "a", "Value": 1.0},
            {"GroundTruthLabel": "a", "PredictedLabel": "b", "Value": 0.0},
            {"GroundTruthLabel": "b", "PredictedLabel": "a", "Value": 0.0},
            {"GroundTruthLabel": "b", "PredictedLabel": "b", "Value": 1.0},
        ],
    }


def test_summary_document_sorts_labels_by_f1_descending() -> None:
    """The best label comes first, whatever the order of the labels."""
    summary = summary_of(evaluate_classifier(sample(), ["b", "a"]))
    metrics = {"Threshold": 0.8, "Precision": 1.0, "Recall": 1.0, "F1Score": 1.0}
    results = summary["LabelEvaluationResults"]
    assert isinstance(results, list)
    assert results[0] == {"Label": "a", "NumberOfTestingImages": 2, "Metrics": metrics}
    assert [each["Label"] for each in results] == ["a", "b"]


def ground_truth(label: str) -> dict[str, object]:
    """Give the metadata of a ground-truth pair."""
    return {
        "confidence": 1.0,
        "job-name": "rekognition-custom-labels-training-job",
        "class-name": label,
        "human-annotated": "yes",
        "creation-date": STAMP,
        "type": "groundtruth/image-classification",
    }


def prediction(label: str, confidence: float, flag: str, *, present: bool) -> dict[str, object]:
    """Give the metadata of a prediction pair of which one flag is true."""
    flags = ("is-true-positive", "is-true-negative", "is-false-positive", "is-false-negative")
    return {
        "confidence": confidence,
        "job-name": "rekognition-custom-labels-evaluation-job",
        "class-name": label,
        "human-annotated": "no",
        "creation-date": STAMP,
        "type": "groundtruth/image-classification",
        "rekognition-custom-labels-evaluation-details": {
            "version": 1,
            "ground-truth-labelling-jobs": ["rekognition-custom-labels-training-job"],
            **{name: name == flag for name in flags},
            "is-present-in-ground-truth": present,
        },
    }


def test_snapshot_lines_show_true_and_false_positives() -> None:
    """Both are listed under the label's number; the true negative is left out."""
    images = sample()
    lines = list(snapshot_lines(images, evaluate_classifier(images, ["a", "b"]), created_at=MOMENT))
    assert lines[0] == {
        "source-ref": "s3://b/1.png",
        "rekognition-custom-labels-training-0": 1,
        "rekognition-custom-labels-training-0-metadata": ground_truth("a"),
        "rekognition-custom-labels-evaluation-0": 1,
        "rekognition-custom-labels-evaluation-0-metadata": prediction(
            "a", 0.9, "is-true-positive", present=True
        ),
    }
    false_positive = prediction("b", 0.6, "is-false-positive", present=False)
    assert lines[1]["rekognition-custom-labels-evaluation-1-metadata"] == false_positive


def missed() -> list[EvaluatedImage]:
    """Images of which the last shows `a` so faintly that its best threshold misses it."""
    return [
        image("1", "a", a=0.9),
        image("2", "a", a=0.8),
        image("3", "", a=0.3),
        image("4", "", a=0.2),
        image("5", "a", a=0.1),
    ]


def test_snapshot_lines_show_false_negatives() -> None:
    """A label below its threshold is listed when the image shows it, and can be left out."""
    images = missed()
    evaluation = evaluate_classifier(images, ["a"])
    name = "rekognition-custom-labels-evaluation-0-metadata"
    listed = list(snapshot_lines(images, evaluation, created_at=MOMENT))
    assert listed[4][name] == prediction("a", 0.1, "is-false-negative", present=True)
    shorter = list(snapshot_lines(images, evaluation, created_at=MOMENT, list_misses=False))
    assert name not in shorter[4]
    assert shorter[:4] == listed[:4]


def test_snapshot_lines_of_an_image_without_ground_truth_have_no_training_pair() -> None:
    """An image that shows none of the labels is still a line."""
    images = missed()
    lines = list(snapshot_lines(images, evaluate_classifier(images, ["a"]), created_at=MOMENT))
    assert lines[2] == {"source-ref": "s3://b/3.png"}


def test_training_snapshot_lines_number_labels_within_the_line() -> None:
    """Ground truth is numbered from 0 in each line, labels sorted."""
    entries = [("s3://b/1.png", frozenset("ba")), ("s3://b/2.png", frozenset("b"))]
    lines = list(training_snapshot_lines(entries, created_at=MOMENT))
    assert lines == [
        {
            "source-ref": "s3://b/1.png",
            "rekognition-custom-labels-training-0": 1,
            "rekognition-custom-labels-training-0-metadata": ground_truth("a"),
            "rekognition-custom-labels-training-1": 1,
            "rekognition-custom-labels-training-1-metadata": ground_truth("b"),
        },
        {
            "source-ref": "s3://b/2.png",
            "rekognition-custom-labels-training-0": 1,
            "rekognition-custom-labels-training-0-metadata": ground_truth("b"),
        },
    ]


def test_timestamps_are_utc_whatever_the_zone() -> None:
    """Times are written without a zone, so they are turned to UTC first."""
    moment = MOMENT.astimezone(timezone(timedelta(hours=5)))
    (line,) = training_snapshot_lines([("s3://b/1.png", frozenset("a"))], created_at=moment)
    assert line["rekognition-custom-labels-training-0-metadata"] == ground_truth("a")
