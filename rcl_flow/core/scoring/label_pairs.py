"""Pairs of labels that are mixed up more than their other mistakes explain (practice J5).

Under the null hypothesis, what is taken for the wrong label spreads over the other labels in the
proportions that the mistakes in all other labels show, so that a label that everything is taken
for makes no pair with each of them; a priori evenly, worth `_PRIOR` mistakes a label. With so
uncertain shares the number of `first` taken for `second` has a beta-binomial distribution, whose
tail is that of a draw without replacement. The p-values of both directions are combined by
Fisher's method, and corrected by Holm over all pairs of labels. Of three labels a pair cannot be
told from two popular labels, and is hardly ever named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log
from typing import Final

import numpy as np

from rcl_flow.core.scoring.error_types import LabelPair
from rcl_flow.core.scoring.metrics import Counts
from rcl_flow.core.statistics import Draws, holm_corrected

FALSE_ALARM_RATE: Final = 0.05
"""The chance that a pair is named although all mistakes spread as the null hypothesis says."""
LEAST_MIX_UPS: Final = 3
_PRIOR: Final = 5
_STEPS: Final = 100
"""Rounds of the estimate of the proportions, of which the last ones hardly change it."""
_SYMMETRIC: Final = 0.25
"""The smaller direction's share of both, from which on a pair counts as mixed up both ways."""


def find_pairs(labels: Sequence[str], mixed_up: Counts, positives: Counts) -> tuple[LabelPair, ...]:
    """Return the pairs that are certain, the most mixed up first.

    Args:
        labels: the names, in the order of the arrays.
        mixed_up: how often each label (row) was taken for each other one (column).
        positives: images or objects of each label.
    """
    both = mixed_up + mixed_up.T
    pairs = [(i, j) for i, j in combinations(range(len(labels)), 2) if both[i, j] >= LEAST_MIX_UPS]
    tested = len(labels) * (len(labels) - 1) // 2
    corrected = holm_corrected(_p_values(mixed_up, pairs), tested)
    found = [
        LabelPair(
            first=labels[i],
            second=labels[j],
            first_as_second=int(mixed_up[i, j]),
            second_as_first=int(mixed_up[j, i]),
            share=float(min(both[i, j] / (positives[i] + positives[j]), 1.0)),
            p_value=p_value,
            told=_told((labels[i], labels[j]), (mixed_up[i, j], mixed_up[j, i])),
        )
        for (i, j), p_value in zip(pairs, corrected, strict=True)
        if p_value <= FALSE_ALARM_RATE and positives[i] + positives[j]
    ]
    return tuple(sorted(found, key=lambda pair: (-pair.share, pair.first, pair.second)))


def both_ways(forth: float, back: float) -> bool:
    """Say whether two labels are mixed up in both directions rather than in one."""
    return bool(min(forth, back) >= _SYMMETRIC * (forth + back))


@dataclass(frozen=True, slots=True)
class _Spread:
    """What would be expected of mix-ups in one direction, as a beta-binomial distribution."""

    seen: int
    mistaken: int
    """All mistakes of the true label that were taken for another one."""
    here: int
    """The first parameter of the beta distribution; the share's mean is `here` of `every`."""
    every: int

    @property
    def size(self) -> int:
        return self.mistaken + self.every

    def chance(self, draws: Draws) -> float:
        """Return the chance of at least so many."""
        if self.here == self.every:
            return 1.0
        return draws.at_least(
            self.seen,
            things=self.mistaken + self.every - 1,
            marked=self.mistaken,
            drawn=self.seen + self.here - 1,
        )


def _p_values(mixed_up: Counts, pairs: Sequence[tuple[int, int]]) -> list[float]:
    if not pairs:
        return []
    expected = _expected_shares(mixed_up)
    forth = [_spread(mixed_up, expected, i, j) for i, j in pairs]
    back = [_spread(mixed_up, expected, j, i) for i, j in pairs]
    draws = Draws.up_to(max(spread.size for spread in (*forth, *back)))
    products = [a.chance(draws) * b.chance(draws) for a, b in zip(forth, back, strict=True)]
    return [min(p * (1 - log(p)), 1.0) if p > 0 else 0.0 for p in products]


def _expected_shares(mixed_up: Counts) -> Counts:
    """Return which share of each label's mistakes (row) is expected in each other label (column).

    A row rests on the mistakes in all labels but its own, in one of two ways; it is the larger
    share of both, so that a pair stands out whichever way is right.

    - How often a label was taken, of the mistakes that could have been it and that were not the
      row's label: what is taken for that one says nothing of the others.
    - Since a label is never taken for itself, a popular one leaves its own mistakes to the rest.
      So the shares are those that make the mistakes likeliest if each label's spread over all
      others in the same proportions (Luce's choice, or quasi-independence).
    """
    labels = len(mixed_up)
    others = 1.0 - np.eye(labels)
    between = mixed_up * others
    mistaken = between.sum(axis=1) * others
    taken = between.sum(axis=0) - between + _PRIOR
    elsewhere = (between.sum(axis=1) - between.T) * others
    could = elsewhere.sum(axis=1, keepdims=True) - elsewhere + _PRIOR * max(labels - 2, 1)
    plain = taken / could
    shares = taken / taken.sum(axis=1, keepdims=True)
    for _ in range(_STEPS):
        exposed = mistaken / (1 - shares)
        shares = taken / (exposed.sum(axis=1, keepdims=True) - exposed + _PRIOR * labels)
        shares /= shares.sum(axis=1, keepdims=True)
    both = [rates * others for rates in (plain, shares)]
    plain, shares = (rates / rates.sum(axis=1, keepdims=True) for rates in both)
    larger: Counts = np.maximum(plain, shares)
    return larger


def _spread(mixed_up: Counts, expected: Counts, truth: int, predicted: int) -> _Spread:
    """Return what the mistakes in other labels let expect of `truth` taken for `predicted`."""
    others = np.arange(len(mixed_up)) != truth
    here = int(mixed_up[others, predicted].sum()) + _PRIOR
    every = max(round(here / expected[truth, predicted]), here)
    return _Spread(int(mixed_up[truth, predicted]), int(mixed_up[truth].sum()), here, every)


def _told(names: tuple[str, str], counts: tuple[float, float]) -> str:
    merge = ", or merge them" if both_ways(*counts) else ""
    return (
        f"Look at the training images of {names[0]} and {names[1]} for wrong labels; then add "
        f"images of both or redefine the labels so that each is distinct{merge}."
    )
