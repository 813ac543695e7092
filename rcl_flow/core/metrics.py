"""Precision, recall and F1 from what was true and what was predicted of each image."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]
TruthAndPrediction = tuple[Iterable[str], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Truth and prediction of a set of images.

    `truth` and `predicted` have one row per image and one column per label.
    """

    labels: tuple[str, ...]
    truth: NDArray[np.bool_]
    predicted: NDArray[np.bool_]

    @property
    def images(self) -> int:
        """The number of images."""
        return len(self.truth)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which labels are true of at least one image: only those can be judged."""
        return np.asarray(self.truth.any(axis=0))


@dataclass(frozen=True, slots=True)
class Ratios:
    """Precision, recall and F1, 0 to 1; arrays with labels in the last axis."""

    precision: Counts
    recall: Counts
    f1: Counts


def outcomes_of(pairs: Iterable[TruthAndPrediction], labels: Sequence[str]) -> Outcomes:
    """Arrange (true labels, predicted labels) of each image as matrices over `labels`.

    Labels that are not in `labels` are left out.
    """
    column = {label: index for index, label in enumerate(labels)}
    rows = list(pairs)
    truth = np.zeros((len(rows), len(labels)), dtype=np.bool_)
    predicted = np.zeros_like(truth)
    for row, (true_labels, predicted_labels) in enumerate(rows):
        truth[row, [column[label] for label in true_labels if label in column]] = True
        predicted[row, [column[label] for label in predicted_labels if label in column]] = True
    return Outcomes(tuple(labels), truth, predicted)


def label_ratios(outcomes: Outcomes) -> Ratios:
    """Return each label's precision, recall and F1, one value per label."""
    return ratios_of(*count_patterns(outcomes.truth, outcomes.predicted))


def count_patterns(
    truth: NDArray[np.bool_], predicted: NDArray[np.bool_]
) -> tuple[Counts, Counts, Counts]:
    """Return true positives, false positives and false negatives, one value per label."""
    hits = (truth & predicted).sum(axis=0, dtype=np.float64)
    false_alarms = (~truth & predicted).sum(axis=0, dtype=np.float64)
    misses = (truth & ~predicted).sum(axis=0, dtype=np.float64)
    return hits, false_alarms, misses


def ratios_of(hits: Counts, false_alarms: Counts, misses: Counts) -> Ratios:
    """Return precision, recall and F1 of counts; a ratio of nothing to nothing is 0."""
    return Ratios(
        precision=_ratio(hits, hits + false_alarms),
        recall=_ratio(hits, hits + misses),
        f1=_ratio(2 * hits, 2 * hits + false_alarms + misses),
    )


def _ratio(part: Counts, whole: Counts) -> Counts:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
