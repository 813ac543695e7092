"""Tests of the search for near hashes, on hashes whose distances are known."""

import numpy as np
import pytest

from rcl_flow.core.similarity import (
    clusters,
    lookalike_clusters,
    near_pair_chunks,
    near_pairs,
    near_pairs_between,
)

RNG = np.random.default_rng(11)
ONE = np.uint64(1)


def hashes(*values: int | np.uint64) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return hashes of these values."""
    return np.array(values, np.uint64)


@pytest.mark.parametrize("max_bits", range(17))
def test_search_finds_what_differs_in_as_many_bits_as_allowed_and_no_more(max_bits: int) -> None:
    """Wherever the differing bits are, the limit itself is near and one bit more is not."""
    for _ in range(20):
        bits = RNG.permutation(64)[: max_bits + 1].astype(np.uint64)
        base = RNG.integers(0, 2**64, dtype=np.uint64)
        near = base ^ np.bitwise_or.reduce(ONE << bits[:-1], initial=np.uint64(0))
        far = base ^ np.bitwise_or.reduce(ONE << bits)
        found = near_pairs_between(hashes(base), hashes(far, near), max_bits=max_bits)
        assert found.tolist() == [[0, 1, max_bits]]


def test_equal_hashes_are_told_as_a_star() -> None:
    """So many equal hashes make one row less than there are, not all their pairs."""
    found = near_pairs(np.full(10_000, 7, np.uint64), max_bits=5)
    assert len(found) == 9_999
    assert set(found[:, 0]) == {0}
    assert found[:, 2].max() == 0


def test_equal_hashes_are_near_to_others_by_the_first_of_them() -> None:
    """What is near to one of the equal ones is connected with all."""
    found = near_pairs(hashes(0, 1 << 60, 0, 0b11, 0), max_bits=2)
    assert sorted(map(tuple, found.tolist())) == [
        (0, 1, 1), (0, 2, 0), (0, 3, 2), (0, 4, 0)
    ]  # fmt: skip


def test_every_hash_with_a_near_one_on_the_other_side_is_named() -> None:
    """Leaks are found in full: further copies are paired with the nearest, not left out."""
    found = near_pairs_between(hashes(0, 0, 0xF0F0), hashes(1, 1, 3, 0), max_bits=2)
    assert set(found[:, 0]) == {0, 1}
    assert set(found[:, 1]) == {0, 1, 2, 3}
    assert [1, 3, 0] in found.tolist()
    assert [0, 1, 1] in found.tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_few_hashes_have_no_pairs(count: int) -> None:
    """No image and one image are datasets too."""
    few = hashes(*range(count))
    assert near_pairs(few, max_bits=16).shape == (0, 3)
    assert near_pairs_between(few, hashes(), max_bits=16).shape == (0, 3)


@pytest.mark.parametrize("max_bits", [-1, 17])
def test_search_refuses_a_distance_that_it_cannot_do(max_bits: int) -> None:
    """A limit outside the range is an error, not an empty answer."""
    with pytest.raises(ValueError, match="0 to 16"):
        near_pairs(hashes(1, 2), max_bits=max_bits)


def test_chunks_hold_the_same_pairs() -> None:
    """Piece by piece is the same as at once, and no piece repeats another."""
    many = RNG.integers(0, 2**12, 3_000).astype(np.uint64)
    pieces = np.concatenate(list(near_pair_chunks(many, max_bits=3)))
    whole = near_pairs(many, max_bits=3)
    assert sorted(map(tuple, pieces.tolist())) == sorted(map(tuple, whole.tolist()))
    assert len(np.unique(pieces[:, :2], axis=0)) == len(pieces)


def test_clusters_follow_chains() -> None:
    """Images are together when pairs lead from one to the other, however many."""
    chain = np.array(
        [[i, i + 1, 1] for i in range(0, 98, 2)] + [[i + 1, i, 1] for i in range(1, 98, 2)]
    )
    pairs = np.concatenate([RNG.permutation(chain), [[200, 199, 0]]]).astype(np.int32)
    group = clusters(pairs, 202)
    assert set(group[:99]) == {0}
    assert group[199] == group[200] == 199
    assert group[150] == 150
    assert len(set(group.tolist())) == 202 - 98 - 1


def test_clusters_without_pairs_are_single_images() -> None:
    """Nothing near leaves every image alone."""
    assert clusters(np.zeros((0, 3), np.int32), 3).tolist() == [0, 1, 2]


def test_lookalikes_are_near_as_they_are_or_mirrored_or_turned() -> None:
    """The first hash of a row is compared with every hash of the others."""
    far = np.uint64(0xFFFF_0000_0000_0000)
    table = np.full((4, 8), far)
    table[:, 0] = hashes(0b1, 0xFF00, 0b0111, 0xFF_0000_0000)
    table[1, 7] = np.uint64(0b11)  # the second image, turned, is near the first
    assert lookalike_clusters(table, max_bits=2).tolist() == [0, 0, 0, 3]
    assert lookalike_clusters(table, max_bits=0).tolist() == [0, 1, 2, 3]
    assert lookalike_clusters(table[:0], max_bits=2).tolist() == []
