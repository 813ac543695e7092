"""The evaluation snapshots: every image with its truth and, of test images, the predictions.

Sources: see `evaluation.py`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rcl_flow.emulator.learning.evaluation import (
    EvaluatedImage,
    Evaluation,
    LabelEvaluation,
    timestamp,
)

TRAINING_ATTRIBUTE = "rekognition-custom-labels-training"
EVALUATION_ATTRIBUTE = "rekognition-custom-labels-evaluation"


def evaluation_details(*, positive: bool, present: bool) -> dict[str, object]:
    """Return the flags of a prediction.

    Args:
        positive: It is at or above the assumed threshold.
        present: It is true.
    """
    return {
        "version": 1,
        "ground-truth-labelling-jobs": [f"{TRAINING_ATTRIBUTE}-job"],
        "is-true-positive": positive and present,
        "is-true-negative": not positive and not present,
        "is-false-positive": positive and not present,
        "is-false-negative": not positive and present,
        "is-present-in-ground-truth": present,
    }


def snapshot_lines(
    images: Iterable[EvaluatedImage],
    evaluation: Evaluation,
    *,
    created_at: datetime,
    list_misses: bool = True,
) -> Iterator[dict[str, object]]:
    """Yield the lines of `TestingGroundTruth-….json`, one per image.

    A prediction is listed when it is positive at the label's assumed threshold (true or false
    positive) or misses a label of the image (false negative), under the label's number in
    `EvaluationDetails.Labels`; true negatives are left out. Ground truth is numbered from 0
    within its line. The guide documents neither choice.

    Args:
        images: The test images.
        evaluation: Made of the same images.
        created_at: Aware; written as UTC without a zone.
        list_misses: False leaves out false negatives, for readers that count every listed
            prediction as positive, as AWS's own metrics notebook does.
    """
    created = timestamp(created_at)
    for image in images:
        line = _ground_truth(
            image.source_ref,
            [each.label for each in evaluation.labels if each.label in image.truth],
            created,
        )
        for number, each in enumerate(evaluation.labels):
            positive = image.scores[each.label] >= each.threshold
            if positive or (list_misses and each.label in image.truth):
                line |= _prediction(image, each, number, created)
        yield line


def training_snapshot_lines(
    entries: Iterable[tuple[str, frozenset[str]]], *, created_at: datetime
) -> Iterator[dict[str, object]]:
    """Yield the lines of `TrainingGroundTruth-….json`, one per image.

    Args:
        entries: The source-ref and the labels of every image trained on.
        created_at: Aware; written as UTC without a zone.
    """
    created = timestamp(created_at)
    for source_ref, labels in entries:
        yield _ground_truth(source_ref, sorted(labels), created)


def _ground_truth(source_ref: str, labels: Iterable[str], created: str) -> dict[str, object]:
    line: dict[str, object] = {"source-ref": source_ref}
    for number, label in enumerate(labels):
        name = f"{TRAINING_ATTRIBUTE}-{number}"
        line[name] = 1
        line[f"{name}-metadata"] = {
            "confidence": 1.0,
            "job-name": f"{TRAINING_ATTRIBUTE}-job",
            "class-name": label,
            "human-annotated": "yes",
            "creation-date": created,
            "type": "groundtruth/image-classification",
        }
    return line


def _prediction(
    image: EvaluatedImage, label: LabelEvaluation, number: int, created: str
) -> dict[str, object]:
    score = image.scores[label.label]
    positive, present = score >= label.threshold, label.label in image.truth
    name = f"{EVALUATION_ATTRIBUTE}-{number}"
    metadata = {
        "confidence": score,
        "job-name": f"{EVALUATION_ATTRIBUTE}-job",
        "class-name": label.label,
        "human-annotated": "no",
        "creation-date": created,
        "type": "groundtruth/image-classification",
        f"{EVALUATION_ATTRIBUTE}-details": evaluation_details(positive=positive, present=present),
    }
    return {name: 1, f"{name}-metadata": metadata}
