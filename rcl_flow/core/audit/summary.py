"""What an audit shows besides its findings: counts, distributions of image factors, samples."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rcl_flow.core.audit.factor_table import rows_by_label
from rcl_flow.core.audit.factors import FACTORS, NONE
from rcl_flow.core.audit.findings import Place
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage, Datasets, Split, Task
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.statistics import Indices, Numbers
from rcl_flow.core.values import Frozen

BINS: Final = 24
SAMPLES_PER_LABEL: Final = 4
_LEAST_SPAN: Final = 0.01
_LEAST_RATIO: Final = 2.0

_Bounds = tuple[float, float]


class SplitCounts(Frozen):
    """One split in figures."""

    split: Split
    images: int
    """As listed, copies included."""
    distinct_images: int
    """Different contents; all other counts are of these."""
    unlabelled_images: int
    boxes: int
    labels: int
    unusable_images: int
    measured_images: int
    """Those whose pixels were measured."""


class LabelCounts(Frozen):
    """One label in one split: practice D1, by image and by box."""

    split: Split
    images: int
    boxes: int


class LabelSummary(Frozen):
    """One label: how many, how they look, what is typical of them."""

    label: str
    counts: tuple[LabelCounts, ...]
    """One for each split, zeros included."""
    samples: tuple[Place, ...]
    """A few images from dark to bright, of the first split that has the label."""
    typical: Mapping[str, float]
    """The medians of the factors over the same split's images; of hue, the circular mean."""


class FactorSummary(Frozen):
    """How a factor of the images is distributed, in bins that all splits share."""

    factor: str
    """Its name in `core.audit.factors`."""
    low: float
    """Where the first bin begins; what lies below is counted in it."""
    high: float
    logarithmic: bool
    """The bins are of equal ratio, not of equal width."""
    counts: Mapping[Split, tuple[int, ...]]
    """Images in each bin."""
    typical: Mapping[Split, float]
    """Each split's median; of hue, the circular mean."""


class AuditSummary(Frozen):
    """The datasets at a glance."""

    task: Task
    splits: tuple[SplitCounts, ...]
    labels: tuple[LabelSummary, ...]
    """Sorted by name."""
    factors: tuple[FactorSummary, ...]
    """Empty when no image was measured."""


@dataclass(frozen=True, slots=True)
class _Axis:
    bounds: _Bounds | None = None
    """Where it runs; None where the images decide."""
    logarithmic: bool = False
    floor: float = 0.0
    """Where a logarithmic one begins at the earliest."""


_RATIO: Final = _Axis((0.0, 1.0))
_AXES: Final[Mapping[str, _Axis]] = {
    "brightness": _RATIO,
    "contrast": _RATIO,
    "saturation": _RATIO,
    "hue": _Axis((0.0, 360.0)),
    "sharpness": _Axis(logarithmic=True, floor=1.0),
    "background busyness": _Axis(),
    "background vividness": _RATIO,
    "resolution": _Axis(logarithmic=True),
    "aspect ratio": _Axis(logarithmic=True),
    "object size": _RATIO,
}
"""The factors that are drawn, in this order."""
_FACTORS: Final = {factor.name: factor for factor in FACTORS if factor.name in _AXES}


@dataclass(frozen=True, slots=True)
class _Contents:
    """The distinct images of a split, ordered by digest, with what is known of them."""

    dataset: Dataset
    images: tuple[DatasetImage, ...]
    factors: Mapping[str, Numbers]
    """By name; NaN where an image was not measured or does not have the factor."""
    rows: Mapping[str, Indices]
    """Where each label occurs in `images`."""
    measured: int


def summarise(datasets: Datasets, measures: Mapping[str, ImageMeasures]) -> AuditSummary:
    """Count the datasets and describe how their images look.

    Args:
        datasets: the splits; copies inside a split count once.
        measures: by the digest of the image's bytes; images without are counted only.
    """
    contents = [_contents(dataset, measures) for dataset in datasets]
    return AuditSummary(
        task=datasets.task,
        splits=tuple(map(_split_counts, contents)),
        labels=_labels(contents),
        factors=_factor_summaries(contents),
    )


def _contents(dataset: Dataset, measures: Mapping[str, ImageMeasures]) -> _Contents:
    images = dataset.distinct()
    known = [measures.get(image.sha256) for image in images]
    factors = {
        name: np.array(
            [
                _FACTORS[name].value(image, each) if each else NONE
                for image, each in zip(images, known, strict=True)
            ],
            dtype=np.float64,
        )
        for name in _AXES
    }
    measured = sum(each is not None for each in known)
    return _Contents(dataset, images, factors, rows_by_label(images), measured)


def _split_counts(contents: _Contents) -> SplitCounts:
    dataset, images = contents.dataset, contents.images
    return SplitCounts(
        split=dataset.split,
        images=len(dataset.images),
        distinct_images=len(images),
        unlabelled_images=sum(not image.labels for image in images),
        boxes=sum(len(image.boxes) for image in images),
        labels=len(contents.rows),
        unusable_images=len(dataset.unusable),
        measured_images=contents.measured,
    )


def _labels(contents: Sequence[_Contents]) -> tuple[LabelSummary, ...]:
    names = sorted({label for each in contents for label in each.rows})
    boxes = [
        Counter(box.label for image in each.images for box in image.boxes) for each in contents
    ]
    return tuple(_label(name, contents, boxes) for name in names)


def _label(
    label: str, contents: Sequence[_Contents], boxes: Sequence[Counter[str]]
) -> LabelSummary:
    shown = next(each for each in contents if label in each.rows)
    rows = shown.rows[label]
    return LabelSummary(
        label=label,
        counts=tuple(
            LabelCounts(
                split=each.dataset.split,
                images=len(each.rows.get(label, ())),
                boxes=of_split[label],
            )
            for each, of_split in zip(contents, boxes, strict=True)
        ),
        samples=_samples(shown, rows),
        typical=_typical({name: values[rows] for name, values in shown.factors.items()}),
    )


def _samples(contents: _Contents, rows: Indices) -> tuple[Place, ...]:
    """Return images spread evenly over brightness."""
    brightness = contents.factors["brightness"][rows]
    known = int(np.isfinite(brightness).sum())
    ordered = rows[np.argsort(brightness, kind="stable")[: known or None]]  # unknown ones are last
    wanted = min(SAMPLES_PER_LABEL, len(ordered))
    picked = [ordered[(2 * n + 1) * len(ordered) // (2 * wanted)] for n in range(wanted)]
    return tuple(
        Place(uri=image.uri, split=contents.dataset.split, sha256=image.sha256)
        for image in (contents.images[row] for row in picked)
    )


def _typical(factors: Mapping[str, Numbers]) -> dict[str, float]:
    known = ((name, values[np.isfinite(values)]) for name, values in factors.items())
    return {name: _middle(name, values) for name, values in known if len(values)}


def _middle(factor: str, values: Numbers) -> float:
    period = _FACTORS[factor].period
    if not period:
        return float(np.median(values))
    angles = values * (2 * math.pi / period)
    turns = math.atan2(np.sin(angles).mean(), np.cos(angles).mean()) / (2 * math.pi)
    return turns % 1 * period


def _factor_summaries(contents: Sequence[_Contents]) -> tuple[FactorSummary, ...]:
    summaries = []
    for name, axis in _AXES.items():
        values = {
            each.dataset.split: each.factors[name][np.isfinite(each.factors[name])]
            for each in contents
        }
        every = np.concatenate(list(values.values()))
        if len(every):
            low, high = _bounds(axis, every)
            summaries.append(
                FactorSummary(
                    factor=name,
                    low=low,
                    high=high,
                    logarithmic=axis.logarithmic,
                    counts={
                        split: _histogram(axis, known, (low, high))
                        for split, known in values.items()
                    },
                    typical={
                        split: _middle(name, known) for split, known in values.items() if len(known)
                    },
                )
            )
    return tuple(summaries)


def _histogram(axis: _Axis, values: Numbers, bounds: _Bounds) -> tuple[int, ...]:
    low, high = bounds
    held = np.clip(values, low, high)
    if axis.logarithmic:
        held, low, high = np.log(held), math.log(low), math.log(high)
    bins = np.minimum(((held - low) / (high - low) * BINS).astype(np.intp), BINS - 1)
    return tuple(np.bincount(bins, minlength=BINS).tolist())


def _bounds(axis: _Axis, values: Numbers) -> _Bounds:
    """Return the range of the axis: its own, or that of the values, never too narrow."""
    if axis.bounds:
        return axis.bounds
    low, high = float(values.min()), float(values.max())
    if not axis.logarithmic:
        return 0.0, max(high, _LEAST_SPAN)
    low = max(low, axis.floor)
    high = max(low, high)
    if high / low >= _LEAST_RATIO:
        return low, high
    middle, half = math.sqrt(low * high), math.sqrt(_LEAST_RATIO)
    return middle / half, middle * half
