"""Whether confidences mean what they say: of the answers at 80 %, are 80 of 100 right?"""

from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Numbers
from rcl_flow.core.values import Frozen

BINS: Final = 10
"""Ranges of confidence, all of one width; the upper end belongs to the next, but for the last."""


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


def calibrate(confidences_percent: Numbers, right: Flags) -> Calibration:
    """Compare how sure the answers are with how many are right; without answers all is 0.

    Args:
        confidences_percent: of the answers that were given, 0 to 100.
        right: as many.
    """
    ratios = confidences_percent / 100
    width = 100 / BINS
    number = np.minimum((confidences_percent // width).astype(np.intp), BINS - 1)
    answers = np.bincount(number, minlength=BINS)
    known = np.maximum(answers, 1)
    confidence = np.bincount(number, weights=ratios, minlength=BINS) / known
    share = np.bincount(number, weights=right, minlength=BINS) / known
    total = max(len(ratios), 1)
    return Calibration(
        bins=tuple(
            CalibrationBin(
                low_percent=index * width,
                high_percent=(index + 1) * width,
                answers=int(answers[index]),
                mean_confidence_percent=float(confidence[index] * 100),
                share_right=float(share[index]),
            )
            for index in range(BINS)
        ),
        expected_error=float((answers * np.abs(confidence - share)).sum() / total),
        brier_score=float(np.square(ratios - right).sum() / total),
    )
