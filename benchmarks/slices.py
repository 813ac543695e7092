"""How often a planted slice is named first, and how often one is named that is not there.

`python -m benchmarks.slices --simulations N` runs it alone, on more holdouts than `make bench`.
"""

import argparse
import time
from collections.abc import Callable, Mapping

import numpy as np

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


NAMED: dict[str, Seen] = {"named first": names_dark_first, "a second one named": names_two}
FALSE: dict[str, Seen] = {"any named (5 % at most)": names_any}
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


def bench_slices(simulations: int = SIMULATIONS) -> None:
    """Print how often each scene is told rightly, and how long one search takes."""
    print(f"slices: {simulations} simulations of {HOLDOUT} images and {LABELS} labels each")
    for scene, seen in LOOKED_FOR:
        for what, rate in shares(scene, simulations, seen).items():
            print(f"{f'{scene.name}: {what}':<66} {rate:8.1%}", flush=True)
    what = "no slice, objects missed together: any named (5 % at most)"
    print(f"{what:<66} {objects_told(simulations):8.1%}")
    bench_speed()


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


def bench_speed() -> None:
    """Print how long one search takes, with all images measured."""
    for images, labels in ((1000, 10), (250_000, 8)):
        material = simulate(Scene(images=images, labels=labels, bad=0.08), 0)
        material.labels_answered  # noqa: B018  # shared with all other analyses
        started = time.perf_counter()
        reasons = find_reasons(material, RULES)
        spent = time.perf_counter() - started
        what = f"{images:,} images, {labels} labels, {reasons.looked_at:,} slices looked at"
        print(f"{what:<66} {spent:8.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=500)
    bench_slices(parser.parse_args().simulations)
