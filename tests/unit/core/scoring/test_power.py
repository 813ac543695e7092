"""Tests of what a holdout of some size can tell, against simulated holdouts."""

from math import comb

import numpy as np
import pytest
from pydantic import ValidationError

from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.intervals import interval_of, resample_f1
from rcl_flow.core.scoring.metrics import outcomes_of_flags
from rcl_flow.core.scoring.power import (
    Expected,
    holdout_power,
    images_needed,
)
from rcl_flow.core.scoring.verdict import judge_gap
from tests.unit.core.scoring.worlds import label_coverage, overall_coverage, photos

RULES = EvaluationRules()


def share_of_verdict(verdict: str, fall: float, images: int, test_images: int) -> float:
    """Return how often simulated gaps of three labels get a verdict."""
    told = 0
    before, after = (
        photos(size, 3, right, uneven=0.0)
        for size, right in ((test_images, 0.85), (images, 0.85 - fall))
    )
    for seed in range(400):
        rng = np.random.default_rng(seed)
        test, holdout = (
            resample_f1(world.draw(rng), judged=np.ones(3, bool), resamples=400, rng=rng).overall
            for world in (before, after)
        )
        told += judge_gap(interval_of(holdout - test, RULES.confidence_level), RULES) == verdict
    return told / 400


@pytest.mark.parametrize(("images", "half_width"), [(500, 0.0313), (1000, 0.0221)])
def test_power_gives_the_usual_width_of_a_share(images: int, half_width: float) -> None:
    """Images of one label each: F1 of 0.85 over balanced labels varies as a share of 0.85."""
    assert holdout_power(images, Expected(labels=4)).half_width == pytest.approx(
        half_width, abs=5e-5
    )


@pytest.mark.parametrize("labels", [2, 10])
def test_power_knows_the_width_that_intervals_get(labels: int) -> None:
    """Over all labels and for each of them, within a twentieth of the simulated one."""
    world = photos(800, labels, 0.85, uneven=0.0)
    power = holdout_power(800, Expected(labels=labels, f1=float(world.truth.mean())))
    assert power.half_width == pytest.approx(overall_coverage(world, 40).width / 2, rel=0.05)
    assert power.labels[0].images == pytest.approx(800 / labels)
    assert power.labels[0].half_width == pytest.approx(label_coverage(world, 40).width / 2, rel=0.1)


def test_power_of_unbalanced_labels_is_less() -> None:
    """A label of few images has a wide interval, and widens that of the mean."""
    world = photos(1000, 5, 0.85, balanced=False, uneven=0.0)
    shares = tuple(1 / np.arange(1.0, 6) / (1 / np.arange(1.0, 6)).sum())
    expected = Expected(labels=5, shares=shares, f1=float(world.truth.mean()))
    power = holdout_power(1000, expected)
    assert power.half_width > holdout_power(1000, Expected(labels=5, f1=expected.f1)).half_width
    assert power.half_width == pytest.approx(overall_coverage(world, 40).width / 2, rel=0.08)
    assert power.labels[4].half_width > 2 * power.labels[0].half_width


@pytest.mark.parametrize(("images", "test_images"), [(500, 500), (1000, 150)])
def test_power_finds_the_detectable_fall_as_often_as_it_says(images: int, test_images: int) -> None:
    """Of simulated falls of that size, about four in five are called `drops`."""
    fall = holdout_power(images, Expected(labels=3), test_images).detectable_fall
    assert fall is not None
    assert share_of_verdict("drops", fall, images, test_images) == pytest.approx(0.8, abs=0.05)


def test_power_tells_how_often_a_model_without_fall_generalises() -> None:
    """Simulated gaps of nothing are called so about as often."""
    power = holdout_power(700, Expected(labels=3))
    simulated = share_of_verdict("generalises", 0.0, 700, 700)
    assert power.generalises_chance == pytest.approx(simulated, abs=0.05)


@pytest.mark.parametrize("images", [300, 1000])
def test_power_finds_the_detectable_difference_as_often_as_it_says(images: int) -> None:
    """The exact McNemar test of simulated pairs finds it a little less than four times in five."""
    difference = holdout_power(images, Expected()).detectable_difference
    assert difference is not None
    rng = np.random.default_rng(1)
    better, worse = (0.1 + difference) / 2, (0.1 - difference) / 2
    found = 0
    for fixed, broken, _ in rng.multinomial(images, [better, worse, 0.9], size=1000):
        together, least = int(fixed + broken), int(min(fixed, broken))
        tail = sum(comb(together, k) for k in range(least + 1)) / 2**together
        found += 2 * tail <= 0.05
    assert 0.74 <= found / 1000 <= 0.83


def test_power_of_one_image_finds_nothing() -> None:
    """No fall and no difference is so large that one image shows it."""
    power = holdout_power(1, Expected())
    assert (power.detectable_fall, power.detectable_difference) == (None, None)
    assert power.half_width > 0.4
    assert power.too_few


@pytest.mark.parametrize(
    ("images", "labels", "test_images", "too_few"),
    [(10, 2, 10, False), (9, 2, 500, True), (500, 2, 9, True), (59, 20, 60, True)],
)
def test_power_says_when_images_are_too_few_for_it(
    images: int, labels: int, test_images: int, *, too_few: bool
) -> None:
    """Fewer than ten on either side, or than three of a label."""
    assert holdout_power(images, Expected(labels=labels), test_images).too_few is too_few


def test_power_at_the_edge_is_that_of_the_products_own_intervals() -> None:
    """Of an F1 of nearly 1, two images do not tell as much as they seem to."""
    assert holdout_power(2, Expected(labels=1, f1=0.999)).half_width > 0.2
    right = np.ones((20, 1), dtype=np.bool_)
    drawn = resample_f1(
        outcomes_of_flags(("a",), right, right),
        judged=right[0],
        resamples=2000,
        rng=np.random.default_rng(0),
    )
    low, high = interval_of(drawn.overall, RULES.confidence_level)
    told = holdout_power(20, Expected(labels=1, f1=0.999)).half_width
    assert told == pytest.approx((high - low) / 2, rel=0.5)


def test_images_needed_are_never_too_few_to_reckon_with() -> None:
    """However wide the interval may be, there are ten images, and three of each label."""
    for labels, least in ((1, 10), (40, 120)):
        needed = images_needed(Expected(labels=labels, f1=0.999), half_width=0.4, gap=0.9)
        assert needed.half_width == least
    assert images_needed(Expected(labels=10_000), half_width=0.4, gap=0.9).half_width == 30_000


def test_images_needed_are_just_enough() -> None:
    """One image fewer is too few, for the width and for the gap."""
    expected = Expected(labels=3)
    needed = images_needed(expected, half_width=0.03, gap=0.05)
    assert needed.half_width is not None
    assert needed.gap is not None
    for images, is_enough in ((needed.half_width, True), (needed.half_width - 1, False)):
        assert (holdout_power(images, expected).half_width <= 0.03) is is_enough
    for images, is_enough in ((needed.gap, True), (needed.gap - 1, False)):
        fall = holdout_power(images, expected).detectable_fall
        assert (fall is not None and fall <= 0.05) is is_enough


def test_images_needed_cannot_make_up_for_a_small_test_set() -> None:
    """Beside 100 test images no holdout finds a fall of 0.05; beside 5,000 some hundreds do."""
    expected = Expected(labels=3)
    assert images_needed(expected, half_width=0.03, gap=0.05, test_images=100).gap is None
    enough = images_needed(expected, half_width=0.03, gap=0.05, test_images=5000).gap
    assert enough is not None
    assert 300 < enough < 906


def test_images_needed_looks_for_falls_within_the_margin_too() -> None:
    """A margin above the wanted gap is lowered to it."""
    wide, narrow = (
        images_needed(Expected(margin=margin), half_width=0.03, gap=0.03) for margin in (0.05, 0.03)
    )
    assert wide == narrow
    assert wide.gap is not None


@pytest.mark.parametrize(
    "wrong", [{"labels": 2, "shares": (1.0,)}, {"labels": 2, "shares": (0.5, 0.6)}, {"f1": 1.0}]
)
def test_expected_is_refused_when_it_cannot_be(wrong: dict[str, object]) -> None:
    """There is one share a label, they add up to 1, and F1 is between 0 and 1."""
    with pytest.raises(ValidationError):
        Expected.model_validate(wrong)
