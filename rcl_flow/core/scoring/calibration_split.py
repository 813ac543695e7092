"""Part the holdout: images to tune thresholds on, and images to judge the tuned thresholds by.

Images of one content or one group are one unit and stay together. Units that hold the same labels
are of one kind and interchangeable, so it is decided for each kind how many of its units are for
calibration: its share, rounded to where its labels are owed most. What rounding leaves owing is
carried over to the next kind; kinds with the rarest labels come first. At last a unit is moved for
each label that would be on one side only. The units are taken in the order of their digests.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

import numpy as np

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.scoring.answers import Indices

Kind = tuple[int, tuple[str, ...]]
"""What a unit holds: its number of images, and the labels of each of them; sorted."""

_ANY: Final = ""
"""Stands for the images themselves among the labels: they are owed their share as well."""


def split_for_calibration(
    images: Sequence[DatasetImage], share: float, groups: Mapping[str, str] | None = None
) -> tuple[Indices, Indices]:
    """Return the rows of the images for calibration and of those that are judged, ascending.

    Which image goes where depends on contents, labels and groups, never on the order of images.
    Every label of two units or more is on both sides where the units' other labels allow it; each
    side gets about its share of every label.

    Args:
        images: the holdout.
        share: of the images that are for calibration, 0 to 1.
        groups: the name of the group that an image belongs to, by digest; images that are not in
            it stand alone.
    """
    units = _units(images, groups or {})
    numbers: dict[Kind, int] = {}
    kinds = np.array([numbers.setdefault(kind, len(numbers)) for kind in units.kinds], np.intp)
    sizes = np.bincount(kinds, minlength=len(numbers))
    taken = _taken({kind: int(sizes[number]) for kind, number in numbers.items()}, share)
    wanted = np.array([taken[kind] for kind in numbers], dtype=np.intp)
    chosen = (_places_in_kind(units.keys, kinds, sizes) < wanted[kinds])[units.of_row]
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


@dataclass(frozen=True, slots=True)
class _Units:
    """Images that stay together: one key and kind a unit, one number of a unit a row."""

    keys: list[str]
    """The smallest digest of each."""
    kinds: list[Kind]
    of_row: Indices


def _units(images: Sequence[DatasetImage], groups: Mapping[str, str]) -> _Units:
    held = [(image.sha256, (1, image.labels)) for image in images]  # each image touched once
    digests = [digest for digest, _ in held]
    if not groups and len(set(digests)) == len(digests):
        return _Units(digests, [kind for _, kind in held], np.arange(len(digests)))
    members: dict[tuple[str, bool], list[DatasetImage]] = {}
    of_row = np.zeros(len(images), dtype=np.intp)
    numbers: dict[tuple[str, bool], int] = {}
    for row, image in enumerate(images):
        name = (groups.get(image.sha256, image.sha256), image.sha256 in groups)
        members.setdefault(name, []).append(image)
        of_row[row] = numbers.setdefault(name, len(numbers))
    return _Units(
        keys=[min(image.sha256 for image in unit) for unit in members.values()],
        kinds=[
            (len(unit), tuple(sorted(label for image in unit for label in image.labels)))
            for unit in members.values()
        ],
        of_row=of_row,
    )


def _places_in_kind(keys: Sequence[str], kinds: Indices, sizes: Indices) -> Indices:
    """Return how many units of its kind have a smaller key, for each unit."""
    by_key = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    order = by_key[np.argsort(kinds[by_key], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    places = np.empty_like(order)
    places[order] = np.arange(len(order)) - starts[kinds[order]]
    return places


def _taken(sizes: Mapping[Kind, int], share: float) -> dict[Kind, int]:
    """Return how many units of each kind are for calibration."""
    weights = {kind: Counter({_ANY: kind[0]}) + Counter(kind[1]) for kind in sizes}
    totals: Counter[str] = Counter()
    for kind, held in weights.items():
        for name, weight in held.items():
            totals[name] += weight * sizes[kind]
    owed = dict.fromkeys(totals, 0.0)
    taken = {}
    for kind in sorted(sizes, key=lambda kind: (min(totals[name] for name in weights[kind]), kind)):
        held, fair = weights[kind], share * sizes[kind]
        for name, weight in held.items():
            owed[name] += weight * fair
        # the number that leaves the least sum of squares of what is owed, each over its total
        best = sum(owed[name] * weight / totals[name] for name, weight in held.items()) / sum(
            weight * weight / totals[name] for name, weight in held.items()
        )
        taken[kind] = min(max(floor(best + 1 / 2), floor(fair)), ceil(fair))
        for name, weight in held.items():
            owed[name] -= weight * taken[kind]
    return _moved(taken, sizes)


def _moved(taken: Mapping[Kind, int], sizes: Mapping[Kind, int]) -> dict[Kind, int]:
    """Move a unit for each label that is on one side only, where one can be spared.

    The rarest labels come first; no label loses its last unit on the side that gives, unless it
    has only one.
    """
    parts = (dict(taken), {kind: size - taken[kind] for kind, size in sizes.items()})
    counts = tuple(_units_of_labels(part) for part in parts)
    totals = counts[0] + counts[1]
    for label in sorted(totals, key=lambda name: (totals[name], name)):
        for lacking, giving in ((0, 1), (1, 0)):
            if counts[lacking][label] or totals[label] == 1:
                continue
            spare = [
                kind
                for kind, number in parts[giving].items()
                if number
                and label in kind[1]
                and all(counts[giving][name] > 1 or totals[name] == 1 for name in kind[1])
            ]
            if spare:
                kind = min(spare, key=lambda kind: (kind[0], len(kind[1]), kind[1]))
                parts[giving][kind] -= 1
                parts[lacking][kind] += 1
                counts[giving].subtract(set(kind[1]))
                counts[lacking].update(set(kind[1]))
    return parts[0]


def _units_of_labels(part: Mapping[Kind, int]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for kind, number in part.items():
        for label in set(kind[1]):
            counts[label] += number
    return counts
