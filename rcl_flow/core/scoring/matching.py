"""Which found object is which true one, over all images at once.

The rule is that of `judging.judge_boxes` and of COCO: in each image and for each label the surest
found box comes first and takes the free true box of its label that it overlaps most, if it
overlaps it enough; each true box is taken once. As a box takes nothing from a surer one, the
matches of all answers are also those of the answers at or above any threshold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.percentages import percent_of
from rcl_flow.core.scoring.answers import Flags, Indices, Numbers, ObjectAnswers
from rcl_flow.core.scoring.judging import MIN_OVERLAP
from rcl_flow.core.scoring.metrics import CountsPerImage, Outcomes

NO_MATCH: Final = -1
"""Stands for the true box of a found box that hits none."""
OVERLAPS: Final = tuple(np.linspace(0.5, 0.95, 10).tolist())
"""Those over which COCO takes its means: 0.50, 0.55 … 0.95."""

_PAIRS_AT_ONCE: Final = 1 << 18
"""So many pairs of boxes are compared at a time: it bounds the memory, and few fit a cache."""


def match_objects(answers: ObjectAnswers, min_overlap: float = MIN_OVERLAP) -> Indices:
    """Return for each found box the index of the true box that it hits, or `NO_MATCH`.

    Of equally sure boxes the first answer comes first, of equal overlaps the first true box.

    Args:
        answers: the boxes, in any order.
        min_overlap: intersection over union that makes a hit, above 0 to 1.
    """
    sizes = len(answers.found_boxes), len(answers.true_boxes)
    return _pairs(answers, min_overlap).match(*sizes)


def match_at_overlaps(answers: ObjectAnswers, overlaps: Sequence[float] = OVERLAPS) -> Indices:
    """Return what `match_objects` gives at several overlaps: one row each, a column a found box.

    Args:
        answers: the boxes, in any order.
        overlaps: at least one, each above 0 to 1.
    """
    pairs = _pairs(answers, min(overlaps))
    sizes = len(answers.found_boxes), len(answers.true_boxes)
    return np.array([pairs.overlapping(least).match(*sizes) for least in overlaps], dtype=np.intp)


def object_outcomes(
    answers: ObjectAnswers, matches: Indices, thresholds: Mapping[str, float]
) -> Outcomes:
    """Count true boxes, hits and false alarms by image and label at the labels' thresholds.

    Args:
        answers: the boxes.
        matches: of each found box, as `match_objects` gives them.
        thresholds: 0 to 1, of each label.
    """
    least = np.array([percent_of(thresholds[label]) for label in answers.labels])
    predicted = answers.confidences_percent >= least[answers.found_labels]
    hit = predicted & (matches != NO_MATCH)
    found = _groups(answers, answers.found_images, answers.found_labels)
    return Outcomes(
        answers.labels,
        truth=_counts(answers, _groups(answers, answers.true_images, answers.true_labels)),
        hits=_counts(answers, found[hit]),
        false_alarms=_counts(answers, found[predicted & ~hit]),
    )


def places_in_groups(answers: ObjectAnswers) -> Indices:
    """Return how many surer boxes of its image and label stand before each found box."""
    groups = _groups(answers, answers.found_images, answers.found_labels)
    return _places(groups, answers.confidences_percent)


@dataclass(frozen=True, slots=True)
class GroupedBoxes:
    """Boxes, each in a group such as an image, or an image and label."""

    groups: Indices
    boxes: Numbers
    """Rows of left, top, right and bottom."""


def overlapping(
    found: GroupedBoxes, true: GroupedBoxes, least: float
) -> tuple[Indices, Indices, Numbers]:
    """Return all pairs of boxes of one group that overlap enough.

    Args:
        found: the boxes of the first list; in their order are the pairs.
        true: those of the second; in their order are the pairs of a box of the first list.
        least: intersection over union, above 0 to 1.

    Returns:
        The index of the first box of each pair, that of the second, and their overlap.
    """
    by_group = np.argsort(true.groups, kind="stable")
    ordered = true.groups[by_group]
    first = np.searchsorted(ordered, found.groups, side="left")
    counts = np.searchsorted(ordered, found.groups, side="right") - first
    blocks = np.cumsum(counts) // _PAIRS_AT_ONCE
    parts = []
    for block in np.split(np.arange(len(counts)), np.flatnonzero(np.diff(blocks)) + 1):
        one = np.repeat(block, counts[block])
        ends = np.cumsum(counts[block])
        steps = np.arange(len(one)) - np.repeat(ends - counts[block], counts[block])
        other = by_group[first[one] + steps]
        overlaps = overlaps_of(found.boxes[one], true.boxes[other])
        kept = overlaps >= least
        parts.append((one[kept], other[kept], overlaps[kept]))
    one, other, overlaps = (np.concatenate(part) for part in zip(*parts, strict=True))
    return one, other, overlaps


def grouped_by_label(answers: ObjectAnswers) -> tuple[GroupedBoxes, GroupedBoxes]:
    """Return the found and the true boxes in groups of one image and label."""
    return (
        GroupedBoxes(
            _groups(answers, answers.found_images, answers.found_labels), answers.found_boxes
        ),
        GroupedBoxes(
            _groups(answers, answers.true_images, answers.true_labels), answers.true_boxes
        ),
    )


def overlaps_of(first: Numbers, second: Numbers) -> Numbers:
    """Return the intersection over union of boxes, row by row, 0 to 1.

    Args:
        first: rows of left, top, right and bottom.
        second: likewise, as many or one.
    """
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(
        first[..., :2], second[..., :2]
    )
    shared = np.where((sides > 0).all(axis=-1), sides.prod(axis=-1), 0.0)
    together = _areas(first) + _areas(second) - shared
    return np.divide(shared, together, out=np.zeros_like(shared), where=shared > 0)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Found and true boxes of one image and label that overlap, by turn, then found box.

    Within a found box the largest overlap comes first. In a turn each image and label has at most
    one found box, so that no two of a turn want the same true box.
    """

    turns: Indices
    found: Indices
    true: Indices
    overlaps: Numbers

    def overlapping(self, least: float) -> "_Pairs":
        kept = self.overlaps >= least
        return _Pairs(self.turns[kept], self.found[kept], self.true[kept], self.overlaps[kept])

    def match(self, found_boxes: int, true_boxes: int) -> Indices:
        matches = np.full(found_boxes, NO_MATCH, dtype=np.intp)
        free = np.ones(true_boxes, dtype=np.bool_)
        ends = np.flatnonzero(np.diff(self.turns, append=-1)) + 1
        start = 0
        for end in ends.tolist():
            found, true = self.found[start:end], self.true[start:end]
            wanted = free[true]
            found, true = found[wanted], true[wanted]
            best = np.diff(found, prepend=-1) != 0
            matches[found[best]] = true[best]
            free[true[best]] = False
            start = end
        return matches


def _pairs(answers: ObjectAnswers, min_overlap: float) -> _Pairs:
    grouped, grouped_truth = grouped_by_label(answers)
    found, true, overlaps = overlapping(grouped, grouped_truth, min_overlap)
    wanting = np.zeros(len(answers.found_boxes), dtype=np.bool_)
    wanting[found] = True
    turns = np.zeros(len(answers.found_boxes), dtype=np.intp)
    turns[wanting] = _places(grouped.groups[wanting], answers.confidences_percent[wanting])
    # of equal overlaps the first true box stays first
    order = np.lexsort((-overlaps, found, turns[found]))
    found = found[order]
    return _Pairs(turns[found], found, true[order], overlaps[order])


def _groups(answers: ObjectAnswers, images: Indices, labels: Indices) -> Indices:
    return images * len(answers.labels) + labels


def _counts(answers: ObjectAnswers, groups: Indices) -> CountsPerImage:
    shape = answers.images, len(answers.labels)
    counts = np.bincount(groups, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.int64, copy=False)


def _places(groups: Indices, confidences_percent: Numbers) -> Indices:
    """Return each member's place in its group, the surest first and 0."""
    order = np.lexsort((-confidences_percent, groups))
    begins: Flags = np.diff(groups[order], prepend=-1) != 0
    places = np.arange(len(order))
    starts = np.maximum.accumulate(np.where(begins, places, 0))
    result = np.empty(len(order), dtype=np.intp)
    result[order] = places - starts
    return result


def _areas(boxes: Numbers) -> Numbers:
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]))
