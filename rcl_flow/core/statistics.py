"""Tests of whether samples differ: distances of distributions, exact tails, Holm's correction."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]

_TERMS = 100
_SURE = 0.1
"""Below it the Kolmogorov and Kuiper tails are 1 to more than twelve digits."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Values, each with the stratum that it belongs to and the weight that this gives it."""

    values: Numbers
    weights: Numbers
    """Not negative; their sum is the sample size that counts in a comparison."""

    def quantile(self, share: float) -> float:
        """Return the smallest value that `share` (0 to 1) of the weight does not exceed."""
        order = np.argsort(self.values, kind="stable")
        reached = np.cumsum(self.weights[order])
        index = np.searchsorted(reached, share * reached[-1] * (1 - 1e-12))
        return float(self.values[order[min(int(index), len(order) - 1)]])


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the distributions of two samples are apart."""

    distance: float
    """Kolmogorov-Smirnov's; Kuiper's for values on a circle. 0 to 1."""
    p_value: float
    """The chance of such a distance between samples of one distribution."""
    second_higher: float
    """How far the first distribution function rises above the second, 0 to 1."""
    second_lower: float
    """How far it falls below."""


def matched_samples(
    first: Numbers, second: Numbers, strata: tuple[Indices, Indices]
) -> tuple[Sample, Sample]:
    """Weight two sets of values so that every stratum has the same share in both.

    A value counts by the share of the other side in its stratum, which, of all weights that
    match the strata, leaves the most of the samples; a stratum on one side only counts nothing.
    Both weights have the sum of nm / (n + m) over the strata of n and m values: the size of a
    two-sample test.

    Args:
        first: values without NaN.
        second: likewise.
        strata: the stratum of each value of the first, and of the second; numbers from 0.
    """
    size = 1 + max((int(ids.max()) for ids in strata if len(ids)), default=0)
    here, there = (np.bincount(ids, minlength=size).astype(np.float64) for ids in strata)
    total = np.maximum(here + there, 1)
    return (
        Sample(first, (there / total)[strata[0]]),
        Sample(second, (here / total)[strata[1]]),
    )


def distribution_gap(first: Sample, second: Sample, *, period: float = 0.0) -> Gap:
    """Return how far two matched samples are apart, with the asymptotic p-value.

    Values on a circle are compared by Kuiper's statistic, which does not depend on where the
    circle is cut. Within strata, the p-value is too large rather than too small: in the limit the
    difference of matched samples plus an independent Gaussian process is the difference of
    unstratified ones, and adding such a process only makes large distances likelier (Anderson's
    inequality). Ties too make it larger.

    Args:
        first: at least one value of a positive weight.
        second: likewise.
        period: the length of the circle; 0 for values on a line.
    """
    values = np.concatenate([first.values, second.values])
    steps = np.concatenate(
        [first.weights / first.weights.sum(), -second.weights / second.weights.sum()]
    )
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    last_of_ties = np.append(ordered[1:] != ordered[:-1], True)
    difference = np.cumsum(steps[order])[last_of_ties]
    above, below = max(float(difference.max()), 0.0), max(float(-difference.min()), 0.0)
    distance = min(above + below if period else max(above, below), 1.0)
    scaled = sqrt(first.weights.sum()) * distance
    p_value = kuiper_tail(scaled) if period else kolmogorov_tail(scaled)
    return Gap(distance, p_value, second_higher=above, second_lower=below)


def kolmogorov_tail(scaled: float) -> float:
    """Return the chance that Kolmogorov's limit distribution exceeds `scaled`."""
    if scaled < _SURE:
        return 1.0
    terms = ((1 if k % 2 else -1) * exp(-2 * (k * scaled) ** 2) for k in range(1, _TERMS))
    return min(max(2 * sum(terms), 0.0), 1.0)


def kuiper_tail(scaled: float) -> float:
    """Return the chance that Kuiper's limit distribution exceeds `scaled`."""
    if scaled < _SURE:
        return 1.0
    squares = ((k * scaled) ** 2 for k in range(1, _TERMS))
    return min(max(2 * sum((4 * s - 1) * exp(-2 * s) for s in squares), 0.0), 1.0)


def holm(p_values: Sequence[float], rate: float) -> list[bool]:
    """Say which hypotheses fall so that the chance of any false one is at most `rate`.

    Whether the tests depend on one another does not matter.
    """
    order = np.argsort(np.asarray(p_values, dtype=np.float64), kind="stable")
    fallen = [False] * len(p_values)
    for position, index in enumerate(order):
        if p_values[index] > rate / (len(p_values) - position):
            break
        fallen[index] = True
    return fallen


def holm_corrected(p_values: Sequence[float], tests: int) -> list[float]:
    """Return p-values that are comparable with one rate for all tests together, after Holm.

    Args:
        p_values: of the tests that may be significant.
        tests: how many were done; those that are not given have larger p-values.
    """
    corrected, largest = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(np.argsort(p_values, kind="stable").tolist()):
        largest = max(largest, p_values[index] * (tests - rank))
        corrected[index] = min(largest, 1.0)
    return corrected


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws without replacement from at most so many things: exact chances."""

    log_factorials: Numbers

    @classmethod
    def up_to(cls, things: int) -> "Draws":
        """Prepare for draws from at most `things` things."""
        logs = np.log(np.arange(1, things + 1, dtype=np.float64))
        return cls(np.concatenate([[0.0], np.cumsum(logs)]))

    def chances(self, things: int, marked: int, drawn: int) -> tuple[int, Numbers]:
        """Return the fewest marked things that can be drawn, and the chance of each number on."""
        fewest = max(0, drawn + marked - things)
        hits = np.arange(fewest, min(marked, drawn) + 1)
        logs = (
            self._choose(marked, hits)
            + self._choose(things - marked, drawn - hits)
            - self._choose(things, np.asarray(drawn))
        )
        return fewest, np.exp(logs)

    def at_least(self, hits: int, *, things: int, marked: int, drawn: int) -> float:
        """Return the chance that at least `hits` of the drawn things are marked."""
        fewest, chances = self.chances(things, marked, drawn)
        return min(float(chances[max(hits - fewest, 0) :].sum()), 1.0)

    def as_odd_as(self, hits: int, *, things: int, marked: int, drawn: int) -> float:
        """Return the chance of a number that is no likelier than `hits`: Fisher's exact test."""
        fewest, chances = self.chances(things, marked, drawn)
        seen = chances[hits - fewest] * (1 + 1e-7)
        return min(float(chances[chances <= seen].sum()), 1.0)

    def _choose(self, of: int, some: NDArray[np.int_]) -> Numbers:
        return np.asarray(
            self.log_factorials[of] - self.log_factorials[some] - self.log_factorials[of - some]
        )


@dataclass(frozen=True, slots=True)
class Window:
    """A range of values; on a circle it may begin above its end."""

    low: float
    high: float

    def holds(self, values: Numbers) -> NDArray[np.bool_]:
        """Say which values lie in it, ends included."""
        if self.low <= self.high:
            return np.asarray((values >= self.low) & (values <= self.high))
        return np.asarray((values >= self.low) | (values <= self.high))

    def count(self, ordered: Numbers) -> int:
        """Return how many of the sorted values lie in it."""
        first = int(np.searchsorted(ordered, self.low, side="left"))
        end = int(np.searchsorted(ordered, self.high, side="right"))
        return end - first if self.low <= self.high else len(ordered) - first + end

    def width(self, period: float = 0.0) -> float:
        """Return its length, on a circle of `period` if it is not 0."""
        return (self.high - self.low) % period if period else self.high - self.low


def shortest_window(values: Numbers, share: float, *, period: float = 0.0) -> Window:
    """Return the shortest range that holds `share` (0 to 1) of the values.

    Args:
        values: at least one; from 0 to below `period` on a circle.
        share: rounded up to whole values.
        period: the length of the circle; 0 for values on a line.
    """
    ordered = np.sort(values)
    inside = max(int(np.ceil(share * len(ordered) - 1e-9)), 1)
    round_trip = np.concatenate([ordered, ordered[: inside - 1] + period]) if period else ordered
    ends = round_trip[inside - 1 :]
    first = int(np.argmin(ends - round_trip[: len(ends)]))
    return Window(float(round_trip[first]), float(ordered[(first + inside - 1) % len(ordered)]))


def average_ranks(values: Numbers) -> Numbers:
    """Return the rank of each value from 1; equal values share the mean of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[which], dtype=np.float64)


def separation(ranks: Numbers, members: Indices) -> float:
    """Return the area under the ROC curve by which values tell members from the others.

    0.5 is chance; above it the members have the higher values, below it the lower ones.

    Args:
        ranks: the average ranks of all values.
        members: the places of the members; neither none nor all.
    """
    inside, outside = len(members), len(ranks) - len(members)
    rank_sum = float(ranks[members].sum())
    return (rank_sum - inside * (inside + 1) / 2) / (inside * outside)
