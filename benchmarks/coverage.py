"""How often the intervals of F1 hold the truth, in simulated worlds whose truth is known."""

import argparse
import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

from benchmarks.figures import Figure, Form, Subject, at_least
from benchmarks.records import line
from tests.unit.core.scoring.worlds import (
    LEVEL,
    Coverage,
    gap_coverage,
    label_coverage,
    label_gap_coverage,
    one_label,
    overall_coverage,
    photos,
    scenes,
)

SIMULATIONS, SHORT_SIMULATIONS = 1000, 100
SURE = 3.0
"""So many standard errors of a simulated share are left to chance."""
LOWEST = 0.92
"""What the worst of many scenarios is allowed: a gap whose test makes about three mistakes."""
Scenario = tuple[str, Callable[[int], Coverage]]


def labels_alone() -> Iterator[Scenario]:
    """Yield labels of few and many images, from bad to almost perfect ones."""
    for images, f1 in product((15, 30, 100, 300), (0.6, 0.75, 0.85, 0.9, 0.95, 0.98)):
        world = one_label(images, f1)
        yield world.told, partial(label_coverage, world)


def all_labels() -> Iterator[Scenario]:
    """Yield the mean over labels, of images with one label each."""
    kinds = product((2, 5, 10, 20), (True, False), (200, 500, 1000), (0.7, 0.85, 0.95))
    for labels, balanced, images, right in kinds:
        world = photos(images, labels, right, balanced=balanced)
        yield world.told, partial(overall_coverage, world)


def objects() -> Iterator[Scenario]:
    """Yield detection: the mean over labels, and labels alone."""
    kinds = ((60, 3, 6), (200, 3, 6), (1000, 3, 6), (200, 10, 6), (500, 10, 2), (200, 20, 10))
    for (images, labels, many), right in product(kinds, (0.7, 0.9, 0.97)):
        world = scenes(images, labels, right, many, alike=0.3)
        yield world.told, partial(overall_coverage, world)
        told = f"{world.told}: each label"
        yield told, partial(label_coverage, world)


def gaps() -> Iterator[Scenario]:
    """Yield holdout minus test, without a fall and with one."""
    sizes = ((100, 500), (200, 1000), (500, 500))
    for (test, holdout), labels, (before, after) in product(
        sizes, (3, 10), ((0.9, 0.9), (0.9, 0.8), (0.97, 0.95))
    ):
        sides = photos(test, labels, before), photos(holdout, labels, after)
        told = f"test {test}, holdout {holdout}, {labels} labels, {before} and {after} right"
        yield told, partial(gap_coverage, *sides)
        each = f"{told}: each label"
        yield each, partial(label_gap_coverage, *sides)
    sides = scenes(150, 4, 0.9, 6, alike=0.3), scenes(500, 4, 0.8, 6, alike=0.3)
    told = "test 150, holdout 500 of 6 objects, 4 labels, 0.9 and 0.8 found"
    yield told, partial(gap_coverage, *sides)


GROUPS = {
    "F1 of a label": labels_alone,
    "F1 over all labels": all_labels,
    "F1 of objects": objects,
    "holdout minus test": gaps,
}


def measure(form: Form) -> Iterator[Figure]:
    """Yield every seventh scenario with few sets of images, as it has no short form."""
    return figures(SHORT_SIMULATIONS, every=7)


def figures(simulations: int, every: int) -> Iterator[Figure]:
    """Yield how often each scenario's intervals hold, and each group's mean.

    Args:
        simulations: how many sets of images are drawn of each scenario.
        every: one scenario of so many is simulated.
    """
    for group, scenarios in GROUPS.items():
        found = []
        for told, simulate in list(scenarios())[::every]:
            found.append(simulate(simulations))
            width = f"{found[-1].width:.3f} wide"
            yield Figure(told, round(found[-1].covered, 3), "share", None, width)
        held = [coverage.covered for coverage in found]
        # each scenario's share is as uncertain as that of as many draws of one with the level
        doubt = SURE * math.sqrt(LEVEL * (1 - LEVEL) / simulations)
        spread = f"{len(held)} scenarios, {min(held):.3f} to {max(held):.3f}"
        mean, least = sum(held) / len(held), round(LEVEL - doubt / math.sqrt(len(held)), 3)
        yield Figure(
            f"{group}: 95 % intervals hold", round(mean, 3), "share", at_least(least), spread
        )
        floor = round(LOWEST - doubt, 3)
        yield Figure(f"{group}: the least of a scenario", min(held), "share", at_least(floor))


SUBJECT = Subject("coverage", measure)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    for figure in figures(parser.parse_args().simulations, every=1):
        print(line(figure), flush=True)
