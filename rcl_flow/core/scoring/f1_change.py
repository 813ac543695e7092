"""How sure a change of F1 is when the same images are judged twice.

They are judged at other thresholds, or by another model. What is judged depends on the image, so
the images are never treated as two samples: every resample weighs the same images on both sides,
and what is hard about an image cancels out.
"""

from dataclasses import dataclass

import numpy as np

from rcl_flow.core.scoring.answers import Numbers
from rcl_flow.core.scoring.intervals import interval_of, mean_over, resample_f1
from rcl_flow.core.scoring.metrics import Outcomes, label_ratios

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class F1Changes:
    """Changes of F1, second minus first, of randomly weighed images: one row or value a draw."""

    overall: Numbers
    """Of the mean over the labels that some image has."""
    by_label: Numbers
    half_a_step: float
    """Half of what one image, or object, of a label adds to the mean F1, on average.

    A change is made of such steps, and resamples, which weigh images by chance, fill what lies
    between; without this correction for continuity a change is called too often."""

    def interval(self, confidence_level: float) -> Interval:
        """Return the interval of the change of the mean, -1 to 1."""
        low, high = interval_of(self.overall, confidence_level)
        return max(low - self.half_a_step, -1.0), min(high + self.half_a_step, 1.0)


def mean_f1(outcomes: Outcomes) -> float:
    """Return the unweighted mean of F1 over the labels that some image has; 0 without one."""
    judged = outcomes.judged
    return float(label_ratios(outcomes).f1[judged].mean()) if judged.any() else 0.0


def resample_changes(
    first: Outcomes, second: Outcomes, *, resamples: int, rng: np.random.Generator
) -> F1Changes:
    """Resample both F1 by the same images, as `resample_f1` does, and return the changes.

    Args:
        first: the images' outcomes; at least one image.
        second: of the same images and labels.
        resamples: how many draws.
        rng: source of the draws.
    """
    both = Outcomes(
        labels=first.labels + second.labels,
        truth=np.hstack([first.truth, second.truth]),
        hits=np.hstack([first.hits, second.hits]),
        false_alarms=np.hstack([first.false_alarms, second.false_alarms]),
    )
    samples = resample_f1(both, judged=both.judged, resamples=resamples, rng=rng)
    before, after = np.hsplit(samples.in_means, 2)
    alone, alone_then = np.hsplit(samples.by_label, 2)
    return F1Changes(
        overall=mean_over(after, first.judged) - mean_over(before, first.judged),
        by_label=alone_then - alone,
        half_a_step=half_step_of(first),
    )


def f1_change_interval(
    first: Outcomes,
    second: Outcomes,
    *,
    confidence_level: float,
    resamples: int,
    rng: np.random.Generator,
) -> Interval:
    """Return the interval of the second mean F1 minus the first; of no labels, 0 to 0.

    Args:
        first: the images' outcomes; at least one image.
        second: of the same images and labels.
        confidence_level: how often such an interval holds the true change, 0 to 1.
        resamples: how many draws.
        rng: source of the draws.
    """
    changes = resample_changes(first, second, resamples=resamples, rng=rng)
    return changes.interval(confidence_level)


def half_step_of(outcomes: Outcomes) -> float:
    """Return half of what one image, or object, of a label adds to the mean F1, on average."""
    shown = outcomes.truth.sum(axis=0, dtype=np.float64)[outcomes.judged]
    return float((1 / shown).mean() / (2 * len(shown))) if len(shown) else 0.0
