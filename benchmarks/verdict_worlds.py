"""Worlds whose truth is known: test sets, holdouts and the answers of models drawn from them."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.changed_images import Contender
from rcl_flow.core.scoring.comparison import Comparison, compare
from rcl_flow.core.scoring.evaluation_rules import EvaluationRules
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.metrics import label_ratios, outcomes_of_flags
from rcl_flow.core.scoring.paired import PairedComparison, compare_paired
from rcl_flow.core.scoring.predictions import Prediction
from rcl_flow.core.training.evaluation import EvaluatedLabel, Evaluation, ImageOutcome
from tests.builders import image, outcome

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
