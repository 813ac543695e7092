"""How much choosing thresholds on the test images flatters the F1 on those same images.

The service takes the threshold of the best F1 on the test set as the assumed one, so its test
score is the best of many on these images and falls on any others, however alike they are. How
much, the holdout's own answers tell: parts as large as the test set are drawn from them, a
threshold is chosen on each part as the service does, and F1 there is compared with F1 on the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.mistakes import Answered
from rcl_flow.core.scoring.ranking import RankedAnswers

Numbers = NDArray[np.float64]

_DRAWS: Final = 50
_MOST_ANSWERS: Final = 1000
"""Of right answers, and of wrong ones: more are thinned out, each then standing for several."""
_MOST_DRAWN: Final = 0.5
"""A part has at most this share of the answers, so that the rest can judge it."""
_SHRINKS: Final = 2 / 3
"""The power of the number of positives by which the flattery shrinks: the highest point of a
noisy curve lies off the true one by the number's cube root, which costs the square of that."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """A label's answers that parts are drawn from, the surest first."""

    confidences: Numbers
    right: NDArray[np.bool_]
    rates: Numbers
    """How many answers of the test set each stands for."""
    never_found: int
    positive_rate: float
    """How many positives of the test set each positive stands for."""


def expected_falls(
    answered: Answered, holdout: Outcomes, test: Outcomes, rng: np.random.Generator
) -> Numbers:
    """Return how much each label's F1 is expected to fall from test to holdout without any harm.

    Args:
        answered: the holdout's answers.
        holdout: its outcomes, at whatever thresholds.
        test: the outcomes of the images on which the thresholds were chosen.
        rng: source of the draws.

    Returns:
        What `tuning_optimism` returns.
    """
    shown, wanted = holdout.truth.sum(axis=0), test.truth.sum(axis=0)
    if answered.task == "detection":
        rates = np.full(len(shown), test.images / holdout.images)
    else:
        rates = (test.images - wanted) / np.maximum(holdout.images - shown, 1)
    return tuning_optimism(answered.ranked(), wanted.tolist(), rates.tolist(), rng)


def tuning_optimism(
    ranked: Sequence[RankedAnswers],
    positives: Sequence[int],
    false_rates: Sequence[float],
    rng: np.random.Generator,
) -> Numbers:
    """Return about how much higher each label's F1 is for its threshold being chosen on it.

    Args:
        ranked: the holdout's answers, one entry a label.
        positives: how many images, or objects, of each label the test set has.
        false_rates: of each label, how many answers that are wrong the test set has for each of
            the holdout's, not negative.
        rng: source of the draws.

    Returns:
        One value a label, -1 to 1, which noise can take below 0; 0 where test or holdout has
        nothing of the label.
    """
    return np.array(
        [
            _optimism(_pool(each, wanted, false_rate, rng), rng)
            if each.positives and wanted and each.right.any()
            else 0.0
            for each, wanted, false_rate in zip(ranked, positives, false_rates, strict=True)
        ]
    )


def _optimism(pool: _Pool, rng: np.random.Generator) -> float:
    shares = np.minimum(pool.rates, _MOST_DRAWN)
    share = min(pool.positive_rate, _MOST_DRAWN)
    drawn = (rng.random((_DRAWS, len(shares))) < shares).astype(np.float64)
    never_found = rng.binomial(pool.never_found, share, _DRAWS).astype(np.float64)
    weights = np.divide(pool.rates, shares, out=np.zeros_like(shares), where=shares > 0)
    in_part = _f1(pool, drawn * weights, never_found * (pool.positive_rate / share))
    in_rest = _f1(
        pool,
        (1 - drawn) * (pool.rates / (1 - shares)),
        (pool.never_found - never_found) * (pool.positive_rate / (1 - share)),
    )
    rows, best = np.arange(_DRAWS), in_part.argmax(axis=1)
    flattered = float((in_part[rows, best] - in_rest[rows, best]).mean())
    return flattered * float((share / pool.positive_rate) ** _SHRINKS)


def _pool(ranked: RankedAnswers, wanted: int, false_rate: float, rng: np.random.Generator) -> _Pool:
    positive_rate = wanted / ranked.positives
    rates = np.where(ranked.right, positive_rate, false_rate)
    kept = np.zeros(len(rates), dtype=np.bool_)
    for kind in (ranked.right, ~ranked.right):
        rows = np.flatnonzero(kind)
        if len(rows) > _MOST_ANSWERS:
            rates[rows] *= len(rows) / _MOST_ANSWERS
            rows = rng.choice(rows, _MOST_ANSWERS, replace=False)
        kept[rows] = True
    never_found = ranked.positives - int(ranked.right.sum())
    confidences, right = ranked.confidences_percent[kept], ranked.right[kept]
    return _Pool(confidences, right, rates[kept], never_found, positive_rate)


def _f1(pool: _Pool, counts: Numbers, never_found: Numbers) -> Numbers:
    """Return F1 at each confidence that occurs: one row a draw, the surest first.

    Args:
        pool: the answers.
        counts: how often each answer counts: one row a draw, one column an answer.
        never_found: how many positives no answer finds, one value a draw.
    """
    last_of_ties = np.append(pool.confidences[1:] != pool.confidences[:-1], True)
    hits = np.cumsum(counts * pool.right, axis=1)
    whole = np.cumsum(counts, axis=1) + (hits[:, -1] + never_found)[:, None]
    f1 = np.divide(2 * hits, whole, out=np.zeros_like(hits), where=whole > 0)
    return np.asarray(f1[:, last_of_ties])
