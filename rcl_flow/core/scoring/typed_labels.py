"""The mistakes in image-level labels, each with its kind."""

from dataclasses import dataclass

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, LabelAnswers, Numbers
from rcl_flow.core.scoring.mistake_table import CODES, NO_LABEL, MistakeTable


def label_mistakes(answers: LabelAnswers, least_percent: Numbers) -> MistakeTable:
    """Return every mistake: confusions, misses and labels that replace none.

    In an image each wrong label is a confusion with a missed one: the surest wrong label with the
    label that was missed most clearly, and so on; more wrong labels than missed ones are all
    confused with the most clearly missed one. What is missed beyond that is a miss; a wrong
    label where nothing is missed is background.

    Args:
        answers: the images.
        least_percent: the threshold of each label, 0 to 100.
    """
    predicted = answers.confidences_percent >= least_percent
    missed = _Listed.of(answers, answers.truth & ~predicted, sign=1)
    wrong = _Listed.of(answers, ~answers.truth & predicted, sign=-1)
    partners, losing = missed.partners_of(wrong)
    confused = partners != NO_LABEL
    alone = missed.places >= np.bincount(wrong.rows, minlength=answers.images)[missed.rows]
    only = int(np.count_nonzero(alone))
    no_box = np.full(len(wrong.rows) + only, NO_LABEL)
    return MistakeTable(
        images=np.concatenate([wrong.rows, missed.rows[alone]]),
        kinds=np.concatenate(
            [
                np.where(confused, CODES["confusion"], CODES["background"]),
                np.full(only, CODES["miss"]),
            ]
        ),
        truths=np.concatenate([partners, missed.columns[alone]]),
        predicted=np.concatenate([wrong.columns, np.full(only, NO_LABEL)]),
        confidences_percent=np.concatenate(
            [wrong.confidences_percent, np.maximum(missed.confidences_percent[alone], 0)]
        ),
        loses=np.concatenate([losing, np.ones(only, dtype=np.bool_)]),
        boxes=no_box,
        true_boxes=no_box,
    )


@dataclass(frozen=True, slots=True)
class _Listed:
    """Labels of images, image by image."""

    rows: Indices
    columns: Indices
    confidences_percent: Numbers
    places: Indices
    """The number of each label within its image, from 0."""
    images: int

    @classmethod
    def of(cls, answers: LabelAnswers, flags: Flags, *, sign: int) -> "_Listed":
        """List the flagged labels, in an image by rising confidence, or by falling if negative."""
        rows, columns = np.nonzero(flags)
        confidences = answers.confidences_percent[rows, columns]
        order = np.lexsort((sign * confidences, rows))
        rows, columns, confidences = rows[order], columns[order], confidences[order]
        places = np.arange(len(rows)) - np.searchsorted(rows, rows)
        return cls(rows, columns, confidences, places, answers.images)

    def partners_of(self, wrong: "_Listed") -> tuple[Indices, Flags]:
        """Return the missed label that each wrong one replaces, and whether it is its first."""
        counts = np.bincount(self.rows, minlength=self.images)[wrong.rows]
        own = wrong.places < counts
        starts = np.searchsorted(self.rows, wrong.rows)
        partners = np.full(len(wrong.rows), NO_LABEL)
        some = counts > 0
        partners[some] = self.columns[(starts + np.where(own, wrong.places, 0))[some]]
        return partners, own
