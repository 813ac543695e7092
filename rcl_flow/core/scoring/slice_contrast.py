"""By how much a part of the holdout is worse than the rest, over the same mix of labels."""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from rcl_flow.core.scoring.answers import Flags, Indices, Numbers
from rcl_flow.core.scoring.slice_candidates import Candidate, Dimension
from rcl_flow.core.scoring.slice_questions import Question, Questionnaire

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Contrast:
    """A measure in a candidate against the same measure outside, over the same mix of labels."""

    images: int
    """In the candidate."""
    inside: float
    outside: float
    interval: Interval
    """Of inside minus outside."""
    lost: float
    """By how many images or objects the candidate falls short of the rest."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A ratio of sums over the images of one side."""

    whole: float
    share: float
    variance: float

    @classmethod
    def of(cls, part: Numbers, whole: Numbers, weights: Numbers) -> "_Side | None":
        """Return the ratio of weighted sums; None of nothing.

        Its variance is that of sums over independent images, whatever the objects in them.
        """
        total = float((weights * whole).sum())
        if total == 0:
            return None
        share = float((weights * part).sum()) / total
        residuals = weights * (part - share * whole)
        return cls(total, share, float(np.square(residuals).sum()) / total**2)


def contrast_of(
    where: tuple[Dimension, Candidate],
    question: Question,
    asked: Questionnaire,
    confidence_level: float,
) -> Contrast | None:
    """Compare a measure inside a candidate and outside; None where it is not defined.

    The images outside are weighted to the mix of strata inside; strata that are on one side only
    are left out, as are images without a part in the dimension.
    """
    dimension, candidate = where
    entries = asked.entries_of(question)
    known = dimension.parts[asked.images[entries]] >= 0
    rows = asked.images[entries][known]
    members = dimension.holds(candidate)[rows]
    weights = _weights(members, asked.strata[entries][known])
    part, whole = asked.ratio(question, rows)
    here = _Side.of(part[members], whole[members], weights[members])
    there = _Side.of(part[~members], whole[~members], weights[~members])
    if here is None or there is None:
        return None
    difference = here.share - there.share
    reach = NormalDist().inv_cdf(0.5 + confidence_level / 2)
    reach *= float(np.sqrt(here.variance + there.variance))
    return Contrast(
        images=int(np.count_nonzero(weights[members])),
        inside=here.share,
        outside=there.share,
        interval=(max(difference - reach, -1.0), min(difference + reach, 1.0)),
        lost=-difference * here.whole,
    )


def _weights(members: Flags, strata: Indices) -> Numbers:
    """Return 1 for members, for others how many members of the stratum each of them stands for."""
    size = int(strata.max(initial=0)) + 1
    inside = np.bincount(strata[members], minlength=size).astype(np.float64)
    outside = np.bincount(strata[~members], minlength=size).astype(np.float64)
    ratio = np.divide(inside, outside, out=np.zeros(size), where=outside > 0)
    return np.where(members, (outside > 0).astype(np.float64)[strata], ratio[strata])
