"""Tests of what choosing thresholds on the test images flatters, against simulated truth."""

import numpy as np
import pytest

from benchmarks.verdicts import SHARPNESS, Drawn, World, best_thresholds, draw, scored
from rcl_flow.core.scoring.optimism import tuning_optimism
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
    return float(found.mean())


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
    assert found.tolist() == [0.0, 0.0, 0.0]


def test_perfect_answers_are_hardly_flattered() -> None:
    """Where any threshold between the two kinds is right, choosing one makes nothing better."""
    scores = np.concatenate([np.linspace(99, 90, 50), np.linspace(10, 1, 150)])
    perfect = RankedAnswers("a", scores, np.arange(200) < 50, 50)
    found = tuning_optimism([perfect], [50], [1.0], np.random.default_rng(0))
    assert 0 <= found[0] < 0.03


def test_many_answers_are_thinned_without_a_change() -> None:
    """Twenty thousand answers tell about the same as two thousand of them."""
    few, many = drawn(2000, seed=5), drawn(20_000, seed=6)
    assert told(200, many, 0) == pytest.approx(told(200, few, 0), rel=0.35)
