"""What a notebook sees of runs as columns: answers, labels, and the history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.datasets.boxes import Box, DetectedBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.history.past_runs import PastRun
from rcl_flow.core.scoring.comparison import Score
from rcl_flow.core.scoring.predictions import Prediction, predicted_labels
from rcl_flow.pipeline.judging.rows import Columns
from rcl_flow.pipeline.runs.outcome import LabelOutcome

PERCENT_PREFIX: Final = "percent_"
"""Before a label in the name of the column of its confidences, so that none is taken for another
column."""


@dataclass(frozen=True, slots=True)
class JudgedImage:
    """A holdout image that counts in the score, with what is true of it and what was answered."""

    uri: str
    sha256: str
    """Of the image's bytes, 64 hexadecimal digits."""
    truth: tuple[str, ...]
    """Its labels, sorted."""
    predicted: tuple[str, ...]
    """The labels whose confidence reaches the threshold in use, sorted."""
    confidences_percent: dict[str, float]
    """Of every label that was answered, the highest, 0 to 100."""
    true_boxes: tuple[tuple[str, Box], ...] = ()
    """The label and the place of every object, as ratios of the image's size."""
    predicted_boxes: tuple[DetectedBox, ...] = ()
    """Every object that was answered; like the true ones empty for a model of whole images."""


def judged_image(
    image: DatasetImage, answer: Prediction, thresholds: Mapping[str, float]
) -> JudgedImage:
    """Return an image with its answer at the thresholds, 0 to 1 by label."""
    size = image.width_pixels, image.height_pixels
    return JudgedImage(
        uri=image.uri,
        sha256=image.sha256,
        truth=image.labels,
        predicted=predicted_labels(answer, thresholds),
        confidences_percent=answer.confidences_percent,
        true_boxes=tuple((box.label, box.within(*size)) for box in image.boxes),
        predicted_boxes=answer.boxes,
    )


def image_columns(images: Sequence[JudgedImage]) -> Columns:
    """Return the answers as columns: a row an image, a column of confidences for each label.

    The boxes' columns are there when any image has some.
    """
    labels = sorted({label for image in images for label in image.confidences_percent})
    return {
        "uri": [image.uri for image in images],
        "sha256": [image.sha256 for image in images],
        "truth": [image.truth for image in images],
        "predicted": [image.predicted for image in images],
        **{
            f"{PERCENT_PREFIX}{label}": [image.confidences_percent.get(label) for image in images]
            for label in labels
        },
        **_boxes(images),
    }


def label_columns(labels: Sequence[LabelOutcome]) -> Columns:
    """Return both sides of each label as columns."""
    return {
        "label": [entry.label for entry in labels],
        "threshold": [
            entry.assumed_threshold if entry.chosen_threshold is None else entry.chosen_threshold
            for entry in labels
        ],
        "assumed_threshold": [entry.assumed_threshold for entry in labels],
        **_scores("test", [entry.test for entry in labels]),
        **_scores("holdout", [entry.holdout for entry in labels]),
        "gap_f1": [entry.gap and entry.gap.f1 for entry in labels],
        "gap_verdict": [entry.gap and entry.gap.verdict for entry in labels],
    }


def history_columns(runs: Sequence[PastRun]) -> Columns:
    """Return runs as columns; of one that has no score, the score's columns hold None."""
    return {
        "run_id": [run.run_id for run in runs],
        "project": [run.project for run in runs],
        "backend": [run.backend for run in runs],
        "state": [run.state for run in runs],
        "started_at": [run.started_at for run in runs],
        "decision": [run.score and run.score.decision for run in runs],
        "verdict": [run.score and run.score.verdict for run in runs],
        "test_f1": [run.score and run.score.test_f1 for run in runs],
        "holdout_f1": [run.score and run.score.holdout_f1 for run in runs],
        "holdout_f1_low": [run.score and run.score.holdout_interval[0] for run in runs],
        "holdout_f1_high": [run.score and run.score.holdout_interval[1] for run in runs],
        "training_images": [run.training_images for run in runs],
        "spent_usd": [run.spent_usd for run in runs],
        "project_version_arn": [run.project_version_arn for run in runs],
    }


def _boxes(images: Sequence[JudgedImage]) -> Columns:
    if not any(image.true_boxes or image.predicted_boxes for image in images):
        return {}
    return {
        "true_boxes": [image.true_boxes for image in images],
        "predicted_boxes": [image.predicted_boxes for image in images],
    }


def _scores(side: str, scores: Sequence[Score | None]) -> Columns:
    """Return a side's scores; None where a label has no image on it."""
    return {
        f"{side}_images": [score and score.images for score in scores],
        f"{side}_precision": [score and score.precision for score in scores],
        f"{side}_recall": [score and score.recall for score in scores],
        f"{side}_f1": [score and score.f1 for score in scores],
        f"{side}_f1_low": [score and score.f1_interval[0] for score in scores],
        f"{side}_f1_high": [score and score.f1_interval[1] for score in scores],
    }
