"""The search for near hashes equals comparing every hash with every other one."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.similarity import clusters, near_pairs, near_pairs_between

Hashes = npt.NDArray[np.uint64]
Row = tuple[int, int, int]
MAX_BITS = st.sampled_from([*range(12), *range(8), 12, 14, 16])
"""Small ones are usual, and quick."""


@st.composite
def some_hashes(draw: st.DrawFn) -> Hashes:
    """Draw random hashes, clusters around a few of them, and hashes that share most quarters."""
    hashes: Hashes
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.integers(0, 60))
    centres = rng.integers(0, 2**64, max(draw(st.integers(1, 6)), 1), dtype=np.uint64)
    match draw(st.sampled_from(["random", "clustered", "shared", "few"])):
        case "random":
            return rng.integers(0, 2**64, size, dtype=np.uint64)
        case "clustered":
            hashes = centres[rng.integers(len(centres), size=size)]
            for _ in range(draw(st.integers(0, 17))):
                hashes = hashes ^ (np.uint64(1) << rng.integers(0, 64, size, dtype=np.uint64))
            return hashes
        case "shared":
            shift = np.uint64(draw(st.sampled_from([0, 8, 16, 24, 40, 48])))
            hashes = centres[:1] ^ (rng.integers(0, 2**16, size, dtype=np.uint64) << shift)
            return hashes
        case _:
            return rng.integers(0, 8, size, dtype=np.uint64)


def every_pair(hashes: Hashes, max_bits: int) -> Iterator[Row]:
    """Yield all near pairs, by comparing all."""
    for i in range(len(hashes)):
        for j in range(i + 1, len(hashes)):
            distance = (int(hashes[i]) ^ int(hashes[j])).bit_count()
            if distance <= max_bits:
                yield i, j, distance


def rows(pairs: npt.NDArray[np.int32]) -> list[Row]:
    """Return pairs in order."""
    return sorted((int(i), int(j), int(d)) for i, j, d in pairs)


@given(some_hashes(), MAX_BITS)
def test_search_among_distinct_hashes_finds_exactly_the_near_pairs(
    hashes: Hashes, max_bits: int
) -> None:
    """Nothing is missed, nothing is found twice, nothing else is found."""
    distinct = np.random.default_rng(0).permutation(np.unique(hashes))
    assert rows(near_pairs(distinct, max_bits=max_bits)) == list(every_pair(distinct, max_bits))


@given(some_hashes(), some_hashes(), MAX_BITS)
def test_search_between_distinct_hashes_finds_exactly_the_near_pairs(
    first: Hashes, second: Hashes, max_bits: int
) -> None:
    """The same between two sets, some hashes being in both."""
    first, second = np.unique(first), np.unique(np.concatenate([second, first[::3]]))
    both = np.concatenate([first, second])
    wanted = [
        (i, j - len(first), d) for i, j, d in every_pair(both, max_bits) if i < len(first) <= j
    ]
    assert rows(near_pairs_between(first, second, max_bits=max_bits)) == wanted


@given(some_hashes(), MAX_BITS)
def test_equal_hashes_change_no_cluster_and_leave_nobody_out(hashes: Hashes, max_bits: int) -> None:
    """What is told of equal hashes groups them as all pairs would, and every row is true."""
    every = list(every_pair(hashes, max_bits))
    told = near_pairs(hashes, max_bits=max_bits)
    count = len(hashes)
    whole = clusters(np.array(every, np.int32).reshape(-1, 3), count)
    assert set(rows(told)) <= set(every)
    assert set(told[:, :2].ravel()) == {index for i, j, _ in every for index in (i, j)}
    assert clusters(told, count).tolist() == whole.tolist()


@given(some_hashes(), some_hashes(), MAX_BITS)
def test_equal_hashes_between_two_sets_leave_nobody_out(
    first: Hashes, second: Hashes, max_bits: int
) -> None:
    """Every hash that has a near one on the other side is named with a true distance."""
    second = np.concatenate([second, first[::2], first[::4]])
    both = np.concatenate([first, second])
    every = {
        (i, j - len(first), d) for i, j, d in every_pair(both, max_bits) if i < len(first) <= j
    }
    told = near_pairs_between(first, second, max_bits=max_bits)
    assert set(rows(told)) <= every
    assert len(rows(told)) == len(set(rows(told)))
    assert set(told[:, 0]) == {i for i, _, _ in every}
    assert set(told[:, 1]) == {j for _, j, _ in every}
