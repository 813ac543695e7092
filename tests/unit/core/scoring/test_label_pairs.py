"""Tests of pairs of labels that are mixed up."""

import numpy as np
import pytest

from rcl_flow.core.scoring.error_types import LabelPair
from rcl_flow.core.scoring.label_pairs import both_ways, find_pairs
from rcl_flow.core.scoring.metrics import Counts

LABELS = ("ant", "bee", "cow", "doe", "eel", "fox")


def pairs_of(counts: Counts, images: float = 100.0) -> tuple[LabelPair, ...]:
    """Return the pairs of labels with that many images each."""
    return find_pairs(LABELS[: len(counts)], counts, np.full(len(counts), images))


def spread(rng: np.random.Generator, mistakes: int, popularity: Counts) -> Counts:
    """Return mistakes of each label that go to the others by their popularity."""
    counts = np.zeros((len(popularity),) * 2)
    for truth in range(len(popularity)):
        shares = popularity * (np.arange(len(popularity)) != truth)
        counts[truth] = rng.multinomial(rng.poisson(mistakes), shares / shares.sum())
    return counts


def test_pair_that_alone_is_mixed_up_is_found() -> None:
    """With no other mistakes, ten are many: shares, directions and what to do."""
    counts = np.zeros((6, 6))
    counts[1, 2], counts[2, 1] = 6, 4
    (pair,) = pairs_of(counts)
    assert (pair.first, pair.second) == ("bee", "cow")
    assert (pair.first_as_second, pair.second_as_first) == (6, 4)
    assert pair.share == pytest.approx(10 / 200)
    assert pair.p_value < 0.002
    assert "add images of both" in pair.told
    assert "merge" in pair.told


def test_one_sided_pair_is_not_to_be_merged() -> None:
    """Where only one of the two is taken for the other, they are not one label."""
    counts = np.zeros((6, 6))
    counts[1, 2] = 20
    (pair,) = pairs_of(counts)
    assert "merge" not in pair.told


def test_label_that_everything_is_taken_for_makes_no_pairs() -> None:
    """Its popularity explains the mistakes."""
    counts = np.zeros((6, 6))
    counts[1:, 0] = 12
    assert pairs_of(counts) == ()


def test_two_mix_ups_are_no_pair() -> None:
    """So few prove nothing, however many labels there are."""
    counts = np.zeros((6, 6))
    counts[1, 2] = counts[2, 1] = 1
    assert pairs_of(counts) == ()


def test_two_labels_are_no_pair() -> None:
    """With no third label, every confusion is between the two."""
    assert pairs_of(np.array([[0.0, 30.0], [30.0, 0.0]])) == ()


def test_most_mixed_up_pair_comes_first() -> None:
    """By the share of the images."""
    counts = np.zeros((6, 6))
    counts[0, 1] = counts[1, 0] = 10
    counts[4, 5] = counts[5, 4] = 30
    assert [(pair.first, pair.second) for pair in pairs_of(counts)] == [
        ("eel", "fox"),
        ("ant", "bee"),
    ]


def test_mistakes_that_spread_make_pairs_in_at_most_one_of_twenty_holdouts() -> None:
    """200 holdouts without a pair; the false alarms stay at the promised rate."""
    rng = np.random.default_rng(4)
    found = sum(bool(pairs_of(spread(rng, 12, np.ones(6)))) for _ in range(200))
    assert found <= 10


@pytest.mark.parametrize("popularity", [(3, 2, 1), (3, 1, 1, 1), (4, 4, 1, 1), (5, 5, 1, 1, 1)])
def test_popular_labels_make_no_pairs_however_few_labels_there_are(
    popularity: tuple[int, ...],
) -> None:
    """A popular label leaves its own mistakes to the others, which looks like a pair."""
    rng = np.random.default_rng(6)
    shares = np.array(popularity, dtype=np.float64)
    found = sum(bool(pairs_of(spread(rng, 60, shares), 300.0)) for _ in range(200))
    assert found <= 16  # 10 are promised, and more than 16 come of that in 1 of 50 tests


def test_pair_among_four_labels_is_found() -> None:
    """90 mix-ups each way beside 30 other mistakes of each label are found in 9 of 10 holdouts."""
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(50):
        counts = spread(rng, 30, np.ones(4))
        counts[0, 1] += 90
        counts[1, 0] += 90
        found += any({pair.first, pair.second} == {"ant", "bee"} for pair in pairs_of(counts))
    assert found >= 45


def test_three_labels_are_no_pair() -> None:
    """Two labels that the model prefers take as many of each other's images."""
    counts = np.array([[0.0, 55, 5], [55, 0, 5], [30, 30, 0]])
    assert pairs_of(counts) == ()


def test_planted_pair_is_found_among_other_mistakes() -> None:
    """30 mix-ups beside 6 other mistakes of each label are found in 9 of 10 holdouts."""
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(50):
        counts = spread(rng, 6, np.ones(6))
        counts[0, 1] += 15
        counts[1, 0] += 15
        found += any({pair.first, pair.second} == {"ant", "bee"} for pair in pairs_of(counts))
    assert found >= 45


@pytest.mark.parametrize(("forth", "back", "expected"), [(10, 4, True), (10, 3, False)])
def test_both_ways_needs_a_quarter_in_the_weaker_direction(
    forth: float, back: float, expected: bool
) -> None:
    """3 of 13 is less than a quarter, 4 of 14 is more."""
    assert both_ways(forth, back) is expected
