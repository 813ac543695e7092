"""Tests of the intervals of F1."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from rcl_flow.core.scoring.intervals import F1Samples, interval_of, resample_f1
from rcl_flow.core.scoring.metrics import Outcomes, outcomes_of_flags

LABELS = ("a", "b", "c")


def outcomes(images: int, seed: int = 3) -> Outcomes:
    """Return simulated images of three labels, of which four in five are judged rightly."""
    rng = np.random.default_rng(seed)
    truth = np.eye(3, dtype=bool)[rng.integers(0, 3, size=images)]
    wrong = np.eye(3, dtype=bool)[rng.integers(0, 3, size=images)]
    right = rng.random(images) < 0.8
    return outcomes_of_flags(LABELS, truth, np.where(right[:, None], truth, wrong))


def predicted_flags(given: Outcomes) -> NDArray[np.bool_]:
    """Return which labels were predicted; one row per image."""
    return np.asarray((given.hits + given.false_alarms) > 0)


def resample(
    given: Outcomes,
    *,
    resamples: int = 4000,
    seed: int = 0,
    judged: NDArray[np.bool_] | None = None,
) -> F1Samples:
    """Resample with a seed of its own."""
    flags = given.judged if judged is None else judged
    return resample_f1(given, judged=flags, resamples=resamples, rng=np.random.default_rng(seed))


def plain_bootstrap(given: Outcomes, resamples: int) -> NDArray[np.float64]:
    """Draw rows with replacement, one by one, and let scikit-learn compute macro F1."""
    rng = np.random.default_rng(99)
    scores = []
    for _ in range(resamples):
        rows = rng.integers(0, given.images, size=given.images)
        scores.append(
            f1_score(
                given.truth[rows], predicted_flags(given)[rows], average="macro", zero_division=0
            )
        )
    return np.array(scores)


def test_resampling_agrees_with_a_plain_bootstrap() -> None:
    """Drawing patterns gives the same distribution as drawing images one at a time."""
    given = outcomes(120)
    plain = plain_bootstrap(given, 1500)
    ours = resample(given).overall
    assert ours.mean() == pytest.approx(plain.mean(), abs=0.004)
    assert ours.std() == pytest.approx(plain.std(), rel=0.08)
    assert interval_of(ours, 0.95) == pytest.approx(interval_of(plain, 0.95), abs=0.012)


@pytest.mark.parametrize("resamples", [1, 255, 256, 257, 1000])
def test_resampling_gives_as_many_samples_as_asked(resamples: int) -> None:
    """The chunks that it works in neither lose nor add a draw."""
    samples = resample(outcomes(30), resamples=resamples)
    assert samples.overall.shape == (resamples,)
    assert samples.by_label.shape == (resamples, 3)


def test_resampling_repeats_with_its_seed() -> None:
    """The same seed gives the same samples, another seed others."""
    given = outcomes(60)
    assert np.array_equal(resample(given).overall, resample(given).overall)
    assert not np.array_equal(resample(given).overall, resample(given, seed=1).overall)


def test_resampling_averages_the_judged_labels() -> None:
    """A label that is not judged counts in its own column and not in the mean."""
    given = outcomes(60)
    samples = resample(given, judged=np.array([True, False, True]))
    assert np.allclose(samples.overall, samples.by_label[:, [0, 2]].mean(axis=1))


def test_resampling_of_a_perfect_score_has_no_width_but_missing_labels() -> None:
    """With one label that is always right, every draw is right."""
    flags = np.ones((40, 1), dtype=bool)
    samples = resample(outcomes_of_flags(("a",), flags, flags))
    assert interval_of(samples.overall, 0.95) == (1.0, 1.0)


def test_resampling_shows_the_uncertainty_of_few_images() -> None:
    """A quarter of the images makes the interval about twice as wide."""
    few, many = (interval_of(resample(outcomes(n)).overall, 0.95) for n in (100, 400))
    assert (few[1] - few[0]) / (many[1] - many[0]) == pytest.approx(2, rel=0.25)


def test_interval_holds_the_central_share() -> None:
    """Of 0 to 100 the central 90 percent are 5 to 95, the central 50 percent 25 to 75."""
    samples = np.random.default_rng(0).permutation(np.arange(101.0))
    assert interval_of(samples, 0.9) == pytest.approx((5, 95))
    assert interval_of(samples, 0.5) == pytest.approx((25, 75))


def test_interval_covers_the_true_score_as_often_as_it_says() -> None:
    """Over many simulated holdouts a 90 percent interval holds the true F1 in about 90."""
    many = outcomes(200_000, seed=1)
    truth = f1_score(many.truth, predicted_flags(many), average="macro")
    covered = 0
    for seed in range(200):
        low, high = interval_of(resample(outcomes(150, seed=seed + 10), resamples=400).overall, 0.9)
        covered += low <= truth <= high
    assert 165 <= covered <= 194


def test_interval_of_a_perfect_model_holds_its_score_when_labels_are_rare() -> None:
    """Draws that miss a rare label do not count it as a failure."""
    truth = np.repeat(np.eye(250, dtype=np.bool_), 2, axis=0)
    outcomes = outcomes_of_flags(tuple(str(n) for n in range(250)), truth, truth)
    samples = resample_f1(
        outcomes, judged=outcomes.judged, resamples=300, rng=np.random.default_rng(0)
    )
    assert interval_of(samples.overall, 0.95) == (1.0, 1.0)


def test_interval_of_nothing_is_everything() -> None:
    """Without a single number nothing is known of the score."""
    assert interval_of(np.full(10, np.nan), 0.95) == (0.0, 1.0)
