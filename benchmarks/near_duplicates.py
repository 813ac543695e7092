"""The search for near hashes among as many images as the service takes, against comparing all."""

import resource
import time

import numpy as np
import numpy.typing as npt

from benchmarks.measuring import ratio, show
from rcl_flow.core.limits import MAX_DATASET_IMAGES
from rcl_flow.core.similarity import clusters, near_pairs

_BRUTE = 20_000
"""Comparing all takes the square of this; the rest is computed."""
_BITS = 5

Hashes = npt.NDArray[np.uint64]


def bench_near_duplicates() -> None:
    """Search photograph-like hashes: in groups of about four, each some bits from its centre."""
    rng = np.random.default_rng(0)
    hashes = _grouped(rng, MAX_DATASET_IMAGES)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pairs = near_pairs(hashes, max_bits=6)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{len(pairs):,} near pairs of {len(hashes):,} hashes; memory grew by {grown:.0f} MB")
    few = hashes[:_BRUTE]
    share = (len(hashes) / len(few)) ** 2
    for bits in (_BITS, 6, 10):
        figures = ratio(
            lambda bits=bits: _cpu_seconds(hashes, bits),  # type: ignore[misc]
            lambda bits=bits: _brute_cpu_seconds(few, bits) * share,  # type: ignore[misc]
        )
        show(f"250,000 hashes, {bits} bits, against comparing all", figures, "CPU s")
        distinct = np.unique(few)
        same = _as_set(near_pairs(distinct, max_bits=bits)) == _as_set(_brute(distinct, bits))
        print(f"the same pairs as comparing all, at {len(distinct):,} hashes: {same}")
    started = time.process_time()
    groups = len(np.unique(clusters(pairs, len(hashes))))
    print(f"{groups:,} clusters in {time.process_time() - started:.2f} CPU s")


def _grouped(rng: np.random.Generator, count: int) -> Hashes:
    centres = rng.integers(0, 2**64, count // 4, dtype=np.uint64)
    hashes: Hashes = centres[rng.integers(0, len(centres), count)]
    for _ in range(3):
        flipped = np.uint64(1) << rng.integers(0, 64, count, dtype=np.uint64)
        hashes = np.where(rng.random(count) < 0.6, hashes ^ flipped, hashes)
    return hashes


def _cpu_seconds(hashes: Hashes, bits: int) -> float:
    started = time.process_time()
    near_pairs(hashes, max_bits=bits)
    return time.process_time() - started


def _brute_cpu_seconds(hashes: Hashes, bits: int) -> float:
    started = time.process_time()
    _brute(hashes, bits)
    return time.process_time() - started


def _brute(hashes: Hashes, bits: int) -> npt.NDArray[np.int64]:
    found = []
    for start in range(0, len(hashes), 64):
        rows = hashes[start : start + 64, None] ^ hashes[None, start + 1 :]
        i, j = np.nonzero(np.bitwise_count(rows) <= bits)
        found.append(np.stack([i + start, j + start + 1], axis=1)[j >= i])
    return np.concatenate(found)


def _as_set(pairs: npt.NDArray[np.int32] | npt.NDArray[np.int64]) -> set[tuple[int, int]]:
    return {(int(row[0]), int(row[1])) for row in pairs}
