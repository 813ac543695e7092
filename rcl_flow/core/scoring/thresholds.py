"""Thresholds of the labels: the assumed ones, fixed ones, or tuned on a calibration part."""

from rcl_flow.core.scoring.threshold_rules import Objective
from rcl_flow.core.values import Frozen

Interval = tuple[float, float]


class ThresholdScore(Frozen):
    """A label at one threshold on the judged part; ratios 0 to 1."""

    precision: float
    recall: float
    f1: float


class ThresholdChoice(Frozen):
    """The threshold of one label."""

    label: str
    objective: Objective
    assumed: float
    """The service's, 0 to 1."""
    chosen: float
    """0 to 1."""
    met: bool
    """Whether the calibration part has a threshold that meets the objective."""
    calibration_positives: int
    """Images or objects of the label that the threshold was tuned on; 0 where it was not."""
    at_assumed: ThresholdScore | None
    """On the judged part; None where that has no image of the label, as for the next."""
    at_chosen: ThresholdScore | None
    note: str = ""
    """Why the threshold is not what was asked for, or how little it rests on."""


class ThresholdTuning(Frozen):
    """The thresholds of all labels and what they bring on images that they were not tuned on."""

    used: bool
    """Whether the run's score and decision are at the chosen thresholds; else they are a
    suggestion, tuned for the best F1."""
    calibration_images: int
    judged_images: int
    labels: tuple[ThresholdChoice, ...]
    f1_at_assumed: float
    """The unweighted mean over the labels of the judged part, as the next."""
    f1_at_chosen: float
    f1_change_interval: Interval
    """Of the difference of the two, over the judged part."""
