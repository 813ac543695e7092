"""The worst slices: parts of the holdout that are judged worse than the rest, with certainty.

Every candidate is tested for every question; Holm's correction over the whole search keeps the
chance that any slice is told of a holdout without one at most 1 minus the confidence level. One
dark slice shows in many candidates: the surest is told, and the others are tested again among
images that are as dark, so that they must hold apart from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.slice_candidates import Candidate, Dimension
from rcl_flow.core.scoring.slice_contrast import Contrast, contrast_of
from rcl_flow.core.scoring.slice_questions import Measure, Question, Questionnaire
from rcl_flow.core.scoring.slice_tests import PartCounts, cells_of, count_parts, p_value
from rcl_flow.core.statistics import Draws, holm
from rcl_flow.core.values import Frozen

Interval = tuple[float, float]

_MOST_SLICES: Final = 10
_LEAST_P: Final = 1e-300
_SAME_DIGITS: Final = 6


class Slice(Frozen):
    """A part of the holdout that is judged worse than the rest, with certainty."""

    dimension: str
    """The factor or the kind of metadata, such as `brightness`, `camera`, `folder`."""
    told: str
    """What its images have in common, such as `the darkest quarter` or `camera ACME X1`."""
    label: str
    """The label that is worse there; empty for all together."""
    images: int
    """Those that were compared: with a label's recall, only images of the label."""
    measure: Measure
    """What is compared."""
    inside: float
    """0 to 1."""
    outside: float
    """Of the rest, weighted to the slice's mix of labels."""
    difference_interval: Interval
    """Of inside minus outside."""
    p_value: float
    """Corrected for every slice that was looked at."""
    low: float | None = None
    """The range of the factor; None for metadata. On a circle it may begin above its end."""
    high: float | None = None
    sha256s: tuple[str, ...] = ()
    """Of its images that were judged wrongly, the worst first, a few."""


@dataclass(frozen=True, slots=True)
class Found:
    """A slice with what it was found by."""

    dimension: Dimension
    candidate: Candidate
    question: Question
    contrast: Contrast
    p_value: float
    """Corrected."""

    @property
    def touched_column(self) -> int:
        """The label whose images it is about; -1 for all images."""
        return self.question.column if self.question.measure == "recall" else -1


@dataclass(frozen=True, slots=True)
class Search:
    """The slices that were found, and out of how many."""

    found: tuple[Found, ...]
    """The worst first."""
    looked_at: int


@dataclass(frozen=True, slots=True)
class _Tested:
    """A candidate, a question, and the chance of its mistakes."""

    dimension: int
    candidate: int
    question: int
    p_value: float
    deviations: float
    excess_rate: float

    @property
    def key(self) -> tuple[int, int, int]:
        return self.dimension, self.candidate, self.question

    @property
    def rank(self) -> tuple[float, float, float]:
        """The surest first; of those that rest on the same mistakes, the narrowest."""
        return (
            max(self.p_value, _LEAST_P),
            -round(self.deviations, _SAME_DIGITS),
            -self.excess_rate,
        )


def find_slices(
    dimensions: Sequence[Dimension], asked: Questionnaire, rules: EvaluationRules
) -> Search:
    """Return the slices that are certainly worse, by more than the margin that does not matter."""
    rate = 1 - rules.confidence_level
    draws = Draws.up_to(asked.outcomes.images)
    tested = _test(dimensions, asked, draws)
    sure = holm([test.p_value for test in tested], rate)
    left = [test for test, fallen in zip(tested, sure, strict=True) if fallen]
    found: list[Found] = []
    while left and len(found) < _MOST_SLICES:
        best = min(left, key=lambda test: test.rank)
        left.remove(best)
        corrected = min(best.p_value * (len(tested) - len(found)), 1.0)
        slice_found = _found(best, dimensions[best.dimension], asked, rules, corrected)
        if slice_found is None:
            continue
        found.append(slice_found)
        asked = _without(slice_found, asked)
        keys = {test.key for test in left}
        again = _test(dimensions, asked, draws, keys)
        left = [test for test in again if test.p_value <= rate / (len(tested) - len(found))]
    worst_first = sorted(found, key=lambda each: -each.contrast.lost)
    return Search(tuple(worst_first), len(tested))


def _test(
    dimensions: Sequence[Dimension],
    asked: Questionnaire,
    draws: Draws,
    keys: set[tuple[int, int, int]] | None = None,
) -> list[_Tested]:
    """Test all candidates that can be tested, or those of `keys`."""
    cells = cells_of(asked)
    wanted = {key[0] for key in keys} if keys is not None else set(range(len(dimensions)))
    return [
        test
        for number in sorted(wanted)
        for test in _tests(number, count_parts(dimensions[number], asked, cells), draws, keys)
    ]


def _tests(
    number: int, counts: PartCounts, draws: Draws, keys: set[tuple[int, int, int]] | None
) -> list[_Tested]:
    return [
        _Tested(
            number,
            candidate,
            question,
            p_value(counts, candidate, question, draws),
            float(counts.deviations[candidate, question]),
            float(counts.excess_rates[candidate, question]),
        )
        for candidate, question in np.argwhere(counts.testable).tolist()
        if keys is None or (number, candidate, question) in keys
    ]


def _found(
    test: _Tested,
    dimension: Dimension,
    asked: Questionnaire,
    rules: EvaluationRules,
    corrected: float,
) -> Found | None:
    """Return the slice unless its difference does not matter."""
    candidate, question = dimension.candidates[test.candidate], asked.questions[test.question]
    if asked.counts_images(question) and test.excess_rate < rules.gap_margin:
        return None  # the excess is the contrast, and was cheaper
    contrast = contrast_of((dimension, candidate), question, asked, rules.confidence_level)
    if contrast is None or contrast.outside - contrast.inside < rules.gap_margin:
        return None
    return Found(dimension, candidate, question, contrast, corrected)


def _without(found: Found, asked: Questionnaire) -> Questionnaire:
    """Return the questions with what was found held fixed.

    A factor is held fixed in all its parts, since its neighbours are worse for the same reason;
    of metadata the other values may still be slices of their own.
    """
    inside = found.dimension.holds(found.candidate).astype(np.intp)
    parts = found.dimension.parts if found.dimension.is_factor else inside
    column = found.touched_column
    everywhere = np.ones(asked.outcomes.images, dtype=np.bool_)
    return asked.split_by(parts, everywhere if column < 0 else asked.outcomes.truth[:, column] > 0)
