"""A short form of the simulations of benchmarks/verdicts.py: how often verdicts are wrong.

The bounds leave room for chance: with a true rate of 5 %, more than 8 of 60 are once in 300.
"""

import pytest

from benchmarks.verdict_worlds import World
from benchmarks.verdicts import gap_rates, pair_rates

SIMULATIONS = 60
MOST_FALSE = 8 / SIMULATIONS


def test_thresholds_from_the_test_are_no_drop() -> None:
    """Without a gap, the score that the service's own choice flatters is not called a drop."""
    rates = gap_rates(World(test_images=300), SIMULATIONS)
    assert rates.gap < -0.02
    assert rates.verdicts.get("drops", 0) <= MOST_FALSE
    assert rates.any_label <= MOST_FALSE
    assert rates.verdicts["generalises"] > 0.5


@pytest.mark.parametrize("world", [World(labels=20, test_images=40), World(test_images=40)])
def test_few_test_images_a_label_make_no_drop(world: World) -> None:
    """Two or five test images a label flatter the test far more than is known of them."""
    rates = gap_rates(world, SIMULATIONS // 3)
    assert rates.gap < -0.1
    assert rates.verdicts.get("drops", 0) <= MOST_FALSE
    assert rates.any_label <= MOST_FALSE


def test_small_test_set_does_not_excuse_a_real_fall() -> None:
    """A fall of 0.15 beside 40 test images is never called harmless, flattered or not."""
    for tuned in (True, False):
        rates = gap_rates(World(test_images=40, fall=0.15, tuned=tuned), SIMULATIONS // 6)
        assert "generalises" not in rates.verdicts


def test_fall_of_ten_points_is_found() -> None:
    """A planted fall of 0.10 on 800 holdout and 300 test images is a drop."""
    rates = gap_rates(World(test_images=300, fall=0.1), SIMULATIONS)
    assert rates.verdicts["drops"] >= 0.9


@pytest.mark.slow
def test_label_that_falls_is_named() -> None:
    """The one label that takes the whole fall is the driver."""
    world = World(test_images=800, fall=0.08, fallen_labels=1)
    assert gap_rates(world, SIMULATIONS // 2).driver >= 0.9


@pytest.mark.parametrize(("better", "least"), [(0.0, 0.0), (0.5, 0.9)])
@pytest.mark.slow
def test_two_models_are_called_unlike_only_when_they_are(better: float, least: float) -> None:
    """Alike models are rarely called better or worse, and a better one nearly always."""
    rates = pair_rates(World(), SIMULATIONS // 2, better)
    found = rates.verdicts.get("better", 0) + rates.verdicts.get("worse", 0)
    assert found >= least
    assert better or found <= MOST_FALSE
