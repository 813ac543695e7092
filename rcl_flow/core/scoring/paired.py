"""Two models on the same images: which is better, how sure that is, and on which images.

What two models do on one image depends on the image, so the images are never treated as two
samples: every resample draws the same images for both, and McNemar's exact test counts only the
images on which one is right and the other is not.
"""

from typing import Final, Literal

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage, Task
from rcl_flow.core.scoring.changed_images import ChangedImage, Contender, Pair
from rcl_flow.core.scoring.comparison import Interval, Score
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.f1_change import resample_changes
from rcl_flow.core.scoring.gaps import (
    Flags,
    Samples,
    Side,
    measure_side,
    score_label,
    score_side,
    simultaneous_interval,
)
from rcl_flow.core.scoring.intervals import interval_of
from rcl_flow.core.scoring.mcnemar import Mcnemar, mcnemar
from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.verdict import judge_gap
from rcl_flow.core.statistics import holm
from rcl_flow.core.values import Frozen
from rcl_flow.errors import HoldoutsDifferError

_SAME_PLACE: Final = 1e-3
"""So much of the image's width or height two corners may differ by and be the same."""

_SEEDS: Final = 2**32

PairedVerdict = Literal["better", "worse", "equivalent", "no difference shown"]
"""Of the second model: `equivalent` when the whole interval is within the margin and holds 0."""


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
    """Images that only the first model judges rightly: those of regressed labels come first."""
    left_out: int = 0
    """Images that only one of the models judged, without those of the next."""
    tuned_on: int = 0
    """Images on which the thresholds of one of the models, or of both, were tuned."""

    @property
    def is_within_margin(self) -> bool:
        """Whether the whole interval is where a difference does not matter."""
        return self.interval[0] >= -self.margin and self.interval[1] <= self.margin

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
    known = tuple(label for label in first.thresholds if label in second.thresholds)
    images = _common(first, second)
    pair = Pair(first, second, images, known)
    one, other = pair.outcomes(first), pair.outcomes(second)
    if not one.judged.any():
        raise HoldoutsDifferError(
            "No image that both runs judged has a label that both models know.",
            hint="Compare models with the same labels, spelled alike.",
        )
    seed = int(rng.integers(_SEEDS))  # the same draws for both: the same answers, the same interval
    sides = tuple(
        measure_side(each, first.task, rules, np.random.default_rng(seed)) for each in (one, other)
    )
    changes = resample_changes(one, other, resamples=rules.resamples, rng=rng)
    interval = changes.interval(rules.confidence_level)
    right, right_then = _right(one), _right(other)
    scores = [score_side(side, rules) for side in sides]
    labels = _labels(sides[0], sides[1], changes.by_label, rules)
    tuned_on = first.tuned_on | second.tuned_on
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
        labels=labels,
        only_first_labels=tuple(sorted(set(first.thresholds) - set(known))),
        only_second_labels=tuple(sorted(set(second.thresholds) - set(known))),
        fixed=pair.images_where(~right & right_then),
        broken=_regressed_first(pair.images_where(right & ~right_then), labels),
        left_out=len((_digests(first) ^ _digests(second)) - tuned_on),
        tuned_on=len(tuned_on),
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


def _common(first: Contender, second: Contender) -> tuple[DatasetImage, ...]:
    if first.task != second.task:
        raise HoldoutsDifferError(
            "One model classifies images and the other detects objects: their scores count "
            "different things.",
            hint="Compare runs of the same task.",
        )
    there = {image.sha256: image for image in second.judged.images}
    tuned_on = first.tuned_on | second.tuned_on
    images = tuple(
        image
        for image in first.judged.images
        if image.sha256 in there and image.sha256 not in tuned_on
    )
    if not images:
        raise HoldoutsDifferError(
            "The two runs have no judged image in common.",
            hint="Compare runs on the same holdout.",
        )
    if any(image.labels != there[image.sha256].labels for image in images):
        raise HoldoutsDifferError(
            "Images of the two runs are labelled differently.",
            hint="Judge both models again on the holdout as it is now.",
        )
    if not all(_same_boxes(image, there[image.sha256]) for image in images):
        raise HoldoutsDifferError(
            "Objects of the two runs have their boxes in different places.",
            hint="Judge both models again on the holdout as it is now.",
        )
    return images


def _digests(model: Contender) -> frozenset[str]:
    return frozenset(image.sha256 for image in model.judged.images)


def _same_boxes(one: DatasetImage, other: DatasetImage) -> bool:
    """Compare true boxes, as ratios if need be: a run may not have stored the image's size."""
    return one.boxes == other.boxes or (
        len(one.boxes) == len(other.boxes)
        and all(
            label == label_then and np.allclose(corners, corners_then, rtol=0, atol=_SAME_PLACE)
            for (label, corners), (label_then, corners_then) in zip(
                _corners(one), _corners(other), strict=True
            )
        )
    )


def _corners(image: DatasetImage) -> list[tuple[str, tuple[float, ...]]]:
    size = image.width_pixels, image.height_pixels
    return sorted((box.label, box.within(*size).corners) for box in image.boxes)


def _regressed_first(
    images: tuple[ChangedImage, ...], labels: tuple[LabelDifference, ...]
) -> tuple[ChangedImage, ...]:
    regressed = {entry.label for entry in labels if entry.regressed}
    return tuple(sorted(images, key=lambda image: regressed.isdisjoint(image.truth)))


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
