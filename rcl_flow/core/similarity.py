"""Find all pairs of perceptual hashes that differ in few bits, exactly, and group them.

Multi-index hashing: of the four 16-bit quarters of two hashes that differ in at most `max_bits`
bits, one differs in few (see `_radii`), so only hashes that nearly share a quarter are compared.

Equal hashes are told as a star, not as all their pairs: 10,000 equal hashes make 9,999 rows, not 50
million. Whatever is near to one of them is near to all, and is told once. Many *different* hashes
that are near one another are told in full; `near_pair_chunks` gives them piece by piece.

Source: M. Norouzi, A. Punjani, D. Fleet, "Fast Exact Search in Hamming Space with Multi-Index
Hashing", 2014; the uneven radii after J. Qin et al., "GPH", 2018.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import or_
from typing import Final

import numpy as np
import numpy.typing as npt

QUARTERS: Final = 4
_QUARTER_BITS: Final = 16
_KEYS: Final = 1 << _QUARTER_BITS
_CHUNK = 1 << 18
"""Comparisons at a time: few enough for the processor's cache."""
MAX_BITS: Final = 16

Hashes = npt.NDArray[np.uint64]
Pairs = npt.NDArray[np.int32]
"""Rows of two indexes and the number of bits in which their hashes differ."""


@dataclass(frozen=True, slots=True)
class _Distinct:
    """The distinct values among hashes, and which hashes have them."""

    values: Hashes
    first: npt.NDArray[np.int64]
    """The first index of each value."""
    of: npt.NDArray[np.int64]
    """The value's place for each hash."""


@dataclass(frozen=True, slots=True)
class _Index:
    """Hashes sorted by one quarter."""

    hashes: Hashes
    order: npt.NDArray[np.int32]
    """Where the sorted hashes were."""
    keys: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int32]
    """Where the hashes of each key begin; one more entry than keys."""


def near_pairs(hashes: Hashes, *, max_bits: int) -> Pairs:
    """Return rows (i, j, distance), i < j, of the hashes that differ in at most `max_bits` bits.

    Among equal hashes the first is paired with each other one (distance 0), and alone with what is
    near to them. So every hash that has a near one is in a row, and `clusters` of the rows are
    those of all pairs. Without equal hashes the rows are all pairs.

    Args:
        hashes: of 64 bits.
        max_bits: 0 to 16; from 8 on the search takes several times as long.
    """
    return _joined(near_pair_chunks(hashes, max_bits=max_bits))


def near_pair_chunks(hashes: Hashes, *, max_bits: int) -> Iterator[Pairs]:
    """Yield the rows of `near_pairs` in pieces, in no particular order."""
    distinct = _distinct(hashes)
    others = np.setdiff1d(np.arange(len(hashes)), distinct.first)
    yield _rows(distinct.first[distinct.of[others]], others, np.zeros(len(others)))
    for left, right, bits in _near(distinct.values, None, max_bits):
        i, j = distinct.first[left], distinct.first[right]
        yield _rows(np.minimum(i, j), np.maximum(i, j), bits)


def near_pairs_between(first: Hashes, second: Hashes, *, max_bits: int) -> Pairs:
    """Return rows (i in `first`, j in `second`, distance) of hashes that differ in few bits.

    Every hash of either side that has a near one on the other is in a row. The first one of equal
    hashes is paired with the first ones of all that are near; the others with the nearest of them.
    Without equal hashes on a side the rows are all pairs.

    Args:
        first: hashes of 64 bits.
        second: hashes of 64 bits.
        max_bits: 0 to 16.
    """
    ours, theirs = _distinct(first), _distinct(second)
    found = list(_near(ours.values, theirs.values, max_bits))
    left, right, bits = (np.concatenate(part) for part in zip(_NOTHING, *found, strict=True))
    pairs = _rows(ours.first[left], theirs.first[right], bits)
    i, nearest, distance = _others(ours, left, right, bits)
    copies = _rows(i, theirs.first[nearest], distance)
    j, nearest, distance = _others(theirs, right, left, bits)
    return np.concatenate([pairs, copies, _rows(ours.first[nearest], j, distance)])


def clusters(pairs: Pairs, count: int) -> npt.NDArray[np.int64]:
    """Return for each of `count` images the smallest index of those that pairs connect it with.

    Args:
        pairs: rows as `near_pairs` gives them.
        count: how many images there are.
    """
    group = np.arange(count)
    left, right = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    while True:
        lower = np.minimum(group[left], group[right])
        joined = group.copy()
        np.minimum.at(joined, group[left], lower)
        np.minimum.at(joined, group[right], lower)
        joined = joined[joined]
        if np.array_equal(joined, group):
            return group
        group = joined


def lookalike_clusters(orientations: Hashes, *, max_bits: int) -> npt.NDArray[np.int64]:
    """Return `clusters` of the images that are near, or of which one is so mirrored or turned.

    Args:
        orientations: a row of hashes for each image: as it is, then mirrored and turned.
        max_bits: 0 to 16.
    """
    upright = orientations[:, 0]
    turned = near_pairs_between(upright, orientations[:, 1:].ravel(), max_bits=max_bits)
    turned[:, 1] //= max(orientations.shape[1] - 1, 1)
    pairs = np.concatenate([near_pairs(upright, max_bits=max_bits), turned])
    return clusters(pairs, len(orientations))


_Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Places of two near values, and in how many bits they differ."""
_NOTHING: Final[_Found] = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


def _near(ours: Hashes, theirs: Hashes | None, max_bits: int) -> Iterator[_Found]:
    """Yield the near ones of distinct values, each pair once; without `theirs` among `ours`."""
    if not 0 <= max_bits <= MAX_BITS:
        raise ValueError(f"max_bits is {max_bits}; it can be 0 to {MAX_BITS}")
    radii = _radii(max_bits)
    for quarter, radius in enumerate(radii):
        if radius < 0:
            continue
        mine = _index(ours, quarter)
        other = mine if theirs is None else _index(theirs, quarter)
        for mask in _masks(radius):
            for left, right in _candidates(mine, other, mask, among=theirs is None):
                differing = mine.hashes[left] ^ other.hashes[right]
                bits = np.bitwise_count(differing)
                near = np.flatnonzero(bits <= max_bits)
                near = near[_is_first(differing[near], radii[:quarter])]
                if near.size:
                    yield (
                        mine.order[left[near]].astype(np.int64),
                        other.order[right[near]].astype(np.int64),
                        bits[near].astype(np.int64),
                    )


def _radii(max_bits: int) -> tuple[int, ...]:
    """Return in how many bits each quarter may differ, -1 for none looked at.

    If every quarter differed in more, all would differ in at least the sum of the radii and 4 more,
    which is `max_bits` + 1 here.
    """
    total = max_bits - QUARTERS + 1
    return tuple((total + quarter) // QUARTERS for quarter in range(QUARTERS))


def _index(hashes: Hashes, quarter: int) -> _Index:
    keys = ((hashes >> np.uint64(_QUARTER_BITS * quarter)) & np.uint64(_KEYS - 1)).astype(np.int32)
    order = np.argsort(keys, kind="stable").astype(np.int32)
    starts = np.zeros(_KEYS + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=_KEYS), out=starts[1:])
    return _Index(hashes[order], order, keys[order], starts)


def _masks(radius: int) -> Iterator[int]:
    """Yield the differences of at most `radius` bits of a quarter."""
    for size in range(radius + 1):
        for bits in combinations(range(_QUARTER_BITS), size):
            yield reduce(or_, (1 << bit for bit in bits), 0)


def _candidates(
    mine: _Index, other: _Index, mask: int, *, among: bool
) -> Iterator[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
    """Yield sorted places of hashes whose quarters differ by `mask`, a chunk at a time."""
    partner = mine.keys ^ np.int32(mask)
    begin, end = other.starts[partner], other.starts[partner + 1]
    if among and mask == 0:
        begin = np.arange(1, len(mine.keys) + 1, dtype=np.int32)
    elif among:
        end = np.where(partner > mine.keys, end, begin)
    counts = end - begin
    used = np.flatnonzero(counts)
    begin, counts = begin[used], counts[used]
    sums = np.cumsum(counts, dtype=np.int64)
    for low, high in _cuts(sums):
        repeats = counts[low:high]
        left = np.repeat(used[low:high].astype(np.int32), repeats)
        before = sums[low:high] - repeats - (sums[low - 1] if low else 0)
        steps = np.arange(len(left), dtype=np.int32)
        yield left, steps + np.repeat((begin[low:high] - before).astype(np.int32), repeats)


def _cuts(sums: npt.NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield ranges of entries that make about a chunk of comparisons each."""
    low = 0
    while low < len(sums):
        before = int(sums[low - 1]) if low else 0
        high = max(int(np.searchsorted(sums, before + _CHUNK, side="right")), low + 1)
        yield low, high
        low = high


def _is_first(differing: Hashes, radii: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Say which pairs no earlier quarter has found."""
    first = np.ones(len(differing), np.bool_)
    for quarter, radius in enumerate(radii):
        part = (differing >> np.uint64(_QUARTER_BITS * quarter)) & np.uint64(_KEYS - 1)
        first &= np.bitwise_count(part).astype(np.int64) > radius
    return first


def _distinct(hashes: Hashes) -> _Distinct:
    values, first, of = np.unique(hashes, return_index=True, return_inverse=True)
    return _Distinct(values, first, of)


def _others(
    side: _Distinct,
    mine: npt.NDArray[np.int64],
    theirs: npt.NDArray[np.int64],
    bits: npt.NDArray[np.int64],
) -> _Found:
    """Return the further copies of near values, with the nearest value and its distance."""
    order = np.lexsort((theirs, bits, mine))
    known, where = np.unique(mine[order], return_index=True)
    best = order[where]
    row = np.full(len(side.values), -1)
    row[known] = best
    further = np.setdiff1d(np.arange(len(side.of)), side.first)
    chosen = row[side.of[further]]
    further, chosen = further[chosen >= 0], chosen[chosen >= 0]
    return further, theirs[chosen], bits[chosen]


def _rows(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    bits: npt.NDArray[np.int64] | npt.NDArray[np.float64],
) -> Pairs:
    return np.stack([left, right, bits], axis=1).astype(np.int32)


def _joined(chunks: Iterator[Pairs]) -> Pairs:
    return np.concatenate([np.zeros((0, 3), np.int32), *chunks])
