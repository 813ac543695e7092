"""What a model is worth over all thresholds: average precision, recall and calibration."""

from collections.abc import Iterable
from statistics import fmean
from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Indices, ObjectAnswers
from rcl_flow.core.scoring.calibration import Calibration as Calibration
from rcl_flow.core.scoring.calibration import CalibrationBin as CalibrationBin
from rcl_flow.core.scoring.calibration import calibrate
from rcl_flow.core.scoring.judging import MIN_OVERLAP
from rcl_flow.core.scoring.matching import (
    NO_MATCH,
    OVERLAPS,
    match_at_overlaps,
    object_outcomes,
    places_in_groups,
)
from rcl_flow.core.scoring.material import Material
from rcl_flow.core.scoring.metrics import Outcomes, Ratios, ratios_of
from rcl_flow.core.scoring.ranking import (
    average_precision,
    interpolated_at,
    ranks_of_objects,
)
from rcl_flow.core.values import Frozen

MOST_BOXES: Final = 100
"""Of so many of the surest boxes an image and label COCO takes average precision and recall."""


class LabelQuality(Frozen):
    """One label on the holdout; None where the holdout has no image or object of it."""

    label: str
    positives: int
    """Images that have the label, or true boxes of it."""
    average_precision: float | None
    """Area under the precision-recall curve: of image-level labels the sum of precision at each
    recall step, of objects COCO's 101 points at an overlap of 0.5."""
    average_precision_50_95: float | None = None
    """Of objects: the mean over overlaps of 0.50, 0.55 … 0.95."""
    average_recall: float | None = None
    """Of objects: the mean recall over those overlaps, of at most 100 boxes an image."""


class Quality(Frozen):
    """The holdout over all thresholds, and the counts of single answers at the chosen ones."""

    micro_precision: float
    """Of all labels' answers counted together, at the thresholds; likewise the next two."""
    micro_recall: float
    micro_f1: float
    mean_average_precision: float
    """Over the labels that the holdout has; for objects at an overlap of 0.5."""
    mean_average_precision_50_95: float | None = None
    average_recall: float | None = None
    calibration: Calibration
    labels: tuple[LabelQuality, ...]


def judge_quality(material: Material) -> Quality:
    """Judge the model over all thresholds; means are over the labels that the holdout has."""
    judge = _of_objects if material.task == "detection" else _of_labels
    return judge(material)


def _of_labels(material: Material) -> Quality:
    answers = material.labels_answered
    labels = tuple(
        LabelQuality(
            label=ranked.label,
            positives=ranked.positives,
            average_precision=average_precision(ranked),
        )
        for ranked in material.answered.ranked
    )
    micro = _micro(answers.at(material.thresholds))
    answered = answers.confidences_percent >= 0
    return Quality(
        micro_precision=float(micro.precision),
        micro_recall=float(micro.recall),
        micro_f1=float(micro.f1),
        mean_average_precision=_mean(label.average_precision for label in labels),
        calibration=calibrate(answers.confidences_percent[answered], answers.truth[answered]),
        labels=labels,
    )


def _of_objects(material: Material) -> Quality:
    answers = material.objects_answered
    matches = match_at_overlaps(answers)
    at_half = matches[OVERLAPS.index(MIN_OVERLAP)]
    labels = _object_labels(answers, matches)
    micro = _micro(object_outcomes(answers, at_half, material.thresholds))
    return Quality(
        micro_precision=float(micro.precision),
        micro_recall=float(micro.recall),
        micro_f1=float(micro.f1),
        mean_average_precision=_mean(label.average_precision for label in labels),
        mean_average_precision_50_95=_mean(label.average_precision_50_95 for label in labels),
        average_recall=_mean(label.average_recall for label in labels),
        calibration=calibrate(answers.confidences_percent, at_half != NO_MATCH),
        labels=labels,
    )


def _object_labels(answers: ObjectAnswers, matches: Indices) -> tuple[LabelQuality, ...]:
    ranks = ranks_of_objects(answers, places_in_groups(answers) < MOST_BOXES)
    positives = np.bincount(answers.true_labels, minlength=len(answers.labels))
    labels = []
    for label, order, shown in zip(answers.labels, ranks, positives.tolist(), strict=True):
        if shown == 0:
            labels.append(LabelQuality(label=label, positives=0, average_precision=None))
            continue
        right = matches[:, order] != NO_MATCH
        precisions = interpolated_at(right, shown)
        labels.append(
            LabelQuality(
                label=label,
                positives=shown,
                average_precision=float(precisions[OVERLAPS.index(MIN_OVERLAP)]),
                average_precision_50_95=float(precisions.mean()),
                average_recall=float(right.sum(axis=1).mean() / shown),
            )
        )
    return tuple(labels)


def _micro(outcomes: Outcomes) -> Ratios:
    counted = (outcomes.hits, outcomes.false_alarms, outcomes.misses)
    return ratios_of(*(np.array(counts.sum(), dtype=np.float64) for counts in counted))


def _mean(figures: Iterable[float | None]) -> float:
    """Return the mean of those that are known; 0 for none."""
    known = [figure for figure in figures if figure is not None]
    return fmean(known) if known else 0.0
