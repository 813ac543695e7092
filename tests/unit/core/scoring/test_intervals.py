"""Tests of the intervals of F1."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom  # type: ignore[import-untyped]  # it has no stubs
from sklearn.metrics import f1_score

from rcl_flow.core.scoring.intervals import (
    F1Samples,
    few_images_note,
    interval_of,
    mean_over,
    resample_f1,
    wilson_interval,
)
from rcl_flow.core.scoring.metrics import Outcomes, label_ratios, outcomes_of_flags
from tests.unit.core.scoring.worlds import (
    World,
    gap_coverage,
    label_coverage,
    label_gap_coverage,
    one_label,
    overall_coverage,
    photos,
    scenes,
)

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
    samples = resample(outcomes(60), judged=np.array([True, False, True]))
    assert np.allclose(samples.overall, samples.in_means[:, [0, 2]].mean(axis=1).clip(0, 1))
    assert samples.by_label[:, 1].std() > 0


def test_resampling_is_centred_on_the_score_of_many_images() -> None:
    """With many images neither made-up ones nor corrections move the mean of the samples."""
    given = outcomes(4000)
    samples, scored = resample(given), label_ratios(given).f1
    assert samples.overall.mean() == pytest.approx(scored.mean(), abs=5e-4)
    assert samples.by_label.mean(axis=0) == pytest.approx(scored, abs=1e-3)


def test_resampling_of_a_perfect_score_still_has_a_width() -> None:
    """After 40 right images of 40, up to about 7 percent may be wrong: 1 - 0.05^(1/40)."""
    flags = np.ones((40, 1), dtype=bool)
    samples = resample(outcomes_of_flags(("a",), flags, flags), resamples=20_000)
    share = 0.05 ** (1 / 40)
    expected = 2 * share / (1 + share)
    for values in (samples.by_label[:, 0], samples.overall):
        assert interval_of(values, 0.95) == pytest.approx((expected, 1.0), abs=0.003)


def test_interval_of_a_label_is_the_exact_one_of_a_share() -> None:
    """With one object an image it is the mid-p interval of hits among hits and mistakes."""
    flags = np.ones((30, 1), dtype=bool)
    said = np.arange(30)[:, None] >= 4
    samples = resample(outcomes_of_flags(("a",), flags, said), resamples=100_000)
    shares = samples.by_label[:, 0] / (2 - samples.by_label[:, 0])
    low, high = interval_of(shares, 0.95)
    assert mid_p(26, 30, low) == pytest.approx(0.025, abs=0.003)
    assert mid_p(26, 30, high) == pytest.approx(0.975, abs=0.003)


def mid_p(hits: int, images: int, share: float) -> float:
    """Return the chance of more hits than seen, and half of that of as many."""
    law = binom(images, share)
    return float(law.sf(hits) + law.pmf(hits) / 2)


def test_resampling_weighs_objects_of_an_image_together() -> None:
    """Ten objects of one fate tell no more than one."""
    given = outcomes(200)
    tenfold = Outcomes(given.labels, given.truth * 10, given.hits * 10, given.false_alarms * 10)
    for one, ten in zip(resample(given).by_label.T, resample(tenfold).by_label.T, strict=True):
        assert interval_of(ten, 0.95) == pytest.approx(interval_of(one, 0.95), abs=1e-9)


def test_resampling_knows_nothing_of_a_label_that_no_image_has() -> None:
    """Its samples are no numbers, even where it was predicted, and the mean leaves it out."""
    truth = np.array([[True, False]] * 20)
    said = np.array([[True, True], [False, False]] * 10)
    samples = resample(outcomes_of_flags(("a", "b"), truth, said), judged=np.array([True, True]))
    assert np.isnan(samples.by_label[:, 1]).all()
    assert np.array_equal(samples.overall, samples.in_means[:, 0].clip(0, 1))


def test_resampling_without_a_judged_label_is_zero() -> None:
    """When no label counts, the overall score is 0, without an error."""
    samples = resample(outcomes(20), judged=np.zeros(3, dtype=np.bool_))
    assert not samples.overall.any()


def test_resampling_in_blocks_agrees_with_resampling_images() -> None:
    """Of very many distinct images, blocks at random give the same interval."""
    many = scenes(12_000, 5, 0.9, 15, alike=0.3).draw(np.random.default_rng(4))
    assert len(np.unique(np.hstack([many.hits, many.false_alarms, many.misses]), axis=0)) > 8192
    quarters = [
        Outcomes(
            many.labels, *(kind[part::4] for kind in (many.truth, many.hits, many.false_alarms))
        )
        for part in range(4)
    ]
    widths = [
        np.ptp(interval_of(resample(part, resamples=1500).overall, 0.95)) for part in quarters
    ]
    whole = np.ptp(interval_of(resample(many, resamples=1500).overall, 0.95))
    assert whole == pytest.approx(np.mean(widths) / 2, rel=0.1)


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
    """Two right images of each of 250 labels are 500 right images: one more may be wrong."""
    truth = np.repeat(np.eye(250, dtype=np.bool_), 2, axis=0)
    outcomes = outcomes_of_flags(tuple(str(n) for n in range(250)), truth, truth)
    samples = resample_f1(
        outcomes, judged=outcomes.judged, resamples=2000, rng=np.random.default_rng(0)
    )
    low, high = interval_of(samples.overall, 0.95)
    assert high == 1.0
    assert 0.996 < low < 0.999


@pytest.mark.parametrize(
    ("world", "least", "most"),
    [
        (one_label(15, 0.95), 0.93, 0.99),
        (one_label(30, 0.98), 0.93, 0.99),
        (one_label(100, 0.98), 0.93, 0.98),
        (one_label(100, 0.75), 0.92, 0.98),
    ],
    ids=lambda value: value.told if isinstance(value, World) else "",
)
def test_interval_of_a_label_covers_what_it_promises(
    world: World, least: float, most: float
) -> None:
    """Also of few images; drawing them with replacement covers 0.81, 0.71 and 0.90 at first."""
    assert least <= label_coverage(world, 400).covered <= most


@pytest.mark.parametrize(
    "world",
    [photos(200, 20, 0.85), photos(200, 3, 0.95), scenes(60, 3, 0.97, 6, alike=0.3)],
    ids=lambda world: world.told,
)
def test_interval_over_all_labels_covers_what_it_promises(world: World) -> None:
    """Drawing with replacement covers 0.89 in the first world, with ten images a label."""
    assert 0.925 <= overall_coverage(world, 300).covered <= 0.985


def test_interval_of_a_gap_covers_what_it_promises() -> None:
    """For all labels and for each; drawing with replacement covers 0.75 and 0.66 here."""
    sides = photos(60, 5, 0.97), photos(200, 5, 0.97)
    assert 0.92 <= gap_coverage(*sides, 250).covered <= 0.985
    assert 0.93 <= label_gap_coverage(*sides, 100).covered <= 0.99


def test_mean_over_leaves_out_what_is_no_number() -> None:
    """The mean of each row, over the labels that count."""
    rows = np.array([[0.2, np.nan, 0.9], [0.4, 0.6, 0.9]])
    assert mean_over(rows, np.array([True, True, False])) == pytest.approx([0.2, 0.5])


@pytest.mark.parametrize(
    ("part", "whole", "level", "expected"),
    [
        (0, 0, 0.95, (0.0, 1.0)),
        (81, 263, 0.95, (0.2553, 0.3662)),
        (15, 148, 0.95, (0.0624, 0.1605)),
        (0, 20, 0.95, (0.0, 0.1611)),
        (1, 29, 0.95, (0.0061, 0.1718)),
        (29, 29, 0.95, (0.8830, 1.0)),
    ],
)
def test_wilson_interval_gives_the_published_figures(
    part: int, whole: int, level: float, expected: tuple[float, float]
) -> None:
    """Newcombe's worked examples (1998), to four digits; nothing is known of nothing."""
    assert wilson_interval(part, whole, level) == pytest.approx(expected, abs=5e-5)


def test_wilson_interval_solves_its_equation() -> None:
    """At both ends the seen share is as many deviations away as the level says."""
    for end in wilson_interval(17, 40, 0.9):
        assert abs(17 / 40 - end) / np.sqrt(end * (1 - end) / 40) == pytest.approx(1.644854, 1e-5)


def test_few_images_note_warns_of_few_images_only() -> None:
    """Below ten images nothing is certain, below thirty the interval tells more than the score."""
    assert few_images_note(0) == "no image: nothing certain can be said of this label"
    assert few_images_note(1) == "1 image: nothing certain can be said of this label"
    assert few_images_note(3) == "3 images: nothing certain can be said of this label"
    assert few_images_note(12) == "12 images: read the interval, not the score"
    assert few_images_note(30) == ""


def test_interval_of_nothing_is_everything() -> None:
    """Without a single number nothing is known of the score."""
    assert interval_of(np.full(10, np.nan), 0.95) == (0.0, 1.0)
