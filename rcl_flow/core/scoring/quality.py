"""What a model is worth over all thresholds: average precision, recall and calibration."""

from rcl_flow.core.values import Frozen


class CalibrationBin(Frozen):
    """The answers whose confidence lies in one range, and how many of them are right."""

    low_percent: float
    high_percent: float
    answers: int
    mean_confidence_percent: float
    """0 where there is no answer."""
    share_right: float
    """0 to 1; 0 where there is no answer."""


class Calibration(Frozen):
    """Whether a confidence of 80 means that 80 of 100 answers are right."""

    bins: tuple[CalibrationBin, ...]
    expected_error: float
    """The mean distance of confidence and share of right answers over the bins, weighted by
    answers, 0 to 1 (expected calibration error)."""
    brier_score: float
    """The mean squared distance of confidence (as a ratio) and outcome, 0 to 1."""


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
