"""Whether a part of the images has more wrong ones than the images that show the same elsewhere.

In each stratum the wrong images in the part are a draw without replacement if the part does not
matter; their sum over strata is tested (Cochran, Mantel and Haenszel), by its exact distribution
unless the counts are large. How many images a stratum and a part have, and how many of a
stratum's images are wrong, are given: the chance of a false alarm holds whatever they are.
"""

from dataclasses import dataclass
from functools import reduce
from math import erfc, sqrt
from typing import Final

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, Numbers
from rcl_flow.core.scoring.slice_candidates import Dimension
from rcl_flow.core.scoring.slice_questions import Questionnaire
from rcl_flow.core.statistics import Draws

MIN_IMAGES: Final = 20
"""The least images in a part, and outside of it."""
MIN_MISTAKES: Final = 5
"""The least wrong images, inside and outside together."""

_WORTH_EXACTNESS: Final = 2.0
"""Standard deviations below which a p-value is not computed: it stands as 1."""
_LARGE_VARIANCE: Final = 1000.0
"""Of the number of wrong images in the part: above it the normal distribution is used."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The strata of each question that have a wrong image, ordered by question."""

    questions: Indices
    strata: Indices
    of_mistakes: Indices
    """The cell of each mistake."""

    @property
    def starts(self) -> Indices:
        """Where each question's cells begin, for those questions that have any."""
        return np.flatnonzero(np.diff(self.questions, prepend=-1))


@dataclass(frozen=True, slots=True)
class PartCounts:
    """One dimension's candidates (rows) against every question (columns)."""

    deviations: Numbers
    """How many standard deviations more wrong images a candidate has than expected."""
    variances: Numbers
    testable: Flags
    """Whether there are enough images and mistakes to find anything."""
    observed: Indices
    excess_rates: Numbers
    """Wrong images beyond what the images outside let expect, as a share of the candidate's."""
    cells: Cells
    inside: Indices
    """A row a candidate, a column a cell: its images in the candidate."""
    images: Indices
    """Of each cell."""
    wrong: Indices
    """Of each cell, inside and outside."""


def cells_of(asked: Questionnaire) -> Cells:
    """Return the cells of a questionnaire."""
    strata = int(asked.strata.max(initial=0)) + 1
    keys = asked.wrong_questions * strata + asked.strata[asked.wrong_entries]
    cells, of_mistakes = np.unique(keys, return_inverse=True)
    return Cells(cells // strata, cells % strata, np.asarray(of_mistakes, dtype=np.intp))


def count_parts(dimension: Dimension, asked: Questionnaire, cells: Cells) -> PartCounts:
    """Count images and mistakes of a dimension's candidates; images without a part are left out."""
    parts = dimension.parts[asked.images]
    strata = _table(parts, asked.strata, (dimension.size, int(asked.strata.max(initial=0)) + 1))
    wrong = _table(
        parts[asked.wrong_entries], cells.of_mistakes, (dimension.size, len(cells.strata))
    )
    members = np.zeros((len(dimension.candidates), dimension.size), dtype=np.intp)
    for row, candidate in enumerate(dimension.candidates):
        members[row, list(candidate.parts)] = 1
    inside, images = members @ strata, strata.sum(axis=0)
    k, n, m = inside[:, cells.strata], images[cells.strata], wrong.sum(axis=0)
    expected, variances = (
        _by_question(each, cells, len(asked.questions)) for each in _moments(k, n, m)
    )
    wrong_inside = members @ wrong
    observed = _by_question(wrong_inside, cells, len(asked.questions))
    mistakes = _by_question(m[np.newaxis], cells, len(asked.questions))
    sizes = _by_population(np.vstack([inside, images]), asked)
    enough = (sizes[:-1] >= MIN_IMAGES) & (sizes[-1] - sizes[:-1] >= MIN_IMAGES)
    testable = enough & (mistakes >= MIN_MISTAKES) & (variances > 0)
    deviations = np.zeros_like(variances)
    np.divide(observed - expected, np.sqrt(variances), out=deviations, where=testable)
    rates = np.divide(m - wrong_inside, n - k, out=np.zeros(k.shape), where=n > k)
    excess = _by_question(np.where(n > k, wrong_inside - k * rates, 0), cells, len(asked.questions))
    return PartCounts(
        deviations,
        variances,
        testable,
        observed.astype(np.intp),
        excess / np.maximum(sizes[:-1], 1),
        cells,
        k,
        n,
        m,
    )


def p_value(counts: PartCounts, candidate: int, question: int, draws: Draws) -> float:
    """Return the chance of as many wrong images in the candidate as there are, or more.

    Args:
        counts: of its dimension.
        candidate: the row.
        question: the column.
        draws: prepared for all images.
    """
    deviation = float(counts.deviations[candidate, question])
    if deviation < _WORTH_EXACTNESS:
        return 1.0
    if counts.variances[candidate, question] > _LARGE_VARIANCE:
        return erfc(deviation / sqrt(2)) / 2
    fewest, every = 0, []
    for cell in np.flatnonzero(counts.cells.questions == question):
        things, marked = int(counts.images[cell]), int(counts.wrong[cell])
        least, chances = draws.chances(things, marked, int(counts.inside[candidate, cell]))
        fewest += least
        every.append(chances)
    together = reduce(np.convolve, every)
    excess = max(int(counts.observed[candidate, question]) - fewest, 0)
    return min(float(together[excess:].sum()), 1.0)


def _table(parts: Indices, columns: Indices, shape: tuple[int, int]) -> Indices:
    known = parts >= 0
    cells = parts[known] * shape[1] + columns[known]
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)


def _moments(inside: Indices, images: Indices, wrong: Indices) -> tuple[Numbers, Numbers]:
    """Return the mean and variance of the wrong images inside, cell by cell."""
    total = np.maximum(images, 1).astype(np.float64)
    expected = inside * (wrong / total)
    others = (images - inside) * ((images - wrong) / (total * np.maximum(total - 1, 1)))
    return expected, expected * others


def _by_question(values: Numbers | Indices, cells: Cells, questions: int) -> Numbers:
    """Return the sums over the cells of each question, a column a question."""
    sums = np.zeros((len(values), questions))
    if len(cells.questions):
        sums[:, cells.questions[cells.starts]] = np.add.reduceat(values, cells.starts, axis=1)
    return sums


def _by_population(values: Indices, asked: Questionnaire) -> Indices:
    """Return the images in each question's population, a column a question."""
    of_stratum = np.zeros(values.shape[1], dtype=np.intp)
    of_stratum[asked.strata] = asked.populations
    sums = np.zeros((len(values), len(asked.outcomes.labels) + 1), dtype=np.intp)
    starts = np.flatnonzero(np.diff(of_stratum, prepend=-1))
    sums[:, of_stratum[starts]] = np.add.reduceat(values, starts, axis=1)
    return np.asarray(sums[:, [question.population for question in asked.questions]])
