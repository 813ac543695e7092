"""How often verdicts are wrong, in simulations whose truth is known.

Each simulation draws a test set and a holdout, or two models on one holdout, and goes the public
way: an evaluation and answers into `compare`, or two sets of answers into `compare_paired`.
"""

import argparse
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.figures import Figure, Form, Goal, Subject, at_least, at_most
from benchmarks.records import line
from benchmarks.verdict_worlds import World, simulate, simulate_pair

SIMULATIONS, SHORT_SIMULATIONS = 500, 60
FALSE_SHARE = 0.05
"""What a confidence level of 0.95 allows."""
SURE = 3.0
"""So many standard errors of a simulated share are left to chance."""
FOUND = 0.8
"""In which share of simulations a fall or a better model that is there has to be found."""
ENOUGH_TEST_IMAGES = 300
"""With fewer test images a fall of this size cannot be told: it may not be excused, either."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What came out of the simulations of one world, as shares of them."""

    verdicts: Mapping[str, float]
    any_label: float
    """Simulations in which at least one label is called worse."""
    driver: float
    """Simulations in which the label that falls is named as the one that drives the fall."""
    gap: float
    """The mean gap, holdout minus test or second minus first."""
    simulations: int


def gap_rates(world: World, simulations: int) -> Rates:
    """Simulate test and holdout so often and count."""
    found = [simulate(world, seed) for seed in range(simulations)]
    labels = [any(each.gap and each.gap.verdict == "drops" for each in one.labels) for one in found]
    verdicts = Counter(one.gap.verdict for one in found)
    return Rates(
        verdicts={name: count / simulations for name, count in verdicts.items()},
        any_label=float(np.mean(labels)),
        driver=float(np.mean([one.gap.driver == world.names[0] for one in found])),
        gap=float(np.mean([one.gap.f1 for one in found])),
        simulations=simulations,
    )


def pair_rates(world: World, simulations: int, better: float = 0.0) -> Rates:
    """Simulate two models on one holdout so often and count."""
    found = [simulate_pair(world, seed, better) for seed in range(simulations)]
    verdicts = Counter(one.verdict for one in found)
    return Rates(
        verdicts={name: count / simulations for name, count in verdicts.items()},
        any_label=float(np.mean([bool(one.regressed_labels) for one in found])),
        driver=0.0,
        gap=float(np.mean([one.f1 for one in found])),
        simulations=simulations,
    )


GAP_WORLDS: Mapping[str, World] = {
    "no gap, thresholds known": World(tuned=False),
    "no gap, thresholds from the test": World(),
    "no gap, 300 test images": World(test_images=300),
    "no gap, uneven labels": World(uneven=True),
    "no gap, 3 labels": World(labels=3),
    "no gap, 20 labels, 800 test images": World(labels=20, test_images=800),
    "no gap, 30 labels, 60 test images": World(labels=30, test_images=60),
    "no gap, 10 labels, 30 test images": World(labels=10, test_images=30),
    "no gap, 40 test images": World(test_images=40),
    "no gap, 100 test images": World(test_images=100),
    "fall of 0.10, 300 test images": World(test_images=300, fall=0.1),
    "fall of 0.10, 800 test images": World(test_images=800, fall=0.1),
    "fall of 0.10, 40 test images": World(test_images=40, fall=0.1),
    "fall of 0.15, 40, thresholds known": World(test_images=40, fall=0.15, tuned=False),
    "fall of 0.10, 80, thresholds known": World(test_images=80, fall=0.1, tuned=False),
    "fall of 0.05 from one label, 800": World(test_images=800, fall=0.05, fallen_labels=1),
}
PAIR_WORLDS: Mapping[str, tuple[World, float]] = {
    "two alike models": (World(), 0.0),
    "two alike models, 200 images": (World(holdout_images=200), 0.0),
    "two alike models, uneven labels": (World(uneven=True), 0.0),
    "second model better": (World(), 0.4),
}


def measure(form: Form) -> Iterator[Figure]:
    """Yield few simulations of each world, as it has no short form."""
    return figures(SHORT_SIMULATIONS)


def figures(simulations: int) -> Iterator[Figure]:
    """Yield how often the verdicts on each world are wrong, or right where there is something."""
    for name, world in GAP_WORLDS.items():
        yield from _gap_figures(name, world, gap_rates(world, simulations))
    for name, (world, better) in PAIR_WORLDS.items():
        yield from _pair_figures(name, pair_rates(world, simulations, better), better)


def _gap_figures(name: str, world: World, rates: Rates) -> Iterator[Figure]:
    few = world.test_images < ENOUGH_TEST_IMAGES
    drops = rates.verdicts.get("drops", 0.0)
    goal = None if few else at_least(FOUND)
    if not world.fall:
        goal = _rarely(rates)
        yield Figure(f"{name}: a label drops", rates.any_label, "share", goal)
    yield Figure(f"{name}: drops", drops, "share", goal, _told(rates))
    if world.fall and few:
        excused = rates.verdicts.get("generalises", 0.0)
        yield Figure(f"{name}: generalises", excused, "share", _rarely(rates))
    if world.fallen_labels:
        yield Figure(f"{name}: its label named", rates.driver, "share", at_least(FOUND))


def _pair_figures(name: str, rates: Rates, better: float) -> Iterator[Figure]:
    called = rates.verdicts.get("better", 0.0) + rates.verdicts.get("worse", 0.0)
    told = _told(rates)
    if better:
        yield Figure(
            f"{name}: better", rates.verdicts.get("better", 0.0), "share", at_least(FOUND), told
        )
    else:
        yield Figure(f"{name}: better or worse", called, "share", _rarely(rates), told)
    yield Figure(f"{name}: a label regressed", rates.any_label, "share", _rarely(rates))


def _rarely(rates: Rates) -> Goal:
    """Return the goal of what may happen in 5 % of the cases, with room for the chance of draws."""
    error = math.sqrt(FALSE_SHARE * (1 - FALSE_SHARE) / rates.simulations)
    return at_most(round(FALSE_SHARE + SURE * error, 3))


def _told(rates: Rates) -> str:
    verdicts = [f"{verdict} {share:.1%}" for verdict, share in sorted(rates.verdicts.items())]
    return f"gap {rates.gap:+.3f}; {', '.join(verdicts)}; of {rates.simulations}"


SUBJECT = Subject("verdicts", measure)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    for figure in figures(parser.parse_args().simulations):
        print(line(figure), flush=True)
