"""Mistakes in which the annotation, rather than the model, may be wrong.

The model disagrees confidently when both hold:

- it is at least as sure of the label that it predicted as of half of the images or objects that
  it got right with that label; so of the right answers every second one would not pass;
- it sees no more of the annotated label than in three of four images that do not have the label;
  an object, where no box of the annotated label lies on it at all.

Both limits are taken from the model's own answers on the holdout, because confidences of
different labels and models cannot be compared. A low percentile of the label's own images would
not do as the second one: it would name a fixed share of them, however many are annotated wrongly.
"""

from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, LabelAnswers, Numbers, ObjectAnswers
from rcl_flow.core.scoring.matching import NO_MATCH
from rcl_flow.core.scoring.mistake_table import NO_LABEL, MistakeTable
from rcl_flow.core.scoring.typed_boxes import highest_in_place

LEAST_RIGHT: Final = 10
"""With fewer right answers of a label nobody knows how sure of it the model usually is."""
_USUAL: Final = 0.5
_UNSEEN: Final = 0.75
_NOTHING_PERCENT: Final = 1.0
"""No more than this says nothing, even where most other images got no answer at all."""


def suspect_labels(
    table: MistakeTable, answers: LabelAnswers, least_percent: Numbers, unknown: Flags | None = None
) -> Flags:
    """Say of which mistakes in image-level labels the annotation may be the cause.

    A label that was predicted besides the annotated ones may have been forgotten only where
    images have several labels.

    Args:
        table: the mistakes.
        answers: the images.
        least_percent: the threshold of each label, 0 to 100.
        unknown: images with a label that the model does not know, which say nothing of how it
            answers where its labels are absent; None for none.
    """
    counts = ~unknown if unknown is not None else np.ones(answers.images, dtype=np.bool_)
    right = answers.truth & (answers.confidences_percent >= least_percent)
    columns = range(len(answers.labels))
    confidences = answers.confidences_percent
    usual = np.array([_usual(confidences[right[:, column], column]) for column in columns])
    unseen = np.array(
        [_unseen(confidences[counts & ~answers.truth[:, column], column]) for column in columns]
    )
    annotated = answers.truth.sum(axis=1)
    forgotten = (annotated[table.images] == 0) | bool((annotated > 1).any())
    named = table.truths != NO_LABEL
    truths = np.where(named, table.truths, 0)
    absent = named & (confidences[table.images, truths] <= unseen[truths])
    return np.asarray(_sure(table, usual) & np.where(named, absent, forgotten))


def suspect_boxes(
    table: MistakeTable, answers: ObjectAnswers, matches: Indices, least_percent: Numbers
) -> Flags:
    """Say of which mistakes in objects the annotation may be the cause.

    A confident box where nothing is annotated may be a forgotten object, and one on an object of
    which no answer at any confidence had the annotated label, an object with a wrong label.

    Args:
        table: the mistakes.
        answers: the boxes.
        matches: of each found box, as `match_objects` gives them.
        least_percent: the threshold of each label, 0 to 100.
    """
    sure = answers.confidences_percent >= least_percent[answers.found_labels]
    right = sure & (matches != NO_MATCH)
    usual = np.array(
        [
            _usual(answers.confidences_percent[right & (answers.found_labels == column)])
            for column in range(len(answers.labels))
        ]
    )
    confused = np.flatnonzero(table.of_kind("confusion") & table.loses)
    unseen = highest_in_place(answers, table.true_boxes[confused]) == 0
    possible = table.of_kind("background")
    possible[confused[unseen]] = True
    return _sure(table, usual) & possible


def _sure(table: MistakeTable, usual: Numbers) -> Flags:
    answered = table.predicted != NO_LABEL
    limits = usual[np.where(answered, table.predicted, 0)]
    return np.asarray(answered & (table.confidences_percent >= limits))


def _usual(right: Numbers) -> float:
    """Return how sure the model usually is of a label when it is right."""
    return float(np.quantile(right, _USUAL)) if len(right) >= LEAST_RIGHT else float("inf")


def _unseen(others: Numbers) -> float:
    """Return how sure it is at most of a label in most images that do not have it."""
    limit = float(np.quantile(others, _UNSEEN)) if len(others) else 0.0
    return max(limit, _NOTHING_PERCENT)
