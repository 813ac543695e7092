"""Train the sliding-window detector: which sizes and shapes it looks for, and a model for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from rcl_flow.emulator.learning.boxes import LabelledBox
from rcl_flow.emulator.learning.detector import Detector
from rcl_flow.emulator.learning.window_training import Scene, Shape, train_windows
from rcl_flow.emulator.learning.windows import (
    OBJECT_CELLS,
    Numbers,
    Template,
    corners_of,
    level_sizes,
    pyramid,
    working_size,
)

MOST_SCENES = 400
"""More training images than this are not looked at, so that time and memory stay bounded."""
_MOST_TEMPLATES = 3
_WIDEST_RANGE = 16
"""Objects smaller than the largest by more than this factor are left out: it takes too long."""
_ONE_SHAPE = 0.5
"""Logs of aspect ratios that differ by no more than this share one template."""
_LONGEST_CELLS = 40


@dataclass(frozen=True, slots=True)
class BoxExample:
    """One training image with the objects in it; without any it only shows background."""

    image: bytes
    objects: tuple[LabelledBox, ...]


def train_detector(examples: Sequence[BoxExample], *, seed: int) -> Detector:
    """Train on all objects; the same examples and seed give the same detector.

    Args:
        examples: At least one object in all of them.
        seed: Decides which background is looked at.

    Raises:
        UnreadableImageError: An image cannot be decoded.
        ValueError: There is no object.
    """
    labels = tuple(sorted({each.label for example in examples for each in example.objects}))
    if not labels:
        raise ValueError("no example has an object")
    rng = np.random.default_rng(seed)
    chosen = _some(examples, rng)
    sides_of = [_sides(example) for example in chosen]
    sides = np.concatenate(sides_of)
    low, high = np.quantile(np.sqrt(np.prod(sides, axis=1)), [0.02, 0.98])
    sizes = tuple(level_sizes(max(float(low), float(high) / _WIDEST_RANGE), float(high)))
    centres = _shape_centres(_log_aspects(sides))
    with threadpool_limits(1):
        scenes = [
            Scene(
                tuple(pyramid(example.image, sizes)),
                corners_of([each.box for each in example.objects]),
                np.array([labels.index(each.label) for each in example.objects], dtype=np.intp),
                _nearest(_log_aspects(own), centres),
            )
            for example, own in zip(chosen, sides_of, strict=True)
        ]
        models = tuple(
            train_windows(scenes, Shape(number, _template(centre), len(labels)), rng)
            for number, centre in enumerate(centres)
        )
    return Detector(labels, sizes, models)


def _some(examples: Sequence[BoxExample], rng: np.random.Generator) -> list[BoxExample]:
    if len(examples) <= MOST_SCENES:
        return list(examples)
    with_objects = [n for n, example in enumerate(examples) if example.objects]
    order = [*rng.permutation(with_objects), *range(len(examples))]
    kept = sorted(dict.fromkeys(int(n) for n in order[:MOST_SCENES]))
    return [examples[number] for number in kept]


def _sides(example: BoxExample) -> npt.NDArray[np.float64]:
    """Return width and height of every object in pixels of the working image, one row each."""
    if not example.objects:
        return np.empty((0, 2))
    width, height = working_size(example.image)
    rows = [(each.box.width * width, each.box.height * height) for each in example.objects]
    return np.asarray(np.maximum(np.array(rows), 1.0))


def _log_aspects(sides: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.log(sides[:, 0] / sides[:, 1])


def _shape_centres(aspects: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the logs of the aspect ratios that get a template, by k-means in one dimension."""
    low, high = np.quantile(aspects, [0.05, 0.95])
    if high - low <= _ONE_SHAPE:
        return np.array([np.median(aspects)])
    centres = np.quantile(aspects, (np.arange(_MOST_TEMPLATES) + 0.5) / _MOST_TEMPLATES)
    for _ in range(20):
        nearest = _nearest(aspects, centres)
        centres = np.array(
            [
                aspects[nearest == n].mean() if (nearest == n).any() else centres[n]
                for n in range(len(centres))
            ]
        )
    return np.unique(centres)


def _nearest(aspects: npt.NDArray[np.float64], centres: npt.NDArray[np.float64]) -> Numbers:
    return np.asarray(np.abs(aspects[:, None] - centres[None, :]).argmin(axis=1))


def _template(log_aspect: float) -> Template:
    stretch = float(np.exp(log_aspect / 2))
    rows, columns = (
        int(np.clip(round(OBJECT_CELLS * factor), 2, _LONGEST_CELLS))
        for factor in (1 / stretch, stretch)
    )
    return Template(rows + 2, columns + 2)
