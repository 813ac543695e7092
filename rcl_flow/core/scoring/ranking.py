"""A label's answers in the order of their confidence: what every threshold makes of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, LabelAnswers, Numbers, ObjectAnswers
from rcl_flow.core.scoring.matching import NO_MATCH
from rcl_flow.core.values import Frozen

RECALLS: Final = np.linspace(0.0, 1.0, 101)
"""The recalls at which COCO reads the precision."""


@dataclass(frozen=True, slots=True)
class RankedAnswers:
    """Every answer that a model gave for one label, the surest first.

    Of image-level labels there is at most one an image; of objects there may be several.
    """

    label: str
    confidences_percent: Numbers
    """Descending."""
    right: Flags
    """Whether the image has the label, or the found box is matched with a true one."""
    positives: int
    """How many images have the label, or how many true boxes there are of it."""


class LabelCurve(Frozen):
    """What each threshold makes of a label's answers: counts at or above each confidence.

    All three tuples are of one length: a step a confidence, the surest first.
    """

    label: str
    positives: int
    """Images that have the label, or true boxes of it."""
    confidences_percent: tuple[float, ...]
    """Descending, without repeats."""
    hits: tuple[int, ...]
    """How many right answers have at least this confidence."""
    false_alarms: tuple[int, ...]
    exact: bool = True
    """Whether every confidence that occurs is a step; else some were left out to save room, and
    between two steps the counts are those of the higher confidence."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The counts at every confidence that occurs, the surest first; arrays of one length."""

    confidences_percent: Numbers
    """Descending, without repeats."""
    hits: Indices
    """How many right answers have at least this confidence."""
    answers: Indices
    """How many answers have at least this confidence."""


def ranked_labels(answers: LabelAnswers) -> tuple[RankedAnswers, ...]:
    """Return each label's answers, in the order of the labels; equal ones in the images' order.

    An image of which a label was not answered counts among its positives, never found.
    """
    ranked = []
    for column, label in enumerate(answers.labels):
        confidences = answers.confidences_percent[:, column]
        answered = np.flatnonzero(confidences >= 0)
        order = answered[np.argsort(-confidences[answered], kind="stable")]
        truth = answers.truth[:, column]
        ranked.append(
            RankedAnswers(label, confidences[order], truth[order], int(np.count_nonzero(truth)))
        )
    return tuple(ranked)


def ranked_objects(
    answers: ObjectAnswers, matches: Indices, counted: Flags | None = None
) -> tuple[RankedAnswers, ...]:
    """Return each label's found boxes, in the order of the labels.

    Equally sure boxes are in the order of their images, then of the answers, as COCO has them.

    Args:
        answers: the boxes.
        matches: of each found box, as `match_objects` gives them.
        counted: which found boxes take part; None for all.
    """
    positives = np.bincount(answers.true_labels, minlength=len(answers.labels))
    return tuple(
        RankedAnswers(
            label, answers.confidences_percent[order], matches[order] != NO_MATCH, int(shown)
        )
        for label, order, shown in zip(
            answers.labels, ranks_of_objects(answers, counted), positives, strict=True
        )
    )


def ranks_of_objects(answers: ObjectAnswers, counted: Flags | None = None) -> tuple[Indices, ...]:
    """Return the indices of each label's found boxes in the order of `ranked_objects`."""
    keys = (answers.found_images, -answers.confidences_percent, answers.found_labels)
    order = np.lexsort(keys)
    if counted is not None:
        order = order[counted[order]]
    ends = np.searchsorted(answers.found_labels[order], np.arange(len(answers.labels)), "right")
    return tuple(np.split(order, ends)[: len(answers.labels)])


def steps_of(ranked: RankedAnswers) -> Steps:
    """Return the counts at every confidence that occurs: equal ones are one step."""
    confidences = ranked.confidences_percent
    last = np.flatnonzero(np.diff(confidences, append=-np.inf))
    hits = np.cumsum(ranked.right, dtype=np.intp)
    return Steps(confidences[last], hits[last], last + 1)


def average_precision(ranked: RankedAnswers) -> float | None:
    """Return the precision at each step of recall, weighted by the step; None without positives.

    Nothing is interpolated, and answers of one confidence are one step. What was not answered
    is never reached, so its share of the recall brings nothing.
    """
    if ranked.positives == 0:
        return None
    steps = steps_of(ranked)
    gained = np.diff(steps.hits, prepend=0)
    return float((gained * (steps.hits / steps.answers)).sum() / ranked.positives)


def interpolated_at(right: Flags, positives: int) -> Numbers:
    """Return COCO's average precision of several matchings of the same ranked answers.

    It is the mean over 101 recalls of the best precision at that recall or beyond, each answer
    being a step of its own.

    Args:
        right: one row a matching, one column an answer, the surest first.
        positives: at least one.
    """
    hits = np.cumsum(right, axis=1)
    precisions = hits / np.arange(1, right.shape[1] + 1)
    best = np.maximum.accumulate(precisions[:, ::-1], axis=1)[:, ::-1]
    # beyond the last recall that is reached there is no precision
    best = np.hstack([best, np.zeros((len(right), 1))])
    places = [np.searchsorted(row, RECALLS) for row in hits / positives]
    return np.asarray(np.take_along_axis(best, np.array(places), axis=1).mean(axis=1))


def label_curve(ranked: RankedAnswers, most_steps: int = 2000) -> LabelCurve:
    """Return the counts at each confidence, or at so many of them, evenly spread by rank.

    Args:
        ranked: a label's answers.
        most_steps: at least 2; the first and the last step are always kept.
    """
    steps = steps_of(ranked)
    count = len(steps.confidences_percent)
    kept = np.arange(count)
    if count > most_steps:
        kept = np.linspace(0, count - 1, most_steps).round().astype(np.intp)
    hits = steps.hits[kept]
    return LabelCurve(
        label=ranked.label,
        positives=ranked.positives,
        confidences_percent=tuple(steps.confidences_percent[kept].tolist()),
        hits=tuple(hits.tolist()),
        false_alarms=tuple((steps.answers[kept] - hits).tolist()),
        exact=count <= most_steps,
    )
