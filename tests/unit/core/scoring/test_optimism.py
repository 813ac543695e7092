"""Tests of what choosing thresholds on the test images flatters, against simulated truth."""

import numpy as np
import pytest

from benchmarks.verdict_worlds import SHARPNESS, Drawn, World, best_thresholds, draw, scored
from rcl_flow.core.scoring.optimism import ExpectedFalls, tuning_optimism
from rcl_flow.core.scoring.ranking import RankedAnswers

WORLD = World(labels=4)


def drawn(images: int, seed: int) -> Drawn:
    """Return images and answers of the world."""
    return draw(WORLD, images, np.full(WORLD.labels, SHARPNESS), np.random.default_rng(seed))


def ranked(answers: Drawn) -> list[RankedAnswers]:
    """Return each label's answers, the surest first."""
    found = []
    for truth, scores in zip(answers.truth.T, answers.scores.T, strict=True):
        order = np.argsort(-scores)
        found.append(RankedAnswers("a", scores[order] * 100, truth[order], int(truth.sum())))
    return found


def told(test_images: int, holdout: Drawn, seed: int) -> float:
    """Return the mean over the labels of what is told from a holdout."""
    positives = test_images // WORLD.labels
    shown = holdout.truth.sum(axis=0)
    rates = (test_images - positives) / (len(holdout.truth) - shown)
    found = tuning_optimism(
        ranked(holdout), [positives] * WORLD.labels, rates.tolist(), np.random.default_rng(seed)
    )
    return float(found.mean.mean())


@pytest.mark.parametrize(("test_images", "holdout_images"), [(100, 400), (200, 200), (400, 200)])
def test_what_is_told_is_what_test_sets_flatter(test_images: int, holdout_images: int) -> None:
    """The truth: thresholds chosen on a test set, F1 there less F1 on endlessly many images."""
    everything = drawn(20_000, seed=0)
    true = []
    for seed in range(1, 81):
        test = drawn(test_images, seed)
        thresholds = best_thresholds(test)
        true.append((scored(test, thresholds) - scored(everything, thresholds)).mean())
    found = [told(test_images, drawn(holdout_images, 500 + n), n) for n in range(40)]
    assert np.mean(true) > 0.005
    assert np.mean(found) == pytest.approx(np.mean(true), rel=0.3)


def test_large_test_sets_flatter_less() -> None:
    """The more images a threshold is chosen on, the less it is made for them."""
    holdout = drawn(2000, seed=3)
    assert told(60, holdout, 0) > 2 * told(600, holdout, 0) > 0


def test_labels_of_which_nothing_is_known_are_not_flattered() -> None:
    """No image in the test, none in the holdout, or no right answer: nothing to take out."""
    known = ranked(drawn(200, seed=4))[0]
    nothing = RankedAnswers("a", np.array([50.0]), np.array([False]), 0)
    missed = RankedAnswers("a", np.array([50.0]), np.array([False]), 3)
    found = tuning_optimism(
        [known, nothing, missed], [0, 5, 5], [0.5, 0.5, 0.5], np.random.default_rng(0)
    )
    assert found.mean.tolist() == found.error.tolist() == [0.0, 0.0, 0.0]


def test_perfect_answers_are_hardly_flattered() -> None:
    """Where any threshold between the two kinds is right, choosing one makes nothing better."""
    scores = np.concatenate([np.linspace(99, 90, 50), np.linspace(10, 1, 150)])
    perfect = RankedAnswers("a", scores, np.arange(200) < 50, 50)
    found = tuning_optimism([perfect], [50], [1.0], np.random.default_rng(0))
    assert 0 <= found.mean[0] < 0.03


def test_many_answers_are_thinned_without_a_change() -> None:
    """Twenty thousand answers tell about the same as two thousand of them."""
    few, many = drawn(2000, seed=5), drawn(20_000, seed=6)
    assert told(200, many, 0) == pytest.approx(told(200, few, 0), rel=0.35)


def test_draws_are_so_many_that_their_error_is_small_and_known() -> None:
    """The means of other draws differ by as much as the error says, and that is little."""
    answers, rates = ranked(drawn(150, seed=7)), [0.4] * WORLD.labels
    every = np.ones(WORLD.labels, dtype=np.bool_)
    found = [
        tuning_optimism(answers, [15] * WORLD.labels, rates, np.random.default_rng(seed)).over(
            every
        )
        for seed in range(60)
    ]
    means, errors = np.array(found).T
    assert means.std() == pytest.approx(errors.mean(), rel=0.35)
    assert means.std() < 0.003


def test_order_of_equally_sure_answers_does_not_matter() -> None:
    """The same images in another order give the same expected fall, to the last digit."""
    rng = np.random.default_rng(8)
    scores = np.repeat([90.0, 60.0, 30.0, 5.0], 40)
    right = rng.random(160) < scores / 150
    shuffled = np.concatenate([rng.permutation(right[at : at + 40]) for at in range(0, 160, 40)])
    assert (shuffled != right).any()
    one, other = (
        tuning_optimism(
            [RankedAnswers("a", scores, flags, int(right.sum()))],
            [10],
            [0.15],
            np.random.default_rng(1),
        )
        for flags in (right, shuffled)
    )
    assert one.mean.tolist() == other.mean.tolist()
    assert one.mean[0] > 0.01


def test_mean_fall_over_labels_is_never_a_rise() -> None:
    """Noise below zero excuses nothing; the errors of labels add up as independent ones do."""
    falls = ExpectedFalls(np.array([-0.02, 0.01, 0.5]), np.array([0.03, 0.04, 0.5]))
    expected, error = falls.over(np.array([True, True, False]))
    assert expected == 0.0
    assert error == pytest.approx(0.025)
