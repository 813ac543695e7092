"""The search for near hashes among as many images as the service takes, against comparing all.

Each hash meets n / 2^16 others in each of 52 look-ups (6 bits), half of them twice: at 250,000 a
thousandth of what comparing all compares. So it is no linear work, and its growth may be above 1;
what is done once for each hash and for each of the pairs that are found keeps it well below 2.
"""

import statistics
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import numpy.typing as npt

from benchmarks.figures import Figure, Form, Subject, at_least, at_most, growth
from benchmarks.measuring import compare, cpu_seconds, ratio_figure
from rcl_flow.core.limits import MAX_DATASET_IMAGES
from rcl_flow.core.similarity import clusters, near_pairs

_BITS = 6
"""What the audit looks for unless told otherwise."""
_FEW, _ROUNDS = 20_000, 3
_BRUTE_ROWS = 64
"""So many at a time are the fastest here: 64 x 20,000 differences stay in the cache."""
_SIZES = (62_500, 125_000, MAX_DATASET_IMAGES)
_BELOW_ALL_PAIRS = at_most(1.75)
"""Of all pairs it is 2, and so it would be here, for many millions of hashes."""

Hashes = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.int32] | npt.NDArray[np.int64]


def grouped(count: int) -> Hashes:
    """Return photograph-like hashes: in groups of about four, up to ten bits from one another."""
    rng = np.random.default_rng(0)
    centres = rng.integers(0, 2**64, count // 4, dtype=np.uint64)
    hashes: Hashes = centres[rng.integers(0, len(centres), count)]
    for _ in range(5):
        flipped = np.uint64(1) << rng.integers(0, 64, count, dtype=np.uint64)
        hashes = np.where(rng.random(count) < 0.4, hashes ^ flipped, hashes)
    return hashes


def measure(form: Form) -> Iterator[Figure]:
    """Yield what is found, what it costs, and how that grows."""
    few = grouped(_FEW)
    yield from _exactness(few)
    if form == "short":
        found = compare(partial(_brute_cost, few, _BITS), partial(_cost, few, _BITS), rounds=1)
        yield ratio_figure(
            f"{_FEW:,} hashes: CPU, all pairs against ours", found, "s", at_least(10)
        )
        return
    hashes = grouped(MAX_DATASET_IMAGES)
    yield from _cost_of_many(hashes, few)
    yield _memory(hashes)
    costs = [_median(partial(_cost, grouped(size), _BITS)) for size in _SIZES]
    yield growth(f"near pairs, {_BITS} bits", _SIZES, costs, _BELOW_ALL_PAIRS)


def _exactness(hashes: Hashes) -> Iterator[Figure]:
    """Compare with comparing all, where every pair is told: among different hashes."""
    distinct = np.unique(hashes)
    for bits in (5, _BITS, 10):
        ours, all_pairs = near_pairs(distinct, max_bits=bits), _as_set(_brute(distinct, bits))
        same = len(_as_set(ours) & all_pairs) / len(_as_set(ours) | all_pairs)
        what = f"{len(distinct):,} hashes, {bits} bits: pairs the same as of comparing all"
        yield Figure(what, same, "share", at_least(1), f"{len(all_pairs):,} pairs")


def _cost_of_many(hashes: Hashes, few: Hashes) -> Iterator[Figure]:
    share = (len(hashes) / len(few)) ** 2
    for bits, goal in ((5, None), (_BITS, at_most(5)), (10, None)):
        seconds = _median(partial(_cost, hashes, bits))
        yield Figure(f"{len(hashes):,} hashes, {bits} bits: CPU", round(seconds, 2), "s", goal)

    def all_pairs() -> float:
        return _brute_cost(few, _BITS) * share

    found = compare(all_pairs, partial(_cost, hashes, _BITS), rounds=_ROUNDS)
    what = f"{len(hashes):,} hashes, {_BITS} bits: CPU, all pairs (from {_FEW:,}) against ours"
    yield ratio_figure(what, found, "s", at_least(30))
    pairs = near_pairs(hashes, max_bits=_BITS)
    groups = len(np.unique(clusters(pairs, len(hashes))))
    seconds = cpu_seconds(lambda: clusters(pairs, len(hashes)))
    told = f"{len(pairs):,} pairs make {groups:,} clusters"
    yield Figure("clusters of them: CPU", round(seconds, 2), "s", detail=told)


def _memory(hashes: Hashes) -> Figure:
    tracemalloc.start()
    try:
        near_pairs(hashes, max_bits=_BITS)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    what = f"{len(hashes):,} hashes, {_BITS} bits: memory beside them, at most"
    return Figure(what, round(peak / 1e6), "MB", at_most(150), "with the pairs themselves")


def _median(cost: Callable[[], float]) -> float:
    return statistics.median(cost() for _ in range(_ROUNDS))


def _cost(hashes: Hashes, bits: int) -> float:
    return cpu_seconds(lambda: near_pairs(hashes, max_bits=bits))


def _brute_cost(hashes: Hashes, bits: int) -> float:
    return cpu_seconds(lambda: _brute(hashes, bits))


def _brute(hashes: Hashes, bits: int) -> npt.NDArray[np.int64]:
    found = []
    for start in range(0, len(hashes), _BRUTE_ROWS):
        rows = hashes[start : start + _BRUTE_ROWS, None] ^ hashes[None, start + 1 :]
        i, j = np.nonzero(np.bitwise_count(rows) <= bits)
        found.append(np.stack([i + start, j + start + 1], axis=1)[j >= i])
    return np.concatenate(found)


def _as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return {(int(row[0]), int(row[1])) for row in pairs}


SUBJECT = Subject("near_duplicates", measure, has_short_form=True)
