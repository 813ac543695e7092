"""Judge a classifier on the test images, and lay the judgement out as training's output files.

Pure. Sources, in the Amazon Rekognition Custom Labels developer guide, read 2026-11-23 (where
text and example files differ, the files, whose numbers the rules here reproduce, are followed):
https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/tr-metrics-use.html,
https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/im-summary-file-api.html,
https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/im-evaluation-manifest-snapshot-api.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from statistics import fmean
from typing import Literal

ConfusionDivisor = Literal["ground-truth", "predicted"]

UNTESTED_THRESHOLD = 0.5
_TRAINING_ATTRIBUTE = "rekognition-custom-labels-training"
_EVALUATION_ATTRIBUTE = "rekognition-custom-labels-evaluation"


@dataclass(frozen=True, slots=True)
class EvaluatedImage:
    """A test image with what it shows and what the classifier says."""

    source_ref: str
    truth: frozenset[str]
    """Labels; those that the classifier does not know are ignored."""
    scores: Mapping[str, float]
    """A ratio 0 to 1 for every label, as `Classifier.scores` gives them."""


@dataclass(frozen=True, slots=True)
class LabelEvaluation:
    """How well one label is recognised; all numbers but the count are ratios 0 to 1."""

    label: str
    testing_images: int
    """Test images that show the label."""
    threshold: float
    """The assumed threshold: a score at or above it is a positive prediction."""
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a classifier does on the test images."""

    labels: tuple[LabelEvaluation, ...]
    """In the order in which the labels were given."""
    precision: float
    """Unweighted mean over the labels, as are recall and F1."""
    recall: float
    f1: float
    confusion: Mapping[tuple[str, str], float]
    """For every (ground truth, predicted) pair of labels a ratio 0 to 1."""
    testing_images: int


def evaluate_classifier(
    images: Sequence[EvaluatedImage],
    labels: Sequence[str],
    *,
    confusion_divisor: ConfusionDivisor = "ground-truth",
) -> Evaluation:
    """Evaluate every label at the threshold that gives it the best F1 on these images.

    A label that no image shows gets the threshold 0.5 and precision, recall and F1 of 0, and
    takes part in the means with them, so that these stay the means of the listed numbers.

    Args:
        images: The test images.
        labels: At least one, each with a score in every image.
        confusion_divisor: What the counts of the confusion matrix are divided by: the images of
            the ground-truth label, so that rows of single-label data add up to 1, or those of
            the predicted label, as in the guide's example file.
    """
    each = tuple(_evaluate_label(images, label) for label in labels)
    return Evaluation(
        labels=each,
        precision=fmean(label.precision for label in each),
        recall=fmean(label.recall for label in each),
        f1=fmean(label.f1 for label in each),
        confusion=_confusion(images, each, confusion_divisor),
        testing_images=len(images),
    )


def _evaluate_label(images: Sequence[EvaluatedImage], label: str) -> LabelEvaluation:
    ranked = sorted(((image.scores[label], label in image.truth) for image in images), reverse=True)
    shown = sum(truth for _, truth in ranked)
    if shown == 0:
        return LabelEvaluation(label, 0, UNTESTED_THRESHOLD, 0.0, 0.0, 0.0)
    best = (0.0, 0.0, 0, 1)
    hits = 0
    for position, (score, truth) in enumerate(ranked, start=1):
        hits += truth
        if position < len(ranked) and ranked[position][0] == score:
            continue
        f1 = 2 * hits / (position + shown)
        # scores fall, so an equal F1 further on is at a lower threshold, which wins
        if f1 >= best[0]:
            best = (f1, score, hits, position)
    f1, threshold, hits, positives = best
    return LabelEvaluation(label, shown, threshold, hits / positives, hits / shown, f1)


def _confusion(
    images: Sequence[EvaluatedImage], labels: Sequence[LabelEvaluation], divisor: ConfusionDivisor
) -> dict[tuple[str, str], float]:
    """Count the highest-scoring label of each image against each label that the image shows.

    The assumed thresholds play no part, as in the guide's example. Equal scores: the first label.
    """
    counts = {(truth.label, guess.label): 0 for truth in labels for guess in labels}
    for image in images:
        guess = max(labels, key=lambda each: image.scores[each.label]).label
        for truth in labels:
            counts[truth.label, guess] += truth.label in image.truth
    support = {each.label: each.testing_images for each in labels}
    side = 0 if divisor == "ground-truth" else 1
    # a label that no image shows has only zeros, or (predicted) nothing to divide by
    return {pair: count / (support[pair[side]] or inf) for pair, count in counts.items()}


def summary_document(
    evaluation: Evaluation,
    *,
    project_version_arn: str,
    evaluated_at: datetime,
    training_images: int,
) -> dict[str, object]:
    """Give the content of `EvaluationResultSummary-….json`.

    Args:
        evaluation: What `evaluate_classifier` gave.
        project_version_arn: The evaluated version.
        evaluated_at: Aware; written as UTC without a zone.
        training_images: How many images were trained on.
    """
    ranking = sorted(evaluation.labels, key=lambda each: -each.f1)
    return {
        "Version": 1,
        "EvaluationDetails": {
            "EvaluationEndTimestamp": _timestamp(evaluated_at),
            "Labels": [each.label for each in evaluation.labels],
            "NumberOfTestingImages": evaluation.testing_images,
            "NumberOfTrainingImages": training_images,
            "ProjectVersionArn": project_version_arn,
        },
        "AggregatedEvaluationResults": {
            "Precision": evaluation.precision,
            "Recall": evaluation.recall,
            "F1Score": evaluation.f1,
            "ConfusionMatrix": [
                {"GroundTruthLabel": truth, "PredictedLabel": guess, "Value": value}
                for (truth, guess), value in evaluation.confusion.items()
            ],
        },
        "LabelEvaluationResults": [_label_result(each) for each in ranking],
    }


def _label_result(label: LabelEvaluation) -> dict[str, object]:
    return {
        "Label": label.label,
        "NumberOfTestingImages": label.testing_images,
        "Metrics": {
            "Threshold": label.threshold,
            "Precision": label.precision,
            "Recall": label.recall,
            "F1Score": label.f1,
        },
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
    created = _timestamp(created_at)
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
    created = _timestamp(created_at)
    for source_ref, labels in entries:
        yield _ground_truth(source_ref, sorted(labels), created)


def _ground_truth(source_ref: str, labels: Iterable[str], created: str) -> dict[str, object]:
    line: dict[str, object] = {"source-ref": source_ref}
    for number, label in enumerate(labels):
        name = f"{_TRAINING_ATTRIBUTE}-{number}"
        line[name] = 1
        line[f"{name}-metadata"] = {
            "confidence": 1.0,
            "job-name": f"{_TRAINING_ATTRIBUTE}-job",
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
    name = f"{_EVALUATION_ATTRIBUTE}-{number}"
    metadata = {
        "confidence": score,
        "job-name": f"{_EVALUATION_ATTRIBUTE}-job",
        "class-name": label.label,
        "human-annotated": "no",
        "creation-date": created,
        "type": "groundtruth/image-classification",
        f"{_EVALUATION_ATTRIBUTE}-details": {
            "version": 1,
            "ground-truth-labelling-jobs": [f"{_TRAINING_ATTRIBUTE}-job"],
            "is-true-positive": positive and present,
            "is-true-negative": not positive and not present,
            "is-false-positive": positive and not present,
            "is-false-negative": not positive and present,
            "is-present-in-ground-truth": present,
        },
    }
    return {name: 1, f"{name}-metadata": metadata}


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
