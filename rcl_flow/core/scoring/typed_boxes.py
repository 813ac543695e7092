"""The mistakes in found objects, each with its kind; matched as `judging.judge_boxes` does."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, Numbers, ObjectAnswers
from rcl_flow.core.scoring.error_types import ErrorKind
from rcl_flow.core.scoring.judging import MIN_OVERLAP
from rcl_flow.core.scoring.matching import (
    NO_MATCH,
    GroupedBoxes,
    grouped_by_label,
    overlapping,
)
from rcl_flow.core.scoring.mistake_table import CODES, NO_LABEL, MistakeTable

NEAR: Final = 0.1
"""The overlap from which on a box of the right label is one in the wrong place."""


def box_mistakes(answers: ObjectAnswers, matches: Indices, least_percent: Numbers) -> MistakeTable:
    """Return every false alarm and every missed box, once.

    A false alarm is a duplicate when it overlaps a box of its label by half, which a surer one has
    taken; else a confusion when it overlaps a box of another label by half; else a localisation
    error when it overlaps a box of its label by a tenth; else background, even where it grazes a
    box of another label. A missed box is part of the surest confusion or localisation error
    that lies on it, else a miss.

    Args:
        answers: the boxes.
        matches: of each found box, as `match_objects` gives them.
        least_percent: the threshold of each label, 0 to 100.
    """
    sure = answers.confidences_percent >= least_percent[answers.found_labels]
    missed = np.ones(len(answers.true_boxes), dtype=np.bool_)
    missed[matches[sure & (matches != NO_MATCH)]] = False
    wrong = np.flatnonzero(sure & (matches == NO_MATCH))
    wrong = wrong[np.argsort(-answers.confidences_percent[wrong], kind="stable")]
    kinds, partners = _typed(answers, wrong, missed)
    placed = partners != NO_LABEL
    loses = placed & _first(partners)
    loses[loses] = missed[partners[loses]]
    missed[partners[loses]] = False
    left = np.flatnonzero(missed)
    truths = np.full(len(wrong), NO_LABEL)
    truths[placed] = answers.true_labels[partners[placed]]
    return MistakeTable(
        images=np.concatenate([answers.found_images[wrong], answers.true_images[left]]),
        kinds=np.concatenate([kinds, np.full(len(left), CODES["miss"])]),
        truths=np.concatenate([truths, answers.true_labels[left]]),
        predicted=np.concatenate([answers.found_labels[wrong], np.full(len(left), NO_LABEL)]),
        confidences_percent=np.concatenate(
            [answers.confidences_percent[wrong], highest_in_place(answers, left)]
        ),
        loses=np.concatenate([loses, np.ones(len(left), dtype=np.bool_)]),
        boxes=np.concatenate([wrong, left]),
        true_boxes=np.concatenate([partners, left]),
    )


def highest_in_place(answers: ObjectAnswers, true_boxes: Indices) -> Numbers:
    """Return how sure the model was, at most, of each true box in its place; 0 for not at all."""
    found, true = grouped_by_label(answers)
    asked = GroupedBoxes(true.groups[true_boxes], true.boxes[true_boxes])
    boxes, places, _ = overlapping(found, asked, MIN_OVERLAP)
    highest = np.zeros(len(true_boxes))
    np.maximum.at(highest, places, answers.confidences_percent[boxes])
    return highest


@dataclass(frozen=True, slots=True)
class _Near:
    """Pairs of boxes of one image that overlap by `NEAR`, by their places in two lists."""

    one: Indices
    other: Indices
    overlaps: Numbers

    def best(self, kept: Flags, preferred: Flags, size: int) -> Indices:
        """Return for each box of the first list the other one of its best pair, or `NO_LABEL`.

        Of the kept pairs a preferred one comes before any other, then the larger overlap counts.
        """
        best = np.full(size, NO_LABEL)
        pairs = np.flatnonzero(kept)
        order = pairs[np.lexsort((self.overlaps[pairs], preferred[pairs]))]
        # of several values for one place numpy keeps the last
        best[self.one[order]] = self.other[order]
        return best


def _typed(answers: ObjectAnswers, wrong: Indices, missed: Flags) -> tuple[Indices, Indices]:
    """Return the kind of each false alarm, and the true box that it is about."""
    near = _nearby(answers, wrong)
    same = answers.found_labels[wrong[near.one]] == answers.true_labels[near.other]
    wanted = missed[near.other]
    half = near.overlaps >= MIN_OVERLAP
    # a missed box whose place is taken is worth more than a found one that overlaps more
    twin = near.best(same & half, wanted, len(wrong))
    other = near.best(~same & half, wanted, len(wrong))
    close = near.best(same & ~half, wanted, len(wrong))
    kinds = np.full(len(wrong), CODES["background"])
    partners = np.full(len(wrong), NO_LABEL)
    typed: tuple[tuple[ErrorKind, Indices], ...] = (
        ("localisation", close),
        ("confusion", other),
        ("duplicate", twin),
    )
    for kind, about in typed:
        found = about != NO_LABEL
        kinds[found], partners[found] = CODES[kind], about[found]
    return kinds, partners


def _nearby(answers: ObjectAnswers, found: Indices) -> _Near:
    """Return the true boxes of any label that lie near each of some found ones."""
    some = GroupedBoxes(answers.found_images[found], answers.found_boxes[found])
    return _Near(*overlapping(some, GroupedBoxes(answers.true_images, answers.true_boxes), NEAR))


def _first(partners: Indices) -> Flags:
    """Say which entries are the first that name their true box."""
    first = np.zeros(len(partners), dtype=np.bool_)
    first[np.unique(partners, return_index=True)[1]] = True
    return first
