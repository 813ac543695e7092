"""How much choosing thresholds on the test images flatters the F1 on those same images.

The service takes the threshold of the best F1 on the test set as the assumed one, so its test
score is the best of many on these images and falls on any others, however alike they are. How
much, the holdout's own answers tell: parts as large as the test set are drawn from them, a
threshold is chosen on each part as the service does, and F1 there is compared with F1 on the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.mistakes import Answered
from rcl_flow.core.scoring.ranking import RankedAnswers

Numbers = NDArray[np.float64]
_Counted = NDArray[np.floating]

_FEWEST_DRAWS: Final = 400
_MOST_DRAWS: Final = 2000
_DRAWN: Final = 400_000
"""Answers of a label that all its draws together look at, where that are not too few draws."""
_MOST_ANSWERS: Final = 1000
"""Of right answers, and of wrong ones: more are thinned out, each then standing for several."""
_MOST_DRAWN: Final = 0.5
"""A part has at most this share of the answers, so that the rest can judge it."""
_SHRINKS: Final = 2 / 3
"""The power of the number of positives by which the flattery shrinks: the highest point of a
noisy curve lies off the true one by the number's cube root, which costs the square of that."""


@dataclass(frozen=True, slots=True)
class ExpectedFalls:
    """How much each label's F1 is expected to fall without any harm; one value a label."""

    mean: Numbers
    """-1 to 1, which noise can take below 0; 0 where test or holdout has nothing of the label."""
    error: Numbers
    """The standard error that the draws leave, 0 to 1."""

    def over(self, labels: NDArray[np.bool_]) -> tuple[float, float]:
        """Return the mean fall over some labels, not negative, and its error; one flag a label."""
        error = float(np.sqrt((self.error[labels] ** 2).sum())) / int(labels.sum())
        return max(float(self.mean[labels].mean()), 0.0), error


@dataclass(frozen=True, slots=True)
class _Kind:
    """The right answers, or the wrong ones, and how parts are drawn from them."""

    share: float
    """Of the answers, in a part."""
    in_part: float
    """How many answers of the test set each drawn one stands for; likewise the next."""
    in_rest: float

    @classmethod
    def of(cls, rate: float) -> "_Kind":
        """Return how to draw where each answer stands for `rate` answers of the test set."""
        share = min(rate, _MOST_DRAWN)
        return cls(share, rate / share if share else 0.0, rate / (1 - share))


@dataclass(frozen=True, slots=True)
class _Pool:
    """A label's answers that parts are drawn from, the surest first."""

    right: NDArray[np.bool_]
    steps: NDArray[np.intp]
    """Places of the last of equally sure answers, some of which are right: the best threshold is
    at one of these, since wrong answers alone make F1 no better."""
    never_found: int
    """Positives that no answer finds."""
    hit: _Kind
    alarm: _Kind
    miss: _Kind


def expected_falls(
    answered: Answered, holdout: Outcomes, test: Outcomes, rng: np.random.Generator
) -> ExpectedFalls:
    """Return how much each label's F1 is expected to fall from test to holdout without any harm.

    Args:
        answered: the holdout's answers.
        holdout: its outcomes, at whatever thresholds.
        test: the outcomes of the images on which the thresholds were chosen.
        rng: source of the draws.
    """
    shown, wanted = holdout.truth.sum(axis=0), test.truth.sum(axis=0)
    if answered.task == "detection":
        rates = np.full(len(shown), test.images / holdout.images)
    else:
        rates = (test.images - wanted) / np.maximum(holdout.images - shown, 1)
    return tuning_optimism(answered.ranked, wanted.tolist(), rates.tolist(), rng)


def tuning_optimism(
    ranked: Sequence[RankedAnswers],
    positives: Sequence[int],
    false_rates: Sequence[float],
    rng: np.random.Generator,
) -> ExpectedFalls:
    """Return about how much higher each label's F1 is for its threshold being chosen on it.

    Equally sure answers may be in any order.

    Args:
        ranked: each label's answers on images that had no part in choosing.
        positives: how many positives of each label the test set has.
        false_rates: how many answers that are wrong the test set has for each of
            the holdout's, not negative.
        rng: source of the draws.
    """
    found = [
        _optimism(_pool(each, wanted, false_rate, rng), rng)
        if each.positives and wanted and each.right.any()
        else (0.0, 0.0)
        for each, wanted, false_rate in zip(ranked, positives, false_rates, strict=True)
    ]
    mean, error = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return ExpectedFalls(mean, error)


def _optimism(pool: _Pool, rng: np.random.Generator) -> tuple[float, float]:
    """Return by how much a part's best F1 exceeds that of the rest: mean and standard error."""
    right, answers = pool.right, len(pool.right)
    draws = min(max(_DRAWN // answers, _FEWEST_DRAWS), _MOST_DRAWS)
    shares = np.where(right, pool.hit.share, pool.alarm.share).astype(np.float32)
    drawn = rng.random((draws, answers), dtype=np.float32) < shares
    hits, alarms = _up_to(drawn & right, pool.steps), _up_to(drawn & ~right, pool.steps)
    missed = rng.binomial(pool.never_found, pool.miss.share, draws).astype(np.float32)
    positives = hits[:, -1] * pool.hit.in_part + missed * pool.miss.in_part
    in_part = _f1(hits * pool.hit.in_part, alarms * pool.alarm.in_part, positives[:, None])
    rows, best = np.arange(draws), in_part.argmax(axis=1)
    place, whole = pool.steps[best], np.cumsum(right)
    left = float(whole[-1]) - hits[:, -1]
    in_rest = _f1(
        (whole[place] - hits[rows, best]) * pool.hit.in_rest,
        (place + 1 - whole[place] - alarms[rows, best]) * pool.alarm.in_rest,
        left * pool.hit.in_rest + (pool.never_found - missed) * pool.miss.in_rest,
    )
    flattered = (in_part[rows, best] - in_rest).astype(np.float64)
    shrunk = float(pool.miss.in_part) ** -_SHRINKS
    return float(flattered.mean()) * shrunk, float(flattered.std()) / sqrt(draws) * shrunk


def _pool(ranked: RankedAnswers, wanted: int, false_rate: float, rng: np.random.Generator) -> _Pool:
    """Thin the answers out; equally sure ones go in an order of their own: the right ones first."""
    order = np.lexsort((~ranked.right, -ranked.confidences_percent))
    confidences, right = ranked.confidences_percent[order], ranked.right[order]
    positive_rate = wanted / ranked.positives
    kept = np.zeros(len(right), dtype=np.bool_)
    kinds = []
    for kind, rate in ((right, positive_rate), (~right, false_rate)):
        rows = np.flatnonzero(kind)
        stands_for = max(len(rows) / _MOST_ANSWERS, 1.0)
        if stands_for > 1:
            rows = np.sort(rng.choice(rows, _MOST_ANSWERS, replace=False))
        kept[rows] = True
        kinds.append(_Kind.of(rate * stands_for))
    last = np.flatnonzero(np.append(np.diff(confidences[kept]) != 0, True))
    found = np.diff(np.cumsum(right[kept])[last], prepend=0)
    return _Pool(
        right=right[kept],
        steps=last[found > 0],
        never_found=ranked.positives - int(right.sum()),
        hit=kinds[0],
        alarm=kinds[1],
        miss=_Kind.of(positive_rate),
    )


def _up_to(drawn: NDArray[np.bool_], steps: NDArray[np.intp]) -> _Counted:
    """Return how many are drawn up to each step: one row a draw, one column a step."""
    starts = np.concatenate([[0], steps[:-1] + 1])
    until = drawn[:, : steps[-1] + 1]
    return np.cumsum(
        np.add.reduceat(until, starts, axis=1, dtype=np.int32), axis=1, dtype=np.float32
    )


def _f1(hits: _Counted, alarms: _Counted, positives: _Counted) -> _Counted:
    """Return F1, 0 where there is nothing."""
    whole = hits + alarms + positives
    return np.divide(2 * hits, whole, out=np.zeros_like(whole), where=whole > 0)
