"""Precision, recall and F1 from what was true and what was predicted of each image.

An image counts a label once, or as often as it has objects of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
CountsPerImage = NDArray[np.int64]
TruthHitsAndFalseAlarms = tuple[Iterable[str], Iterable[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Truth and prediction of a set of images, as counts.

    All three have one row per image and one column per label.
    """

    labels: tuple[str, ...]
    truth: CountsPerImage
    hits: CountsPerImage
    false_alarms: CountsPerImage

    @property
    def images(self) -> int:
        """The number of images."""
        return len(self.truth)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which labels are true of at least one image: only those can be judged."""
        return np.asarray(_totals(self.truth) > 0)

    @property
    def misses(self) -> CountsPerImage:
        """What is true and was not predicted."""
        return np.asarray(self.truth - self.hits)


@dataclass(frozen=True, slots=True)
class Ratios:
    """Precision, recall and F1, 0 to 1; arrays with labels in the last axis."""

    precision: Counts
    recall: Counts
    f1: Counts


def outcomes_of(images: Iterable[TruthHitsAndFalseAlarms], labels: Sequence[str]) -> Outcomes:
    """Count the true labels, hits and false alarms of each image as matrices over `labels`.

    Labels that are not in `labels` are left out.
    """
    column = {label: index for index, label in enumerate(labels)}
    rows = [tuple(tuple(found) for found in image) for image in images]
    counts = np.zeros((3, len(rows), len(labels)), dtype=np.int64)
    for row, image in enumerate(rows):
        for kind, found in enumerate(image):
            for label in found:
                if label in column:
                    counts[kind, row, column[label]] += 1
    return Outcomes(tuple(labels), *counts)


def outcomes_of_flags(
    labels: Sequence[str], truth: NDArray[np.bool_], predicted: NDArray[np.bool_]
) -> Outcomes:
    """Return the outcomes of image-level labels; one row per image, one column per label."""
    return Outcomes(
        tuple(labels),
        truth.astype(np.int64),
        (truth & predicted).astype(np.int64),
        (~truth & predicted).astype(np.int64),
    )


def label_ratios(outcomes: Outcomes) -> Ratios:
    """Return each label's precision, recall and F1, one value per label."""
    counted = (outcomes.hits, outcomes.false_alarms, outcomes.truth)
    hits, false_alarms, truth = map(_totals, counted)
    return ratios_of(hits, false_alarms, truth - hits)


def ratios_of(hits: Counts, false_alarms: Counts, misses: Counts) -> Ratios:
    """Return precision, recall and F1 of counts; a ratio of nothing to nothing is 0."""
    return Ratios(
        precision=_ratio(hits, hits + false_alarms),
        recall=_ratio(hits, hits + misses),
        f1=_ratio(2 * hits, 2 * hits + false_alarms + misses),
    )


def _totals(counts: CountsPerImage) -> Counts:
    # of a few columns `sum` takes several times as long
    return np.asarray(np.einsum("ij->j", counts, dtype=np.int64), dtype=np.float64)


def _ratio(part: Counts, whole: Counts) -> Counts:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
