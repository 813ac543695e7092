"""Tests of the reader of the service's evaluation files."""

import json
from typing import TypedDict

import pytest

from rcl_flow.core.training.evaluation import EvaluatedLabel, ImageOutcome, parse_evaluation
from rcl_flow.errors import OutputUnreadableError

Document = dict[str, object]


class Flags(TypedDict, total=False):
    """The flags of a prediction that are set."""

    true_positive: bool
    false_positive: bool
    false_negative: bool
    true: bool


def figures(label: str, images: int, values: tuple[float, float, float, float]) -> Document:
    """Return a label's entry of the summary file: threshold, precision, recall, F1."""
    names = ("Threshold", "Precision", "Recall", "F1Score")
    metrics = dict(zip(names, values, strict=True))
    return {"Label": label, "NumberOfTestingImages": images, "Metrics": metrics}


def summary(*, nested: bool = False) -> Document:
    """Return a summary file in the shape of the guide's example."""
    aggregated = {"Precision": 0.91, "Recall": 0.9, "F1Score": 0.905}
    return {
        "Version": 1,
        "EvaluationDetails": {
            "EvaluationEndTimestamp": "2024-02-03T04:05:06.789000",
            "Labels": ["A", "B"],
            "NumberOfTestingImages": 20,
            "NumberOfTrainingImages": 80,
            "ProjectVersionArn": "arn:aws:rekognition:x",
        },
        "AggregatedEvaluationResults": {"Metrics": aggregated}
        if nested
        else {**aggregated, "ConfusionMatrix": []},
        "LabelEvaluationResults": [
            figures("B", 8, (0.01, 0.8, 0.7, 0.75)),
            figures("A", 12, (0.42, 0.9, 0.8, 0.85)),
        ],
    }


def truth_keys(number: int, label: str) -> Document:
    """Return the ground truth keys of a snapshot line."""
    name = f"rekognition-custom-labels-training-{number}"
    return {name: 1, f"{name}-metadata": {"class-name": label, "confidence": 1.0}}


def prediction_keys(number: int, label: str, flags: Flags) -> Document:
    """Return the prediction keys of a snapshot line."""
    name = f"rekognition-custom-labels-evaluation-{number}"
    details = {
        "version": 1,
        "is-true-positive": flags.get("true_positive", False),
        "is-true-negative": False,
        "is-false-positive": flags.get("false_positive", False),
        "is-false-negative": flags.get("false_negative", False),
        "is-present-in-ground-truth": flags.get("true", False),
    }
    metadata = {"class-name": label, "rekognition-custom-labels-evaluation-details": details}
    return {name: 1, f"{name}-metadata": metadata}


HIT: Flags = {"true_positive": True, "true": True}
MISS: Flags = {"false_negative": True, "true": True}
FALSE_ALARM: Flags = {"false_positive": True}
SNAPSHOT: tuple[Document, ...] = (
    {"source-ref": "s3://b/1", **truth_keys(0, "A"), **prediction_keys(0, "A", HIT)},
    {
        "source-ref": "s3://b/2",
        **truth_keys(0, "B"),
        **prediction_keys(0, "B", MISS),
        **prediction_keys(1, "A", FALSE_ALARM),
    },
)


def encode(summary_document: object, lines: tuple[Document, ...] = SNAPSHOT) -> tuple[bytes, bytes]:
    """Return both files as bytes."""
    snapshot = "".join(f"{json.dumps(line)}\n" for line in lines)
    return json.dumps(summary_document).encode(), snapshot.encode()


@pytest.mark.parametrize("nested", [False, True])
def test_evaluation_reads_the_overall_figures(nested: bool) -> None:
    """The aggregates are read in the flat form and in the reference page's nested one."""
    evaluation = parse_evaluation(*encode(summary(nested=nested)))
    assert (evaluation.precision, evaluation.recall, evaluation.f1) == (0.91, 0.9, 0.905)
    assert (evaluation.images, evaluation.training_images) == (20, 80)
    assert evaluation.summary == "test F1 0.905 on 20 images"


def test_evaluation_reads_the_labels_in_order() -> None:
    """Labels are sorted by name, each with its figures and assumed threshold."""
    labels = parse_evaluation(*encode(summary())).labels
    assert labels == (
        EvaluatedLabel(
            label="A", images=12, precision=0.9, recall=0.8, f1=0.85, assumed_threshold=0.42
        ),
        EvaluatedLabel(
            label="B", images=8, precision=0.8, recall=0.7, f1=0.75, assumed_threshold=0.01
        ),
    )


def test_evaluation_reads_truth_and_prediction_of_each_image() -> None:
    """Predicted is what was above its threshold, right or wrong; a miss is not predicted."""
    assert parse_evaluation(*encode(summary())).outcomes == (
        ImageOutcome(source_ref="s3://b/1", truth=("A",), hits=("A",), false_alarms=()),
        ImageOutcome(source_ref="s3://b/2", truth=("B",), hits=(), false_alarms=("A",)),
    )


def test_evaluation_reads_truth_from_the_predictions_too() -> None:
    """Several true labels are found although only the first has ground truth keys."""
    line = {
        "source-ref": "s3://b/1",
        **truth_keys(0, "A"),
        **prediction_keys(0, "A", HIT),
        **prediction_keys(1, "B", MISS),
    }
    (outcome,) = parse_evaluation(*encode(summary(), (line,))).outcomes
    assert (outcome.truth, outcome.hits, outcome.false_alarms) == (("A", "B"), ("A",), ())


def test_evaluation_tolerates_extra_keys_and_blank_lines() -> None:
    """Keys that real files carry besides, and a blank line at the end, change nothing."""
    extra: Document = {"line-idx": 3, "rekognition-custom-labels-object-id": 4}
    first, snapshot = encode(summary(), tuple({**line, **extra} for line in SNAPSHOT))
    evaluation = parse_evaluation(first, snapshot + b"\n  \n")
    assert evaluation.outcomes == parse_evaluation(*encode(summary())).outcomes


@pytest.mark.parametrize(
    "key", ["EvaluationDetails", "AggregatedEvaluationResults", "LabelEvaluationResults"]
)
@pytest.mark.parametrize("instead", [None, [], {}, "text", 5])
def test_evaluation_is_unreadable_when_a_part_has_another_form(key: str, instead: object) -> None:
    """Whatever stands in place of a section, the error is ours and names the reason."""
    with pytest.raises(OutputUnreadableError, match="cannot be read"):
        parse_evaluation(*encode({**summary(), key: instead}))


@pytest.mark.parametrize(
    "metrics", [None, [1], {"Precision": 1.0}, {"Threshold": "high"}, {"Threshold": None}]
)
def test_evaluation_is_unreadable_when_a_labels_figures_are_not_there(metrics: object) -> None:
    """A label without its four figures cannot be compared."""
    entry = figures("A", 12, (0.42, 0.9, 0.8, 0.85))
    whole = entry["Metrics"]
    assert isinstance(whole, dict)
    entry["Metrics"] = {**whole, **metrics} if isinstance(metrics, dict) else metrics
    if metrics == {"Precision": 1.0}:
        entry["Metrics"] = metrics
    with pytest.raises(OutputUnreadableError):
        parse_evaluation(*encode({**summary(), "LabelEvaluationResults": [entry]}))


@pytest.mark.parametrize(
    ("first", "snapshot"),
    [
        (b"", b""),
        (b"<html>", b""),
        (b"[]", b""),
        (json.dumps(summary()).encode(), b""),
        (json.dumps(summary()).encode(), b"{broken"),
        (json.dumps(summary()).encode(), b"[]"),
        (json.dumps(summary()).encode(), b"{}"),
    ],
)
def test_evaluation_is_unreadable_when_a_file_is_not_its_own(first: bytes, snapshot: bytes) -> None:
    """Empty and foreign files are refused with an AWS error that has its exit code."""
    with pytest.raises(OutputUnreadableError) as caught:
        parse_evaluation(first, snapshot)
    assert caught.value.exit_code == 4
    assert caught.value.operation == "GetObject"


def boxes_line() -> Document:
    """Return a snapshot line of a detector: a hit, a false alarm and a miss."""
    details = "rekognition-custom-labels-evaluation-details"
    flags = ("is-true-positive", "is-false-positive", "is-false-negative")
    objects = [
        {"confidence": confidence, details: {flag: flag == raised for flag in flags}}
        for confidence, raised in zip((0.9, 0.8, 0.1), flags, strict=True)
    ]
    place = {"left": 1, "top": 2, "width": 3, "height": 4}
    return {
        "source-ref": "s3://b/1",
        "rekognition-custom-labels-training-0": {
            "annotations": [{"class_id": n, **place} for n in (0, 0)]
        },
        "rekognition-custom-labels-training-0-metadata": {
            "objects": [{"confidence": 1.0}] * 2,
            "class-map": {"0": "A"},
        },
        "rekognition-custom-labels-evaluation": {
            "annotations": [{"class_id": n, **place} for n in (4, 7, 4)]
        },
        "rekognition-custom-labels-evaluation-metadata": {
            "objects": objects,
            "class-map": {"4": "A", "7": "B"},
        },
    }


def boxes_summary() -> Document:
    """Return a detector's summary file."""
    aggregated = {"Precision": 0.91, "Recall": 0.9, "F1Score": 0.905}
    aggregated |= {"AveragePrecision": 0.88, "AverageRecall": 0.95}
    return {**summary(), "AggregatedEvaluationResults": aggregated}


def test_evaluation_of_a_detector_counts_objects() -> None:
    """Each object counts by the service's own flag, under the name in the line's class map."""
    evaluation = parse_evaluation(*encode(boxes_summary(), (boxes_line(),)))
    assert evaluation.task == "detection"
    assert (evaluation.average_precision, evaluation.average_recall) == (0.88, 0.95)
    assert evaluation.outcomes == (
        ImageOutcome(
            source_ref="s3://b/1",
            truth=("A", "A"),
            hits=("A",),
            false_alarms=("B",),
            confidences={"A": 0.9, "B": 0.8},
        ),
    )


def test_evaluation_of_a_detector_reads_an_image_without_finds() -> None:
    """A line with ground truth only is an image in which everything was missed."""
    line = {key: value for key, value in boxes_line().items() if "evaluation" not in key}
    (outcome,) = parse_evaluation(*encode(boxes_summary(), (line,))).outcomes
    assert (outcome.truth, outcome.hits, outcome.false_alarms) == (("A", "A"), (), ())


def test_evaluation_is_unreadable_when_boxes_and_objects_differ() -> None:
    """Flags that belong to no box are an unknown form, not a score."""
    line = boxes_line()
    line["rekognition-custom-labels-evaluation"] = {"annotations": []}
    with pytest.raises(OutputUnreadableError):
        parse_evaluation(*encode(boxes_summary(), (line,)))


def test_evaluation_reads_the_confidences_that_are_listed() -> None:
    """Of hits, misses and false alarms; a label that is not listed has none."""
    line = json.loads(json.dumps(SNAPSHOT[1]))
    for number, confidence in ((0, 0.25), (1, 0.75)):
        line[f"rekognition-custom-labels-evaluation-{number}-metadata"]["confidence"] = confidence
    first, second = parse_evaluation(*encode(summary(), (SNAPSHOT[0], line))).outcomes
    assert first.confidences == {}
    assert second.confidences == {"B": 0.25, "A": 0.75}


@pytest.mark.parametrize("confidence", [None, "high", [0.5]])
def test_evaluation_is_read_without_a_confidence_that_is_none(confidence: object) -> None:
    """The flags are the evaluation; a confidence of another form is left out."""
    line = json.loads(json.dumps(SNAPSHOT[1]))
    line["rekognition-custom-labels-evaluation-1-metadata"]["confidence"] = confidence
    (outcome,) = parse_evaluation(*encode(summary(), (line,))).outcomes
    assert (outcome.false_alarms, outcome.confidences) == (("A",), {})
