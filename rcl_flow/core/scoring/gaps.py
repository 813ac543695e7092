"""How far the scores of two sides are apart, and how sure that is: for one label and for many."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.scoring.deviations import deviations
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.intervals import (
    F1Samples,
    few_images_note,
    interval_of,
    mean_over,
    resample_f1,
    wilson_interval,
)
from rcl_flow.core.scoring.metrics import CountsPerImage, Outcomes, Ratios, label_ratios
from rcl_flow.core.scoring.verdict import Hindrance, Verdict
from rcl_flow.core.values import Frozen

Interval = tuple[float, float]
Samples = NDArray[np.float64]
Flags = NDArray[np.bool_]
UNKNOWN: Interval = (-1.0, 1.0)


class Score(Frozen):
    """Precision, recall and F1 over some images, 0 to 1, with their intervals."""

    images: int
    precision: float
    recall: float
    f1: float
    f1_interval: Interval
    precision_interval: Interval | None = None
    """Of one label Wilson's, of all together by resampling; None where it is not known."""
    recall_interval: Interval | None = None
    note: str = ""
    """What to beware of, such as `3 images: nothing certain`."""


class Gap(Frozen):
    """Holdout F1 minus test F1 at the assumed thresholds, its interval, and what it means.

    The test's F1 is that of the snapshot's own flags, which the interval is of too.
    """

    f1: float
    interval: Interval
    verdict: Verdict
    corrected_interval: Interval | None = None
    """Of one label: so wide that all labels' intervals hold together at the confidence level."""
    driver: str = ""
    """Of all together, when it drops: the label that takes the largest part of the fall."""
    more_images: int | None = None
    """When inconclusive: about how many more holdout images would settle it."""
    optimism: float = 0.0
    """How much of a fall is to be expected without any harm, since the service chose the
    thresholds on the test images themselves; the verdict is on what the interval leaves of it."""
    harm_interval: Interval | None = None
    """What the verdict is on: the interval with the flattery of the test taken out."""
    test_f1: float | None = None
    """What the change is measured from, over the labels that both sides have; None if unknown."""
    hindrance: Hindrance = ""
    """When inconclusive: what keeps more holdout images from settling it, if anything does."""


@dataclass(frozen=True, slots=True)
class RateIntervals:
    """The intervals of precision, or of recall: of each label, and of their mean."""

    by_label: tuple[Interval | None, ...]
    """None where there is nothing to take a share of."""
    overall: Interval


@dataclass(frozen=True, slots=True)
class Side:
    """Some images with their scores, and what resamples of the images make of these."""

    outcomes: Outcomes
    judged: Flags
    """Which labels count: those that at least one of the images has."""
    ratios: Ratios
    """One value a label."""
    samples: F1Samples
    precision: RateIntervals
    recall: RateIntervals


def measure_side(
    outcomes: Outcomes, task: Task, rules: EvaluationRules, rng: np.random.Generator
) -> Side:
    """Score one side and resample its images.

    A label's precision and recall have Wilson's interval where each image counts once; objects
    of one image depend on one another, so theirs come from the resamples, as all means do.

    Args:
        outcomes: at least one image.
        task: what is counted: images or objects.
        rules: confidence level and number of resamples.
        rng: source of the resamples.
    """
    judged = outcomes.judged
    rates = _rates(outcomes, judged, task, rules, rng)
    return Side(
        outcomes=outcomes,
        judged=judged,
        ratios=label_ratios(outcomes),
        samples=resample_f1(outcomes, judged=judged, resamples=rules.resamples, rng=rng),
        precision=rates[0],
        recall=rates[1],
    )


def score_side(side: Side, rules: EvaluationRules) -> Score:
    """Return the score over all labels that count, of which there is at least one."""
    return Score(
        images=side.outcomes.images,
        precision=float(side.ratios.precision[side.judged].mean()),
        recall=float(side.ratios.recall[side.judged].mean()),
        f1=float(side.ratios.f1[side.judged].mean()),
        f1_interval=interval_of(side.samples.overall, rules.confidence_level),
        precision_interval=side.precision.overall,
        recall_interval=side.recall.overall,
    )


def score_label(side: Side, index: int, rules: EvaluationRules) -> Score:
    """Return the score of the label in column `index`."""
    images = int((side.outcomes.truth[:, index] > 0).sum())
    return Score(
        images=images,
        precision=float(side.ratios.precision[index]),
        recall=float(side.ratios.recall[index]),
        f1=float(side.ratios.f1[index]),
        f1_interval=interval_of(side.samples.by_label[:, index], rules.confidence_level),
        precision_interval=side.precision.by_label[index],
        recall_interval=side.recall.by_label[index],
        note=few_images_note(images),
    )


def change_interval(later: Side, earlier: Side, labels: Flags, level: float) -> Interval:
    """Return the interval of the change of mean F1 over some labels, of independent images.

    Args:
        later: whose F1 counts positive.
        earlier: whose F1 counts negative.
        labels: one flag a label, at least one set.
        level: the confidence level, 0 to 1.
    """
    return clipped(
        interval_of(
            mean_over(later.samples.in_means, labels) - mean_over(earlier.samples.in_means, labels),
            level,
        )
    )


def share_of_earlier(later: Side, earlier: Side, labels: Flags) -> float:
    """Return what part of the variance of such a change is the earlier side's, 0 to 1."""
    of_later, of_earlier = (
        float(mean_over(side.samples.in_means, labels).var()) for side in (later, earlier)
    )
    return of_earlier / (of_later + of_earlier) if of_later + of_earlier > 0 else 0.0


def label_changes(later: Side, earlier: Side) -> Samples:
    """Return the change of each label's F1: one row a resample, one column a label."""
    return later.samples.by_label - earlier.samples.by_label


def simultaneous_interval(samples: Samples, level: float, *, compared: int) -> Interval:
    """Return one of several intervals so wide that all hold together at the confidence level.

    Bonferroni's correction, which needs nothing of how the labels depend on one another. The far
    quantiles that it asks for are too rare among the resamples, so the interval's own ends are
    moved away from the median as far as a normal distribution's would.

    Args:
        samples: changes of a score, -1 to 1; what is not a number is left out.
        level: 0 to 1, of all intervals together.
        compared: how many intervals there are.
    """
    known = samples[~np.isnan(samples)]
    if known.size == 0:
        return UNKNOWN
    stretch = deviations(1 - (1 - level) / compared) / deviations(level)
    low, high = interval_of(known, level)
    middle = float(np.median(known))
    return clipped((middle - stretch * (middle - low), middle + stretch * (high - middle)))


def clipped(interval: Interval) -> Interval:
    """Return what of the interval of a change is possible: -1 to 1."""
    return max(interval[0], UNKNOWN[0]), min(interval[1], UNKNOWN[1])


def _rates(
    outcomes: Outcomes,
    judged: Flags,
    task: Task,
    rules: EvaluationRules,
    rng: np.random.Generator,
) -> tuple[RateIntervals, RateIntervals]:
    """Return the intervals of precision and of recall."""
    found, level = outcomes.hits + outcomes.false_alarms, rules.confidence_level
    samples = _rate_samples(outcomes.hits, (found, outcomes.truth), rules, rng)
    alone, in_means = (np.hsplit(_as_rate(f1), 2) for f1 in (samples.by_label, samples.in_means))
    precision, recall = (
        RateIntervals(
            by_label=_resampled(alone[kind], whole, level)
            if task == "detection"
            else _wilson(outcomes.hits, whole, level),
            overall=_within(interval_of(mean_over(np.nan_to_num(in_means[kind]), judged), level)),
        )
        for kind, whole in enumerate((found, outcomes.truth))
    )
    return precision, recall


def _rate_samples(
    hits: CountsPerImage,
    wholes: tuple[CountsPerImage, CountsPerImage],
    rules: EvaluationRules,
    rng: np.random.Generator,
) -> F1Samples:
    """Resample the hits in each whole, side by side: a column a whole and label."""
    shares = Outcomes(
        labels=("",) * (2 * hits.shape[1]),
        truth=np.hstack(wholes),
        hits=np.hstack([hits, hits]),
        false_alarms=np.zeros((len(hits), 2 * hits.shape[1]), dtype=np.int64),
    )
    return resample_f1(shares, judged=shares.judged, resamples=rules.resamples, rng=rng)


def _as_rate(f1: Samples) -> Samples:
    """Return h / (h + m) of an F1 that counts all that is no hit as a miss: 2h / (2h + m)."""
    return np.asarray(f1 / (2 - f1))


def _within(interval: Interval) -> Interval:
    return max(interval[0], 0.0), min(interval[1], 1.0)


def _resampled(
    samples: Samples, whole: CountsPerImage, level: float
) -> tuple[Interval | None, ...]:
    return tuple(
        interval_of(values, level) if of else None
        for values, of in zip(samples.T, whole.sum(axis=0).tolist(), strict=True)
    )


def _wilson(
    hits: CountsPerImage, whole: CountsPerImage, level: float
) -> tuple[Interval | None, ...]:
    return tuple(
        wilson_interval(part, of, level) if of else None
        for part, of in zip(hits.sum(axis=0).tolist(), whole.sum(axis=0).tolist(), strict=True)
    )
