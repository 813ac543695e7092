"""Tests of telling the chance of a training from the effect of its data."""

import numpy as np
import pytest

from rcl_flow.core.promotion.training_noise import median_of, noise_of
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.f1_change import f1_change_interval
from rcl_flow.core.scoring.metrics import Outcomes

RULES = EvaluationRules(resamples=300)
LABELS = ("bolt", "nut", "washer")
IMAGES = 240
SURE = 0.94
"""Where 95 percent are meant, of a few hundred tries at least so many."""


class World:
    """Images of different hardness, and trainings whose skill varies by chance.

    The F1 of a training is, for images of one label each whose mistakes are misses without false
    alarms, 2r / (1 + r) of the recall r, so the mean over trainings and images is known.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw the images of one holdout."""
        self.rng = rng
        self.label = np.arange(IMAGES) % len(LABELS)
        self.hardness = rng.uniform(size=IMAGES)

    def train(self, recall: float, chance: float) -> Outcomes:
        """Return what a training has right; its recall on all images there are is about `recall`.

        An image is found when it is easier than the training's skill, with a few surprises.
        """
        skill = recall + chance * self.rng.standard_normal()
        surprise = self.rng.uniform(size=IMAGES) < 0.1
        found = np.where(surprise, self.rng.uniform(size=IMAGES), self.hardness) < skill
        truth = np.eye(len(LABELS), dtype=np.int64)[self.label]
        return Outcomes(LABELS, truth, truth * found[:, None], np.zeros_like(truth))


def f1_of(recall: float, chance: float) -> float:
    """Return the mean F1 over trainings by drawing many."""
    skills = recall + chance * np.random.default_rng(5).standard_normal(200_000)
    skills = np.clip(skills, 0, 1)
    return float((2 * skills / (1 + skills)).mean())


def coverage(new: int, old: int, chance: float, tries: int = 160) -> float:
    """Return how often the interval holds the true effect of the data."""
    true = f1_of(0.8, chance) - f1_of(0.74, chance)
    held = 0
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        world = World(rng)
        olds = [world.train(0.74, chance) for _ in range(old)]
        news = [world.train(0.8, chance) for _ in range(new)]
        noise = noise_of(news, olds, RULES, rng)
        assert noise.interval is not None
        held += noise.interval[0] <= true <= noise.interval[1]
    return held / tries


@pytest.mark.parametrize(("new", "old", "chance"), [(3, 1, 0.03), (3, 3, 0.03), (2, 1, 0.0)])
def test_interval_holds_the_datas_effect_as_often_as_it_says(
    new: int, old: int, chance: float
) -> None:
    """With few trainings, with more, and where training is no chance at all."""
    assert coverage(new, old, chance) >= SURE - 0.03


@pytest.mark.slow
@pytest.mark.parametrize("chance", [0.0, 0.01, 0.03, 0.06])
@pytest.mark.parametrize(("new", "old"), [(2, 1), (3, 1), (3, 3), (5, 1), (5, 5)])
def test_interval_holds_the_datas_effect_in_many_worlds(new: int, old: int, chance: float) -> None:
    """So it is for every number of trainings and every size of their chance."""
    assert coverage(new, old, chance, tries=600) >= SURE - 0.015


def test_one_training_alone_would_claim_too_much() -> None:
    """The paired interval of two models says nothing of the data: training is no chance to it."""
    true = f1_of(0.8, 0.06) - f1_of(0.74, 0.06)
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        world = World(rng)
        old, new = world.train(0.74, 0.06), world.train(0.8, 0.06)
        low, high = f1_change_interval(old, new, confidence_level=0.95, resamples=300, rng=rng)
        held += low <= true <= high
    assert held < 75


def test_effect_of_much_better_data_is_no_chance() -> None:
    """Three trainings that are all far better than the champion's tell so."""
    world = World(np.random.default_rng(1))
    olds = [world.train(0.4, 0.01) for _ in range(2)]
    noise = noise_of([world.train(0.8, 0.01) for _ in range(3)], olds, RULES, world.rng)
    assert noise.is_data
    assert noise.change == pytest.approx(np.mean(noise.f1) - np.mean(noise.champion_f1))
    assert noise.repeats == 3


def test_with_one_training_of_each_nothing_is_known_of_chance() -> None:
    """There is a change, and neither a spread nor an interval that would pretend to know."""
    world = World(np.random.default_rng(1))
    noise = noise_of([world.train(0.8, 0.03)], [world.train(0.7, 0.03)], RULES, world.rng)
    assert (noise.spread, noise.interval, noise.is_data) == (None, None, None)
    assert noise.change is not None


def test_without_champion_only_the_spread_is_known() -> None:
    """The first trainings have nothing to be compared with."""
    world = World(np.random.default_rng(1))
    noise = noise_of([world.train(0.8, 0.03) for _ in range(3)], [], RULES, world.rng)
    assert noise.spread == pytest.approx(np.std(noise.f1, ddof=1))
    assert (noise.change, noise.interval, noise.champion_f1) == (None, None, ())


@pytest.mark.parametrize(
    ("f1", "place"),
    [((0.9, 0.7, 0.8), 2), ((0.9, 0.8), 1), ((0.5,), 0), ((0.6, 0.6, 0.6), 1)],
)
def test_the_median_is_put_forward(f1: tuple[float, ...], place: int) -> None:
    """Neither the best nor the worst; of two the lower, since the higher is the best."""
    assert median_of(f1) == place
