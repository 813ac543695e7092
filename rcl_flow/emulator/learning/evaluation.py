"""Judge a classifier on the test images, and lay the judgement out as training's output files.

Pure. Sources, in the Amazon Rekognition Custom Labels developer guide, read 2026-11-23 (where
text and example files differ, the files, whose numbers the rules here reproduce, are followed):
https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/tr-metrics-use.html,
https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/im-summary-file-api.html,
https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/im-evaluation-manifest-snapshot-api.html.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from statistics import fmean
from typing import Literal, Protocol

ConfusionDivisor = Literal["ground-truth", "predicted"]

UNTESTED_THRESHOLD = 0.5


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

    @property
    def own_results(self) -> dict[str, object]:
        """What the summary's aggregates have besides precision, recall and F1."""
        return {
            "ConfusionMatrix": [
                {"GroundTruthLabel": truth, "PredictedLabel": guess, "Value": value}
                for (truth, guess), value in self.confusion.items()
            ]
        }


class AnyEvaluation(Protocol):
    """An evaluation of image-level labels or of boxes."""

    @property
    def labels(self) -> tuple[LabelEvaluation, ...]:
        """Every label's figures."""

    @property
    def precision(self) -> float:
        """Unweighted mean over the labels, as are recall and F1."""

    @property
    def recall(self) -> float:
        """See precision."""

    @property
    def f1(self) -> float:
        """See precision."""

    @property
    def testing_images(self) -> int:
        """How many images it was made on."""

    @property
    def own_results(self) -> dict[str, object]:
        """What the summary's aggregates have besides the three."""


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
    return judge_label(label, ranked, shown, testing_images=shown)


def judge_label(
    label: str, ranked: Sequence[tuple[float, bool]], shown: int, *, testing_images: int
) -> LabelEvaluation:
    """Judge a label at the threshold that gives it the best F1.

    Args:
        label: Its name.
        ranked: Score and rightness of every prediction, by falling score.
        shown: How often the label is true: the hits that were possible.
        testing_images: How many test images show it.
    """
    if shown == 0:
        return LabelEvaluation(label, 0, UNTESTED_THRESHOLD, 0.0, 0.0, 0.0)
    best = (0.0, UNTESTED_THRESHOLD, 0, 1)
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
    return LabelEvaluation(label, testing_images, threshold, hits / positives, hits / shown, f1)


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
    evaluation: AnyEvaluation,
    *,
    project_version_arn: str,
    evaluated_at: datetime,
    training_images: int,
) -> dict[str, object]:
    """Give the content of `EvaluationResultSummary-….json`.

    Args:
        evaluation: Of a classifier or of a detector.
        project_version_arn: The evaluated version.
        evaluated_at: Aware; written as UTC without a zone.
        training_images: How many images were trained on.
    """
    ranking = sorted(evaluation.labels, key=lambda each: -each.f1)
    return {
        "Version": 1,
        "EvaluationDetails": {
            "EvaluationEndTimestamp": timestamp(evaluated_at),
            "Labels": [each.label for each in evaluation.labels],
            "NumberOfTestingImages": evaluation.testing_images,
            "NumberOfTrainingImages": training_images,
            "ProjectVersionArn": project_version_arn,
        },
        "AggregatedEvaluationResults": {
            "Precision": evaluation.precision,
            "Recall": evaluation.recall,
            "F1Score": evaluation.f1,
            **evaluation.own_results,
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


def timestamp(moment: datetime) -> str:
    """Write an aware time as UTC without its zone, to the microsecond."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
