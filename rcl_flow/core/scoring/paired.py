"""Two models on the same images: which is better, how sure that is, and on which images.

What two models do on one image depends on the image, so the images are never treated as two
samples: every resample draws the same images for both, and McNemar's exact test counts only the
images on which one is right and the other is not.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rcl_flow.core.dataset import DatasetImage, Task
from rcl_flow.core.scoring.changed_images import ChangedImage, Contender, Pair
from rcl_flow.core.scoring.comparison import Interval, Score
from rcl_flow.core.scoring.gaps import (
    Flags,
    Samples,
    Side,
    measure_side,
    score_label,
    score_side,
    simultaneous_interval,
)
from rcl_flow.core.scoring.intervals import interval_of, mean_over, resample_f1
from rcl_flow.core.scoring.mcnemar import Mcnemar, mcnemar
from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.verdict import EvaluationRules, judge_gap
from rcl_flow.core.statistics import holm
from rcl_flow.core.values import Frozen
from rcl_flow.errors import HoldoutsDifferError

PairedVerdict = Literal["better", "worse", "equivalent", "no difference shown"]
"""Of the second model: `equivalent` when the whole interval is within the margin."""


class LabelDifference(Frozen):
    """One label that both models know and at least one image has."""

    label: str
    first: Score
    second: Score
    f1: float
    """The second model's minus the first's, as is the interval."""
    interval: Interval
    corrected_interval: Interval
    """So wide that those of all labels hold together at the confidence level."""
    mcnemar: Mcnemar
    """An image is right when the label, with all its objects, was found and nothing else of it."""
    regressed: bool
    """The corrected interval is below zero and reaches beyond the margin."""


class PairedComparison(Frozen):
    """Everything about two models on the same images."""

    images: int
    """Those that both models judged."""
    task: Task
    confidence_level: float
    margin: float
    first: Score
    """An unweighted mean over the common labels that an image has, as is the second."""
    second: Score
    f1: float
    """The second model's minus the first's, as is the interval."""
    interval: Interval
    verdict: PairedVerdict
    mcnemar: Mcnemar
    """An image is right when all of it was found and nothing else, of the common labels."""
    labels: tuple[LabelDifference, ...]
    """The largest fall first."""
    only_first_labels: tuple[str, ...] = ()
    """Labels that only the first model knows: they are left out."""
    only_second_labels: tuple[str, ...] = ()
    fixed: tuple[ChangedImage, ...] = ()
    """Images that only the second model judges rightly."""
    broken: tuple[ChangedImage, ...] = ()
    """Images that only the first model judges rightly."""
    left_out: int = 0
    """Images that only one of the models judged."""

    @property
    def regressed_labels(self) -> tuple[str, ...]:
        """The labels that have become worse with certainty."""
        return tuple(entry.label for entry in self.labels if entry.regressed)


def compare_paired(
    first: Contender, second: Contender, rules: EvaluationRules, rng: np.random.Generator
) -> PairedComparison:
    """Compare two models on the images that both have judged, over the labels that both know.

    Args:
        first: the model that is there.
        second: the model that may replace it.
        rules: margin, confidence level and number of resamples.
        rng: source of the resamples.

    Raises:
        HoldoutsDifferError: no image was judged by both, they do not do the same, or none of
            the images has a label that both know.
    """
    labels = tuple(label for label in first.thresholds if label in second.thresholds)
    images = _common(first, second)
    pair = Pair(first, second, images, labels)
    one, other = pair.outcomes(first), pair.outcomes(second)
    if not one.judged.any():
        raise HoldoutsDifferError(
            "No image that both runs judged has a label that both models know.",
            hint="Compare models with the same labels, spelled alike.",
        )
    sides = tuple(measure_side(each, first.task, rules, rng) for each in (one, other))
    samples = _paired_samples(one, other, rules, rng)
    low, high = interval_of(samples.overall, rules.confidence_level)
    step = _half_a_step(one)
    interval = max(low - step, -1.0), min(high + step, 1.0)
    right, right_then = _right(one), _right(other)
    scores = [score_side(side, rules) for side in sides]
    return PairedComparison(
        images=len(images),
        task=first.task,
        confidence_level=rules.confidence_level,
        margin=rules.gap_margin,
        first=scores[0],
        second=scores[1],
        f1=scores[1].f1 - scores[0].f1,
        interval=interval,
        verdict=judge_difference(interval, rules.gap_margin),
        mcnemar=mcnemar(right, right_then, rules.confidence_level),
        labels=_labels(sides[0], sides[1], samples.by_label, rules),
        only_first_labels=tuple(sorted(set(first.thresholds) - set(labels))),
        only_second_labels=tuple(sorted(set(second.thresholds) - set(labels))),
        fixed=pair.images_where(~right & right_then),
        broken=pair.images_where(right & ~right_then),
        left_out=len(first.judged.images) + len(second.judged.images) - 2 * len(images),
    )


def judge_difference(interval: Interval, margin: float) -> PairedVerdict:
    """Say what the interval of second minus first F1 means.

    Args:
        interval: the difference, -1 to 1.
        margin: a difference either way that does not matter, 0 to 1.
    """
    low, high = interval
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    return "equivalent" if low >= -margin and high <= margin else "no difference shown"


def _half_a_step(outcomes: Outcomes) -> float:
    """Return half of what one image, or object, of a label adds to the mean F1, on average.

    A difference is made of such steps, and resamples, which weigh images by chance, fill what lies
    between; without this correction for continuity a difference is called too often.
    """
    shown = outcomes.truth.sum(axis=0, dtype=np.float64)[outcomes.judged]
    return float((1 / shown).mean() / (2 * len(shown)))


@dataclass(frozen=True, slots=True)
class _PairedSamples:
    overall: Samples
    by_label: Samples


def _common(first: Contender, second: Contender) -> tuple[DatasetImage, ...]:
    there = {image.sha256: image for image in second.judged.images}
    images = tuple(image for image in first.judged.images if image.sha256 in there)
    if not images or first.task != second.task:
        raise HoldoutsDifferError(
            "The two runs have no judged image in common."
            if not images
            else "One model classifies images and the other detects objects.",
            hint="Compare runs of the same task on the same holdout.",
        )
    if any(image.labels != there[image.sha256].labels for image in images):
        raise HoldoutsDifferError(
            "Images of the two runs are labelled differently.",
            hint="Judge both models again on the holdout as it is now.",
        )
    return images


def _paired_samples(
    one: Outcomes, other: Outcomes, rules: EvaluationRules, rng: np.random.Generator
) -> _PairedSamples:
    """Resample both models' F1 by the same images, and return second minus first."""
    both = Outcomes(
        labels=one.labels + other.labels,
        truth=np.hstack([one.truth, other.truth]),
        hits=np.hstack([one.hits, other.hits]),
        false_alarms=np.hstack([one.false_alarms, other.false_alarms]),
    )
    samples = resample_f1(both, judged=both.judged, resamples=rules.resamples, rng=rng)
    first, second = np.hsplit(samples.in_means, 2)
    alone, alone_then = np.hsplit(samples.by_label, 2)
    return _PairedSamples(
        overall=mean_over(second, one.judged) - mean_over(first, one.judged),
        by_label=alone_then - alone,
    )


def _labels(
    first: Side, second: Side, samples: Samples, rules: EvaluationRules
) -> tuple[LabelDifference, ...]:
    level, one, other = rules.confidence_level, first.outcomes, second.outcomes
    columns = np.flatnonzero(first.judged).tolist()
    tests = [_label_test(one, other, column, level) for column in columns]
    fallen = holm([test.p_value for test in tests], 1 - level)
    found = []
    for column, test, certain in zip(columns, tests, fallen, strict=True):
        drawn = samples[:, column]
        corrected = simultaneous_interval(drawn, level, compared=len(columns))
        scores = score_label(first, column, rules), score_label(second, column, rules)
        found.append(
            LabelDifference(
                label=one.labels[column],
                first=scores[0],
                second=scores[1],
                f1=scores[1].f1 - scores[0].f1,
                interval=interval_of(drawn, level),
                corrected_interval=corrected,
                mcnemar=test.model_copy(update={"certain": certain}),
                regressed=judge_gap(corrected, rules) == "drops",
            )
        )
    return tuple(sorted(found, key=lambda entry: (entry.f1, entry.label)))


def _label_test(one: Outcomes, other: Outcomes, column: int, level: float) -> Mcnemar:
    return mcnemar(
        (one.hits[:, column] == one.truth[:, column]) & (one.false_alarms[:, column] == 0),
        (other.hits[:, column] == other.truth[:, column]) & (other.false_alarms[:, column] == 0),
        level,
    )


def _right(outcomes: Outcomes) -> Flags:
    found = (outcomes.hits == outcomes.truth).all(axis=1)
    return np.asarray(found & ~outcomes.false_alarms.any(axis=1))
