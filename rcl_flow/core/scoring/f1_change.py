"""How sure a change of F1 is when the same images are judged twice, such as at other thresholds."""

from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Numbers
from rcl_flow.core.scoring.count_patterns import distinct_rows, sums_of_blocks
from rcl_flow.core.scoring.intervals import interval_of, mean_over
from rcl_flow.core.scoring.metrics import Outcomes, Ratios, label_ratios, ratios_of

Interval = tuple[float, float]

_CHUNK: Final = 256
_MOST_PATTERNS: Final = 1000
"""With more, images are drawn in blocks: so many give the interval's width to about 2 percent."""


def mean_f1(outcomes: Outcomes) -> float:
    """Return the unweighted mean of F1 over the labels that some image has; 0 without one."""
    judged = outcomes.judged
    return float(label_ratios(outcomes).f1[judged].mean()) if judged.any() else 0.0


def f1_change_interval(
    first: Outcomes,
    second: Outcomes,
    *,
    confidence_level: float,
    resamples: int,
    rng: np.random.Generator,
) -> Interval:
    """Return the interval of the second mean F1 minus the first, resampling images with both.

    Both outcomes of an image are drawn together, so what is hard about an image cancels out.
    Drawing images is one multinomial draw over the distinct patterns of both outcomes. Of very
    many patterns, random blocks of images are drawn instead: sums of blocks vary from draw to
    draw as much as those of single images do.

    Args:
        first: the images' outcomes; at least one image.
        second: of the same images and labels.
        confidence_level: the share of resamples that the interval holds, 0 to 1.
        resamples: how many draws.
        rng: source of the draws.
    """
    judged = first.judged
    kinds = (first.truth, first.hits, first.false_alarms, second.hits, second.false_alarms)
    rows = np.hstack([kind[:, judged] for kind in kinds])
    sums, counts = distinct_rows(rows)
    if len(sums) > _MOST_PATTERNS:
        sums, counts = sums_of_blocks(rows, _MOST_PATTERNS, rng)
    shares = counts / counts.sum()
    changes = []
    for start in range(0, resamples, _CHUNK):
        size = min(_CHUNK, resamples - start)
        drawn = rng.multinomial(counts.sum(), shares, size=size).astype(np.float64)
        truth, *both = np.split(drawn @ sums.astype(np.float64), len(kinds), axis=1)
        before, after = (
            np.where(truth > 0, _ratios(truth, *side).f1, np.nan) for side in (both[:2], both[2:])
        )
        every = np.ones(truth.shape[1], dtype=np.bool_)
        changes.append(mean_over(after, every) - mean_over(before, every))
    return interval_of(np.concatenate(changes), confidence_level)


def _ratios(truth: Numbers, hits: Numbers, false_alarms: Numbers) -> Ratios:
    return ratios_of(hits, false_alarms, truth - hits)
