"""How often verdicts are wrong, in simulations whose truth is known.

Each simulation draws a test set and a holdout, or two models on one holdout, and goes the public
way: an evaluation and answers into `compare`, or two sets of answers into `compare_paired`.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.evaluation import EvaluatedLabel, Evaluation, ImageOutcome
from rcl_flow.core.predictions import Prediction
from rcl_flow.core.scoring.changed_images import Contender
from rcl_flow.core.scoring.comparison import Comparison, compare
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.metrics import label_ratios, outcomes_of_flags
from rcl_flow.core.scoring.paired import PairedComparison, compare_paired
from rcl_flow.core.scoring.verdict import EvaluationRules
from tests.builders import image, outcome

SIMULATIONS = 500
RULES = EvaluationRules(resamples=500)
PAIR_RULES = EvaluationRules()
SHARPNESS = 3.0
"""By how much the scores of a label's own images lie above the others', in standard deviations."""
MANY = 40_000
"""Images from which the truth of a world is read."""

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]
Thresholds = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class World:
    """Where images come from, what a model makes of them, and how thresholds were chosen."""

    labels: int = 8
    test_images: int = 400
    holdout_images: int = 800
    fall: float = 0.0
    """How much lower the true mean F1 is on the holdout."""
    fallen_labels: int = 0
    """Over how many labels the fall is spread; 0 for all."""
    tuned: bool = True
    """Thresholds are the best on the test set itself, as the service's are; else the true best."""
    uneven: bool = False
    """The first label has ten times the images of the last."""

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(f"label {number}" for number in range(self.labels))


@dataclass(frozen=True, slots=True)
class Drawn:
    """Images of one label each, with a model's confidence in every label, 0 to 1."""

    truth: Flags
    scores: Scores


def draw(world: World, images: int, sharpness: Scores, rng: np.random.Generator) -> Drawn:
    """Draw images; `sharpness` has one value a label."""
    weights = np.geomspace(10, 1, world.labels) if world.uneven else np.ones(world.labels)
    shown = rng.choice(world.labels, images, p=weights / weights.sum())
    truth = np.eye(world.labels, dtype=bool)[shown]
    raw = rng.normal(size=truth.shape) + truth * sharpness
    return Drawn(truth, confidences(raw))


def confidences(raw: Scores) -> Scores:
    """Return scores as confidences, 0 to 1, as finely as the service gives them."""
    return np.asarray(np.round(1 / (1 + np.exp(SHARPNESS / 2 - raw)), 6))


def best_thresholds(drawn: Drawn) -> Thresholds:
    """Return each label's threshold of the best F1 on these images; 0.5 where it has none."""
    chosen = np.full(drawn.truth.shape[1], 0.5)
    for label, (truth, scores) in enumerate(zip(drawn.truth.T, drawn.scores.T, strict=True)):
        order = np.argsort(-scores)
        hits = np.cumsum(truth[order])
        f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
        if truth.any():
            chosen[label] = scores[order[int(np.argmax(f1))]]
    return chosen


def scored(drawn: Drawn, thresholds: Thresholds) -> Scores:
    """Return the F1 of each label."""
    names = tuple(map(str, range(len(thresholds))))
    outcomes = outcomes_of_flags(names, drawn.truth, drawn.scores >= thresholds)
    return label_ratios(outcomes).f1


@cache
def true_thresholds(world: World) -> tuple[float, ...]:
    """Return the thresholds that are the best on endlessly many images."""
    even = np.full(world.labels, SHARPNESS)
    return tuple(best_thresholds(draw(world, MANY, even, np.random.default_rng(1))))


@cache
def holdout_sharpness(world: World) -> tuple[float, ...]:
    """Return the sharpness of each label on the holdout that gives the wanted fall."""
    fallen = np.arange(world.labels) < (world.fallen_labels or world.labels)
    thresholds = np.array(true_thresholds(world))

    def mean_f1(less: float) -> float:
        sharpness = np.asarray(SHARPNESS - less * fallen, dtype=np.float64)
        drawn = draw(world, MANY, sharpness, np.random.default_rng(2))
        return float(scored(drawn, thresholds).mean())

    before, low, high = mean_f1(0.0), 0.0, SHARPNESS
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if before - mean_f1(middle) < world.fall else (low, middle)
    return tuple(SHARPNESS - high * fallen) if world.fall else (SHARPNESS,) * world.labels


def evaluated(world: World, drawn: Drawn, thresholds: Thresholds) -> Evaluation:
    """Return what the service would write about its test set."""
    names = world.names
    predicted = drawn.scores >= thresholds
    ratios = label_ratios(outcomes_of_flags(names, drawn.truth, predicted))
    figures = {name: getattr(ratios, name) for name in ("precision", "recall", "f1")}
    return Evaluation(
        **{name: float(values.mean()) for name, values in figures.items()},
        images=len(drawn.truth),
        training_images=1000,
        labels=tuple(
            EvaluatedLabel(
                label=label,
                images=int(drawn.truth[:, index].sum()),
                assumed_threshold=float(thresholds[index]),
                **{name: float(values[index]) for name, values in figures.items()},
            )
            for index, label in enumerate(names)
        ),
        outcomes=tuple(_outcomes(names, drawn.truth, predicted)),
    )


def _outcomes(names: tuple[str, ...], truth: Flags, predicted: Flags) -> list[ImageOutcome]:
    rows = zip(truth.tolist(), predicted.tolist(), strict=True)
    return [
        outcome(
            f"s3://b/{number}",
            [name for name, shown in zip(names, true, strict=True) if shown],
            [name for name, said in zip(names, found, strict=True) if said],
        )
        for number, (true, found) in enumerate(rows)
    ]


def answered(names: tuple[str, ...], drawn: Drawn) -> Judged:
    """Return the images and a model's answers as a run has them."""
    images = tuple(
        image(str(row), names[shown]) for row, shown in enumerate(drawn.truth.argmax(axis=1))
    )
    answers = {
        each.sha256: Prediction.model_construct(
            sha256=each.sha256,
            confidences_percent=dict(zip(names, said, strict=True)),
            boxes=(),
        )
        for each, said in zip(images, (drawn.scores * 100).tolist(), strict=True)
    }
    return Judged(images, answers)


def simulate(world: World, seed: int) -> Comparison:
    """Draw test set and holdout and compare them."""
    rng = np.random.default_rng(seed)
    on_test = draw(world, world.test_images, np.full(world.labels, SHARPNESS), rng)
    thresholds = best_thresholds(on_test) if world.tuned else np.array(true_thresholds(world))
    sharpness = np.array(holdout_sharpness(world), dtype=np.float64)
    on_holdout = draw(world, world.holdout_images, sharpness, rng)
    evaluation = evaluated(world, on_test, thresholds)
    return compare(evaluation, answered(world.names, on_holdout), RULES, rng)


def simulate_pair(world: World, seed: int, better: float = 0.0) -> PairedComparison:
    """Draw one holdout and the answers of two models, and compare them.

    The models share half of the variance of their scores, as models of one service do.

    Args:
        world: labels and number of images; its thresholds are the true best.
        seed: of everything.
        better: by how much the second model's sharpness is larger.
    """
    rng = np.random.default_rng(seed)
    base = draw(world, world.holdout_images, np.full(world.labels, SHARPNESS), rng)
    thresholds = dict(zip(world.names, true_thresholds(world), strict=True))
    shared = rng.normal(size=base.truth.shape)
    contenders = []
    for sharpness in (SHARPNESS, SHARPNESS + better):
        own = rng.normal(size=base.truth.shape)
        raw = (shared + own) / np.sqrt(2) + base.truth * sharpness
        answers = answered(world.names, Drawn(base.truth, confidences(raw)))
        contenders.append(Contender(answers, thresholds))
    return compare_paired(contenders[0], contenders[1], PAIR_RULES, rng)


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


def bench_verdicts(simulations: int = SIMULATIONS) -> None:
    """Print the verdicts of every world."""
    print(f"verdicts on the gap, {simulations} simulations each, 800 holdout images")
    for name, world in GAP_WORLDS.items():
        _show(name, gap_rates(world, simulations), named=bool(world.fallen_labels))
    print(f"verdicts on two models, {simulations} simulations each")
    for name, (world, better) in PAIR_WORLDS.items():
        _show(name, pair_rates(world, simulations, better))


def _show(name: str, rates: Rates, *, named: bool = False) -> None:
    told = ", ".join(f"{verdict} {share:.1%}" for verdict, share in sorted(rates.verdicts.items()))
    driver = f", driver named {rates.driver:.1%}" if named else ""
    print(f"{name:<36} gap {rates.gap:+.3f}  {told}; a label {rates.any_label:.1%}{driver}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    bench_verdicts(parser.parse_args().simulations)
