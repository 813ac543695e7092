"""Worlds whose true F1 is known, from which sets of judged images are drawn."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.scoring.intervals import F1Samples, interval_of, mean_over, resample_f1
from rcl_flow.core.scoring.metrics import Outcomes

LEVEL = 0.95
RESAMPLES = 1000
_MANY = 400_000

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """A model and the images that it meets."""

    told: str
    truth: Numbers
    """Each label's F1 over endlessly many images."""
    draw: Callable[[np.random.Generator], Outcomes]


@dataclass(frozen=True)
class Coverage:
    """How often intervals hold the truth, and how wide they are on average."""

    covered: float
    width: float


def one_label(images: int, f1: float) -> World:
    """Return a label that so many images have, with as many misses as false alarms on average."""

    def draw(rng: np.random.Generator) -> Outcomes:
        strays = int(rng.poisson(images * (1 - f1)))
        truth = np.repeat([1, 0], [images, strays])[:, None]
        hits = truth * (rng.random((images + strays, 1)) < f1)
        return Outcomes(("a",), truth, hits, 1 - truth)

    return World(f"{images} images of the label, F1 {f1}", np.array([f1]), draw)


def photos(
    images: int, labels: int, right: float, *, balanced: bool = True, uneven: float = 0.4
) -> World:
    """Return images of one label each, of which about the share `right` is judged rightly.

    Args:
        images: how many are drawn.
        labels: how many there are.
        right: of images of all labels together.
        balanced: whether the labels are equally frequent.
        uneven: how much harder some labels are than others; 0 for not at all.
    """
    rng = np.random.default_rng([images, labels])
    shares = np.ones(labels) if balanced else 1 / np.arange(1.0, labels + 1)
    shares = shares / shares.sum()
    recall = np.clip(right + (1 - right) * uneven * rng.standard_normal(labels), 0.3, 0.995)
    mixed_up = rng.random((labels, labels)) * (1 - np.eye(labels))
    mixed_up /= mixed_up.sum(axis=1, keepdims=True)
    hits, misses = shares * recall, shares * (1 - recall)

    def draw(rng: np.random.Generator) -> Outcomes:
        shown = rng.choice(labels, size=images, p=shares)
        others = (rng.random((images, 1)) > mixed_up.cumsum(axis=1)[shown]).sum(axis=1)
        said = np.where(rng.random(images) < recall[shown], shown, np.minimum(others, labels - 1))
        each = np.eye(labels, dtype=np.int64)
        return _outcomes(each[shown], each[shown] * each[said], (1 - each[shown]) * each[said])

    kind = "balanced" if balanced else "unbalanced"
    told = f"{images} images, {labels} {kind} labels, {right} right"
    return World(told, 2 * hits / (2 * hits + misses + misses @ mixed_up), draw)


def scenes(images: int, labels: int, right: float, objects: float, *, alike: float) -> World:
    """Return images of several objects, whose fate is alike within an image.

    Args:
        images: how many are drawn.
        labels: equally frequent ones.
        right: the share of objects that are found.
        objects: how many an image has on average, of all labels.
        alike: the correlation of objects of one image, above 0 and below 1.
    """
    recall = np.clip(right + (1 - right) * 0.4 * np.linspace(-1, 1, labels), 0, 0.995)

    def draw(rng: np.random.Generator, images: int = images) -> Outcomes:
        truth = rng.poisson(objects / labels, size=(images, labels))
        sure = (1 - alike) / alike
        of_label = rng.beta(recall * sure, (1 - recall) * sure, size=(images, labels))
        of_image = rng.beta(right * sure, (1 - right) * sure, size=(images, 1))
        chance = (of_label + of_image) / 2
        strays = rng.poisson((1 - chance) * 0.7 * objects / labels)
        return _outcomes(truth, rng.binomial(truth, chance), strays)

    many = draw(np.random.default_rng(0), _MANY)
    hits, strays, misses = (
        counts.sum(axis=0) for counts in (many.hits, many.false_alarms, many.misses)
    )
    told = f"{images} images of {objects:g} objects, {labels} labels, {right} found"
    return World(told, 2 * hits / (2 * hits + strays + misses), draw)


def _outcomes(
    truth: NDArray[np.int64], hits: NDArray[np.int64], false_alarms: NDArray[np.int64]
) -> Outcomes:
    labels = tuple(f"label {number}" for number in range(truth.shape[1]))
    return Outcomes(labels, truth, hits, false_alarms)


def overall_coverage(world: World, simulations: int) -> Coverage:
    """Return how often the interval over all labels holds the mean of those that were drawn."""
    return _coverage(world, simulations, _overall)


def label_coverage(world: World, simulations: int) -> Coverage:
    """Return how often the labels' own intervals hold, over all labels together."""
    return _coverage(world, simulations, _labels)


def gap_coverage(test: World, holdout: World, simulations: int) -> Coverage:
    """Return how often the interval of holdout minus test holds the true difference."""
    return _gap_coverage(test, holdout, simulations, _gap_overall)


def label_gap_coverage(test: World, holdout: World, simulations: int) -> Coverage:
    """Return how often the labels' own intervals of holdout minus test hold."""
    return _gap_coverage(test, holdout, simulations, _gaps_of_labels)


Interval = tuple[float, float]
_Told = list[tuple[Interval, float]]


@dataclass(frozen=True)
class _Side:
    samples: F1Samples
    judged: NDArray[np.bool_]
    truth: Numbers


def _coverage(
    world: World, simulations: int, told: Callable[[Outcomes, Numbers, np.random.Generator], _Told]
) -> Coverage:
    rngs = _sources(world, simulations)
    return _counted(found for rng in rngs for found in told(world.draw(rng), world.truth, rng))


def _gap_coverage(
    test: World, holdout: World, simulations: int, told: Callable[[_Side, _Side], _Told]
) -> Coverage:
    return _counted(
        found
        for rng in _sources(holdout, simulations)
        for found in told(_side(test, rng), _side(holdout, rng))
    )


def _sources(world: World, simulations: int) -> Iterator[np.random.Generator]:
    """Yield a source of its own for each simulation of each world."""
    own = crc32(world.told.encode())
    return (np.random.default_rng([own, seed]) for seed in range(simulations))


def _counted(found: Iterable[tuple[Interval, float]]) -> Coverage:
    rows = np.array([(low <= truth <= high, high - low) for (low, high), truth in found])
    covered, width = rows.mean(axis=0)
    return Coverage(float(covered), float(width))


def _side(world: World, rng: np.random.Generator) -> _Side:
    outcomes = world.draw(rng)
    samples = resample_f1(outcomes, judged=outcomes.judged, resamples=RESAMPLES, rng=rng)
    return _Side(samples, outcomes.judged, world.truth)


def _gap_overall(test: _Side, holdout: _Side) -> _Told:
    both = test.judged & holdout.judged
    gaps = mean_over(holdout.samples.in_means, both) - mean_over(test.samples.in_means, both)
    return [(interval_of(gaps, LEVEL), float((holdout.truth - test.truth)[both].mean()))]


def _gaps_of_labels(test: _Side, holdout: _Side) -> _Told:
    gaps = holdout.samples.by_label - test.samples.by_label
    return [
        (interval_of(gaps[:, index], LEVEL), float(holdout.truth[index] - test.truth[index]))
        for index in np.flatnonzero(test.judged & holdout.judged)
    ]


def _overall(outcomes: Outcomes, truth: Numbers, rng: np.random.Generator) -> _Told:
    judged = outcomes.judged
    samples = resample_f1(outcomes, judged=judged, resamples=RESAMPLES, rng=rng)
    return [(interval_of(samples.overall, LEVEL), float(truth[judged].mean()))]


def _labels(outcomes: Outcomes, truth: Numbers, rng: np.random.Generator) -> _Told:
    samples = resample_f1(outcomes, judged=outcomes.judged, resamples=RESAMPLES, rng=rng)
    return [
        (interval_of(samples.by_label[:, index], LEVEL), float(truth[index]))
        for index in np.flatnonzero(outcomes.judged)
    ]
