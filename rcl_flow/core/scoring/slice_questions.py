"""What is asked of a part of the holdout: which share of its images is wrong, and in what way.

Every question counts images, right or wrong: an image is one even with many objects in it, since
these are not independent. Images are compared with images that show the same (a stratum), so
that hard labels do not make a part look bad.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from rcl_flow.core.datasets.dataset import Task
from rcl_flow.core.scoring.answers import Flags, Indices, Numbers
from rcl_flow.core.scoring.metrics import CountsPerImage, Outcomes

Measure = Literal["recall", "precision", "right images"]

_MIN_SET: Final = 5
"""Sets of labels on fewer images are matched by their rarest label alone."""
_MOST_OBJECTS: Final = 4
"""Images with as many objects or more count as having equally many."""


@dataclass(frozen=True, slots=True)
class Question:
    """One share that may be lower in a part of the images."""

    measure: Measure
    label: str
    """Empty for all labels together."""
    column: int
    """Of the label; -1 for all together."""
    population: int
    """0 for all images, 1 + column for those that show the label."""


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """All questions about the same images, with the entries that they count.

    An entry is an image in a population: that of all images, or that of the images of a label.
    """

    outcomes: Outcomes
    questions: tuple[Question, ...]
    images: Indices
    """The row of each entry's image; entries are ordered by population."""
    populations: Indices
    strata: Indices
    """A number for what each entry's image shows, in the order of the populations, which share
    none; of a label's entries also how many objects of it there are."""
    wrong_entries: Indices
    """One for each mistake: the entry."""
    wrong_questions: Indices
    """One for each mistake: the question that it counts in, by its place."""

    def counts_images(self, question: Question) -> bool:
        """Say whether the measure is 1 minus the share of images that count as wrong."""
        return question.measure != "precision" and int(self.outcomes.truth.max(initial=0)) <= 1

    def entries_of(self, question: Question) -> slice:
        """Return which entries the question is about."""
        ends = [question.population, question.population + 1]
        return slice(*np.searchsorted(self.populations, ends).tolist())

    def ratio(self, question: Question, rows: Indices) -> tuple[Numbers, Numbers]:
        """Return what some images add to the numerator and the denominator of a measure."""
        hits = self._sums(self.outcomes.hits, question, rows)
        if question.measure == "precision":
            return hits, hits + self._sums(self.outcomes.false_alarms, question, rows)
        truth = self._sums(self.outcomes.truth, question, rows)
        if question.measure == "recall":
            return hits, truth
        false_alarms = self._sums(self.outcomes.false_alarms, question, rows)
        right = (hits == truth) & (false_alarms == 0)
        return right.astype(np.float64), np.ones(len(rows))

    def _sums(self, counts: CountsPerImage, question: Question, rows: Indices) -> Numbers:
        """Return the counts of the question's labels in some images."""
        if question.column < 0:
            return np.asarray(counts.sum(axis=1)[rows], dtype=np.float64)
        return np.asarray(counts[rows, question.column], dtype=np.float64)

    def split_by(self, parts: Indices, touched: Flags) -> "Questionnaire":
        """Return the questions with the strata of the touched images split by their parts.

        Args:
            parts: of each image, from -1.
            touched: which images.
        """
        code = np.where(touched, parts + 1, 0)
        return replace(self, strata=_numbered(self.strata * (code.max() + 1) + code[self.images]))


def ask(outcomes: Outcomes, task: Task) -> Questionnaire:
    """Return the questions about a holdout: all labels together, then each label."""
    columns = range(len(outcomes.labels))
    overall = (
        [Question("recall", "", -1, 0), Question("precision", "", -1, 0)]
        if task == "detection"
        else [Question("right images", "", -1, 0)]
    )
    recalls = [Question("recall", outcomes.labels[n], n, 1 + n) for n in columns]
    precisions = [Question("precision", outcomes.labels[n], n, 0) for n in columns]
    true_labels, true_images = np.nonzero(outcomes.truth.T)
    shown = _shown(outcomes.truth, task)
    images = np.concatenate([np.arange(outcomes.images), true_images])
    populations = np.concatenate([np.zeros(outcomes.images, dtype=np.intp), true_labels + 1])
    objects = np.concatenate(
        [np.zeros(outcomes.images, dtype=np.intp), outcomes.truth[true_images, true_labels]]
    )
    keys = populations * (int(shown.max(initial=0)) + 1) + shown[images]
    wrong_entries, wrong_questions = _mistakes(outcomes, len(overall), (true_images, true_labels))
    return Questionnaire(
        outcomes=outcomes,
        questions=(*overall, *recalls, *precisions),
        images=images,
        populations=populations,
        strata=_numbered(keys * (_MOST_OBJECTS + 1) + np.minimum(objects, _MOST_OBJECTS)),
        wrong_entries=wrong_entries,
        wrong_questions=wrong_questions,
    )


def wrong_images(outcomes: Outcomes) -> Flags:
    """Say which images are not wholly right: something was missed, or falsely found."""
    return np.asarray((outcomes.misses + outcomes.false_alarms).any(axis=1))


def _mistakes(
    outcomes: Outcomes, overall: int, true: tuple[Indices, Indices]
) -> tuple[Indices, Indices]:
    """Return the entry and the question of every mistake.

    Args:
        outcomes: right and wrong.
        overall: how many questions are about all labels together.
        true: image and column of each entry of a label.
    """
    misses = outcomes.misses
    missed = np.flatnonzero(misses[true] > 0)
    alarmed, alarms = np.nonzero(outcomes.false_alarms)
    together = (
        [wrong_images(outcomes)]
        if overall == 1
        else [misses.any(axis=1), outcomes.false_alarms.any(axis=1)]
    )
    wrong = [np.flatnonzero(flags) for flags in together]
    entries = [*wrong, outcomes.images + missed, alarmed]
    questions = [np.full(len(rows), number) for number, rows in enumerate(wrong)]
    labels = len(outcomes.labels)
    questions += [overall + true[1][missed], overall + labels + alarms]
    return np.concatenate(entries), np.concatenate(questions)


def _shown(truth: CountsPerImage, task: Task) -> Indices:
    """Return a number for what each image shows: its set of labels, a rare one's rarest label.

    Of objects it is also how many there are.
    """
    flags = truth > 0
    packed = np.packbits(flags, axis=1)
    rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, sets, counts = np.unique(rows, return_inverse=True, return_counts=True)
    rare = (counts[sets] < _MIN_SET) & flags.any(axis=1)
    by_label = np.where(flags[rare], flags.sum(axis=0), len(flags) + 1)
    shown = sets.copy()
    shown[rare] = len(counts) + by_label.argmin(axis=1)
    if task == "detection":
        shown = shown * (_MOST_OBJECTS + 1) + np.minimum(truth.sum(axis=1), _MOST_OBJECTS)
    return np.asarray(shown, dtype=np.intp)


def _numbered(keys: Indices) -> Indices:
    """Return the keys as numbers from 0, in their order."""
    return np.asarray(np.unique(keys, return_inverse=True)[1], dtype=np.intp)
