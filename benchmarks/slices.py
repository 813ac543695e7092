"""How often a planted slice is named first, and how often one is named that is not there.

`python -m benchmarks.slices --simulations N` runs it alone, on more holdouts than `make bench`.
"""

import argparse
import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from benchmarks.figures import (
    NEARLY_LINEAR,
    Figure,
    Form,
    Goal,
    Subject,
    at_least,
    at_most,
    growth,
)
from benchmarks.measuring import cpu_seconds
from benchmarks.records import line
from rcl_flow.core.audit.factors import FACTORS
from rcl_flow.core.scoring.gap_reasons import GapReasons, find_reasons
from rcl_flow.core.scoring.metrics import Outcomes
from rcl_flow.core.scoring.slice_candidates import factor_dimensions, metadata_dimensions
from rcl_flow.core.scoring.slice_questions import ask
from rcl_flow.core.scoring.slices import find_slices
from tests.builders import image
from tests.unit.core.scoring.judged_scenes import (
    CONFOUNDED,
    DARK,
    DARK_LABEL,
    HOLDOUT,
    LABELS,
    NONE,
    RULES,
    SEVERAL,
    SHIFTED,
    UNSHIFTED,
    Scene,
    photographs,
    simulate,
)

SIMULATIONS = 40
SIZES = (1_000, 25_000, 250_000)
FALSE_SHARE = 0.05
"""In which share of holdouts without a slice one may be named."""
SURE = 3.0
"""So many standard errors of a simulated share are left to chance."""
FOUND = 0.7
"""In which share of holdouts a slice that was planted has to be named first."""
Seen = Callable[[GapReasons], bool]


def shares(scene: Scene, simulations: int, seen: Mapping[str, Seen]) -> dict[str, float]:
    """Return in which share of simulations each thing is seen."""
    every = [find_reasons(simulate(scene, seed), RULES) for seed in range(simulations)]
    return {what: sum(map(sees, every)) / simulations for what, sees in seen.items()}


def names_dark_first(reasons: GapReasons) -> bool:
    """Say whether the first slice is one of low brightness."""
    return bool(reasons.slices) and "darkest" in reasons.slices[0].told


def names_any(reasons: GapReasons) -> bool:
    """Say whether any slice is named."""
    return bool(reasons.slices)


def names_two(reasons: GapReasons) -> bool:
    """Say whether more than one slice is named."""
    return len(reasons.slices) > 1


def blames_the_test(reasons: GapReasons) -> bool:
    """Say whether the darkness of the holdout is told as what the test set lacks."""
    return any(
        each.startswith("The test data do not reflect production: the holdout is darker")
        for each in reasons.sentences
    )


SECOND = "a second one named"
NAMED: dict[str, Seen] = {"named first": names_dark_first, SECOND: names_two}
FALSE: dict[str, Seen] = {"any named": names_any}
BLAMED: dict[str, Seen] = {"test set blamed": blames_the_test}
LOOKED_FOR = (
    (DARK, NAMED),
    (DARK_LABEL, NAMED),
    (NONE, FALSE),
    (CONFOUNDED, FALSE),
    (SEVERAL, FALSE),
    (SHIFTED, BLAMED),
    (UNSHIFTED, BLAMED),
)


def measure(form: Form) -> Iterator[Figure]:
    """Yield few simulations of each scene, and what a search costs; it has no short form."""
    yield from figures(SIMULATIONS)
    yield from _speed()


def figures(simulations: int) -> Iterator[Figure]:
    """Yield how often each scene is told rightly."""
    told = f"{simulations} holdouts of {HOLDOUT} images and {LABELS} labels"
    for scene, seen in LOOKED_FOR:
        for what, rate in shares(scene, simulations, seen).items():
            goal = _goal(scene, what, simulations)
            yield Figure(f"{scene.name}: {what}", rate, "share", goal, told)
    what, rate = "no slice, objects missed together: any named", objects_told(simulations)
    yield Figure(what, rate, "share", _rarely(simulations), told)


def _goal(scene: Scene, what: str, simulations: int) -> Goal:
    if what in FALSE or what == SECOND or scene is UNSHIFTED:
        return _rarely(simulations)
    return at_least(FOUND)


def _rarely(simulations: int) -> Goal:
    """Return the goal of what may happen in 5 % of the cases, with room for the chance of draws."""
    error = math.sqrt(FALSE_SHARE * (1 - FALSE_SHARE) / simulations)
    return at_most(round(FALSE_SHARE + SURE * error, 3))


def objects_told(simulations: int) -> float:
    """Return how often a slice is named of objects that are missed together, image by image."""
    told = 0
    for seed in range(simulations):
        rng = np.random.default_rng(seed)
        light = rng.beta(4, 4, HOLDOUT)
        seen = photographs(light, rng)
        pictures = [image(f"{row}", "label 0") for row in range(HOLDOUT)]
        truth = rng.poisson(1 + 2 * light[:, None], (HOLDOUT, 3))
        missed = rng.binomial(truth, rng.beta(0.5, 4, (HOLDOUT, 1)))
        alarms = rng.poisson(rng.gamma(0.3, 0.3, (HOLDOUT, 1)), (HOLDOUT, 3))
        asked = ask(Outcomes(("a", "b", "c"), truth, truth - missed, alarms), "detection")
        columns = {f.name: np.array([*map(f.value, pictures, seen)]) for f in FACTORS}
        parts = [*factor_dimensions(columns), *metadata_dimensions(pictures, seen)]
        told += bool(find_slices(parts, asked, RULES).found)
    return told / simulations


def _speed() -> Iterator[Figure]:
    """Yield what one search costs, with all images measured."""
    costs = []
    for images in SIZES:
        material = simulate(Scene(images=images, labels=8, bad=0.08), 0)
        material.labels_answered  # noqa: B018  # shared with all other analyses
        costs.append(cpu_seconds(lambda: find_reasons(material, RULES)))  # noqa: B023  # run at once
    yield growth("one search for slices: CPU", SIZES, costs, NEARLY_LINEAR)


SUBJECT = Subject("slices", measure)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=500)
    for figure in figures(parser.parse_args().simulations):
        print(line(figure), flush=True)
