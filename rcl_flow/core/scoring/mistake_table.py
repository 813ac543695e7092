"""All mistakes as columns: quick to count, to group and to take back, however many there are."""

from dataclasses import dataclass, replace
from typing import Final, get_args

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, Numbers
from rcl_flow.core.scoring.error_types import ErrorKind
from rcl_flow.core.scoring.metrics import Counts, ratios_of

KINDS: Final[tuple[ErrorKind, ...]] = get_args(ErrorKind)
"""What the numbers in `MistakeTable.kinds` stand for."""
CODES: Final[dict[ErrorKind, int]] = {kind: code for code, kind in enumerate(KINDS)}
NO_LABEL: Final = -1
"""Stands for the column of a label where there is none, and for a box where there is none."""


@dataclass(frozen=True, slots=True)
class MistakeTable:
    """One entry a mistake in every array: a wrong answer, a missed label or box, or both at once.

    Every wrong answer and every miss is in exactly one mistake.
    """

    images: Indices
    """The row of the image."""
    kinds: Indices
    """As `KINDS` numbers them."""
    truths: Indices
    """The column of the label that was there; `NO_LABEL` for none."""
    predicted: Indices
    """The column of the label that was predicted; `NO_LABEL` for none."""
    confidences_percent: Numbers
    """In the predicted label; of a miss, what the missed one still had."""
    loses: Flags
    """Whether the mistake is also why its true label was missed."""
    boxes: Indices
    """The found box, of a miss the true one; `NO_LABEL` for image-level labels."""
    true_boxes: Indices
    """The true box that it is about; `NO_LABEL` for none and for image-level labels."""

    def __len__(self) -> int:
        """Return the number of mistakes."""
        return len(self.images)

    def rows(self, chosen: Indices | Flags) -> "MistakeTable":
        """Return some of the mistakes."""
        return MistakeTable(
            self.images[chosen],
            self.kinds[chosen],
            self.truths[chosen],
            self.predicted[chosen],
            self.confidences_percent[chosen],
            self.loses[chosen],
            self.boxes[chosen],
            self.true_boxes[chosen],
        )

    def of_kind(self, kind: ErrorKind) -> Flags:
        """Say which mistakes are of a kind."""
        return np.asarray(self.kinds == CODES[kind])

    def suspecting(self, suspect: Flags) -> "MistakeTable":
        """Return the table with some of the mistakes as label suspects."""
        return replace(self, kinds=np.where(suspect, CODES["label suspect"], self.kinds))

    def mixed_up(self, labels: int) -> Counts:
        """Return how often each label (row) was taken for each other one (column)."""
        between = (self.truths != NO_LABEL) & (self.predicted != NO_LABEL)
        between &= self.truths != self.predicted
        cells = self.truths[between] * labels + self.predicted[between]
        counts = np.bincount(cells, minlength=labels * labels)
        return counts.reshape(labels, labels).astype(np.float64)


def surest_first(table: MistakeTable) -> Indices:
    """Return the order of the mistakes by how sure the model was of being right.

    That is its confidence in the wrong label; of a miss, the confidence that it withheld.
    """
    alone = table.of_kind("miss")
    sure = np.where(alone, 100 - table.confidences_percent, table.confidences_percent)
    return np.lexsort((table.images, -sure))


@dataclass(frozen=True, slots=True)
class Tally:
    """What was right and wrong of each label over all images; one number a label in each."""

    positives: Counts
    """Images that have the label, or true boxes of it."""
    hits: Counts
    false_alarms: Counts
    misses: Counts

    @property
    def f1(self) -> float:
        """The unweighted mean of F1 over the labels that have positives; 0 for none."""
        return self._mean(ratios_of(self.hits, self.false_alarms, self.misses).f1)

    def f1_without(self, taken_back: MistakeTable) -> float:
        """Return that mean if some of the mistakes had not been made.

        A wrong answer goes, and what was missed for its sake is found. Of a label suspect the
        annotation changes instead: what was answered becomes true, what was annotated does not
        count. The mean stays over the same labels.
        """
        hits, false_alarms, misses = self.hits.copy(), self.false_alarms.copy(), self.misses.copy()
        suspect = taken_back.of_kind("label suspect")
        answered, missed = taken_back.predicted != NO_LABEL, taken_back.loses
        np.subtract.at(false_alarms, taken_back.predicted[answered], 1)
        np.subtract.at(misses, taken_back.truths[missed], 1)
        np.add.at(hits, taken_back.truths[missed & ~suspect], 1)
        np.add.at(hits, taken_back.predicted[answered & suspect], 1)
        return self._mean(ratios_of(hits, false_alarms, misses).f1)

    def _mean(self, f1: Counts) -> float:
        judged = self.positives > 0
        return float(f1[judged].mean()) if judged.any() else 0.0


def tally_of(table: MistakeTable, positives: Counts) -> Tally:
    """Return the counts of each label, from its positives and all the mistakes."""
    labels = len(positives)
    answered = table.predicted[table.predicted != NO_LABEL]
    misses = np.bincount(table.truths[table.loses], minlength=labels).astype(np.float64)
    return Tally(
        positives=positives,
        hits=positives - misses,
        false_alarms=np.bincount(answered, minlength=labels).astype(np.float64),
        misses=misses,
    )
