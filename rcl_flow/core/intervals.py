"""Intervals of F1 by resampling images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.metrics import Outcomes, ratios_of

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class F1Samples:
    """F1 of resampled sets of images.

    `overall` has one value per resample; `by_label` one row per resample, one column per label.
    """

    overall: NDArray[np.float64]
    by_label: NDArray[np.float64]


def resample_f1(
    outcomes: Outcomes, *, judged: NDArray[np.bool_], resamples: int, rng: np.random.Generator
) -> F1Samples:
    """Draw images with replacement `resamples` times and return F1 of each draw.

    Drawing images with replacement is one multinomial draw over the distinct patterns of truth
    and prediction, which is exact and does not grow with the number of images.

    Args:
        outcomes: at least one image.
        judged: which labels count in the overall F1, the unweighted mean; one flag per label.
        resamples: how many draws.
        rng: source of the draws.
    """
    patterns, counts = np.unique(
        np.hstack([outcomes.truth, outcomes.predicted]), axis=0, return_counts=True
    )
    truth, predicted = np.hsplit(patterns, 2)
    hit, false_alarm, miss = (
        (flags).astype(np.float64)
        for flags in (truth & predicted, ~truth & predicted, truth & ~predicted)
    )
    shares = counts / counts.sum()
    rows = []
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        drawn = rng.multinomial(outcomes.images, shares, size=size).astype(np.float64)
        rows.append(ratios_of(drawn @ hit, drawn @ false_alarm, drawn @ miss).f1)
    by_label = np.vstack(rows)
    return F1Samples(overall=by_label[:, judged].mean(axis=1), by_label=by_label)


def interval_of(samples: NDArray[np.float64], confidence_level: float) -> tuple[float, float]:
    """Return the central interval that holds `confidence_level` (0 to 1) of the samples."""
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(samples, [tail, 1 - tail])
    return float(low), float(high)
