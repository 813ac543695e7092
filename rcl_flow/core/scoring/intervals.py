"""Intervals of F1 by resampling images."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.metrics import Outcomes, ratios_of

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

    Drawing images with replacement is one multinomial draw over the distinct patterns of counts,
    which is exact and does not grow with the number of images. Where a draw has
    no image of a label, that label's F1 is not a number and does not count in the mean.

    Args:
        outcomes: at least one image.
        judged: which labels count in the overall F1, the unweighted mean; one flag per label.
        resamples: how many draws.
        rng: source of the draws.
    """
    patterns, counts = np.unique(
        np.hstack([outcomes.hits, outcomes.false_alarms, outcomes.misses]),
        axis=0,
        return_counts=True,
    )
    hit, false_alarm, miss = np.hsplit(patterns.astype(np.float64), 3)
    shares = counts / counts.sum()
    rows = []
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        drawn = rng.multinomial(outcomes.images, shares, size=size).astype(np.float64)
        hits, misses = drawn @ hit, drawn @ miss
        f1 = ratios_of(hits, drawn @ false_alarm, misses).f1
        rows.append(np.where(hits + misses > 0, f1, np.nan))
    by_label = np.vstack(rows)
    return F1Samples(overall=mean_over(by_label, judged), by_label=by_label)


def mean_over(by_label: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean of each row over the labels that are counted and are numbers; 0 for none.

    Args:
        by_label: one row per resample, one column per label.
        counted: one flag per label.
    """
    values = by_label[:, counted]
    numbers = ~np.isnan(values)
    total = np.where(numbers, values, 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(numbers.sum(axis=1), 1), dtype=np.float64)


def interval_of(samples: NDArray[np.float64], confidence_level: float) -> tuple[float, float]:
    """Return the central interval that holds `confidence_level` (0 to 1) of the samples.

    Samples that are not numbers are left out; with none left, nothing is known: 0 to 1.
    """
    known = samples[~np.isnan(samples)]
    if known.size == 0:
        return 0.0, 1.0
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
