"""Tests of the test of one part of the images against the rest."""

import numpy as np
import pytest
from scipy.stats import hypergeom  # type: ignore[import-untyped]  # it has no stubs

from rcl_flow.core.scoring.answers import Flags, Indices
from rcl_flow.core.scoring.metrics import outcomes_of_flags
from rcl_flow.core.scoring.slice_candidates import Candidate, Dimension
from rcl_flow.core.scoring.slice_questions import Questionnaire, ask
from rcl_flow.core.scoring.slice_tests import PartCounts, cells_of, count_parts, p_value
from rcl_flow.core.statistics import Draws


def judged(labels: Indices, wrong: Flags) -> Questionnaire:
    """Return the questions about images of one label each, of which some are missed."""
    truth = np.eye(int(labels.max()) + 1, dtype=np.bool_)[labels]
    names = [f"{n}" for n in range(truth.shape[1])]
    return ask(outcomes_of_flags(names, truth, truth & ~wrong[:, None]), "classification")


def halves(inside: Flags) -> Dimension:
    """Return a dimension that has these images as its only candidate."""
    return Dimension("part", np.where(inside, 0, 1), (Candidate("the part", (0,)),))


def counted(labels: Indices, wrong: Flags, inside: Flags) -> PartCounts:
    """Return the counts of one candidate; its first question is about all images."""
    asked = judged(labels, wrong)
    return count_parts(halves(inside), asked, cells_of(asked))


def test_p_value_of_one_stratum_is_fishers() -> None:
    """With one label, the chance is the hypergeometric one."""
    wrong, inside = np.zeros(100, np.bool_), np.zeros(100, np.bool_)
    inside[:30] = True
    wrong[[*range(9), *range(50, 54)]] = True
    counts = counted(np.zeros(100, np.intp), wrong, inside)
    expected = hypergeom(100, 13, 30).sf(8)
    assert p_value(counts, 0, 0, Draws.up_to(100)) == pytest.approx(expected, rel=1e-9)
    assert int(counts.observed[0, 0]) == 9


def test_p_value_over_strata_is_that_of_permutations_within_labels() -> None:
    """Three labels of different difficulty: the exact chance equals the share of permutations."""
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1, 2], [60, 40, 50])
    wrong = rng.random(150) < np.array([0.05, 0.2, 0.5])[labels]
    inside = rng.random(150) < np.array([0.2, 0.4, 0.6])[labels]
    inside[np.flatnonzero(wrong & ~inside)[:3]] = True
    counts = counted(labels, wrong, inside)
    seen = int((wrong & inside).sum())
    reached = 0
    for _ in range(4000):
        mixed = np.concatenate([rng.permutation(inside[labels == n]) for n in range(3)])
        reached += int((wrong & mixed).sum()) >= seen
    p = p_value(counts, 0, 0, Draws.up_to(150))
    assert p == pytest.approx(reached / 4000, abs=0.012)
    assert 0.001 < p < 0.05


def test_hard_label_in_the_part_is_no_deviation() -> None:
    """A part that has every image of the hard label and few others deviates by nothing."""
    labels = np.repeat([0, 1], [100, 40])
    wrong = np.concatenate([np.tile([True] + [False] * 19, 5), np.tile([True, False], 20)])
    inside = labels == 1
    inside[:20] = True
    counts = counted(labels, wrong, inside)
    assert int(counts.observed[0, 0]) == 21
    assert float(counts.deviations[0, 0]) == 0.0


def test_normal_tail_joins_the_exact_one() -> None:
    """Where counts become large, the two agree within a few per cent."""
    images, inside_count, wrong_count, hits = 40_000, 10_000, 5_200, 1_400
    wrong, inside = np.zeros(images, np.bool_), np.zeros(images, np.bool_)
    inside[:inside_count] = True
    wrong[:hits] = True
    wrong[inside_count : inside_count + wrong_count - hits] = True
    labels = np.zeros(images, np.intp)
    exact = hypergeom(images, wrong_count, inside_count).sf(hits - 1)
    counts = counted(labels, wrong, inside)
    assert p_value(counts, 0, 0, Draws.up_to(images)) == pytest.approx(exact, rel=0.05)


@pytest.mark.parametrize(
    ("images", "inside", "wrong"), [(100, 19, 10), (100, 81, 10), (100, 50, 4)]
)
def test_too_little_to_find_anything_is_not_tested(images: int, inside: int, wrong: int) -> None:
    """Few images inside or outside, or few mistakes, do not count as looked at."""
    flags = np.arange(images)
    counts = counted(np.zeros(images, np.intp), flags < wrong, flags < inside)
    assert not counts.testable[0, 0]
    enough = counted(np.zeros(100, np.intp), flags < 5, flags < 20)
    assert enough.testable[0, 0]


def test_excess_rate_is_the_difference_of_shares() -> None:
    """Of one label, the excess is the wrong share inside minus the one outside."""
    flags = np.arange(100)
    counts = counted(np.zeros(100, np.intp), flags % 10 < np.where(flags < 40, 3, 1), flags < 40)
    assert float(counts.excess_rates[0, 0]) == pytest.approx(0.3 - 0.1)
