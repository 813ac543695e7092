"""Labels whose images look alike, by colour and rough shape (practice P1).

A sample of each label's images is described by the mean colours of a grid and a perceptual hash;
for each image the nearest other one is found. Two labels look alike when many of their images
have their nearest neighbour in the other label, although the description tells both well from the
remaining labels. Without that a description that is too simple for the subject would accuse every
pair; so of two labels alone, and of images with several labels or with boxes, nothing is said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rcl_flow.core.audit.factor_table import FactorTable, table_of
from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.stating import Scope, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.statistics import Indices, Numbers

_SAMPLE: Final = 5000
"""How many images are compared at most, shared out evenly; those first by digest."""
_CHUNK: Final = 512
_FEWEST_LABELS: Final = 3
_SIGMAS: Final = 5.0
"""So many, because some images are the nearest neighbour of many others."""
_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest neighbours of a sample of images of single labels."""

    labels: tuple[str, ...]
    images: Indices
    """The table's row of each image."""
    own: Indices
    """The number of each image's label."""
    nearest: Indices
    """The place of the nearest other image in the sample."""
    distances: Numbers

    def shares(self) -> Numbers:
        """Return the share of each label's images whose nearest neighbour is in each label."""
        size = len(self.labels)
        flat = np.bincount(self.own * size + self.own[self.nearest], minlength=size * size)
        counts = flat.reshape(size, size).astype(np.float64)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def check(subject: Subject) -> Iterator[Finding]:
    """Check which training labels look alike; detection's images show more than their labels."""
    train, rules = subject.datasets.train, subject.rules
    if train is None or subject.datasets.task != "classification":
        return
    table = table_of(train, subject.evidence.measures, factors=())
    sample = _sample(table, rules.factors.min_images)
    if len(sample) < _FEWEST_LABELS:
        return
    neighbours = _neighbours(table, sample)
    shares = neighbours.shares()
    sizes = np.bincount(neighbours.own) / len(neighbours.own)
    for one, other in combinations(range(len(neighbours.labels)), 2):
        alike = (shares[one, other] + shares[other, one]) / 2
        if alike > rules.taxonomy.look_alike_share and _told_from_others(
            shares, sizes, (one, other), images=len(neighbours.own)
        ):
            yield _finding(table, neighbours, shares, (one, other))


def describe(measures: tuple[ImageMeasures, ...]) -> NDArray[np.float32]:
    """Return one row an image: its colours and its hash's bits, each kind of equal weight."""
    colours = np.array([each.colours for each in measures], dtype=np.float32)
    colours -= colours.mean()
    colours /= max(float(colours.std()), 1e-6) * sqrt(colours.shape[1])
    hashes = np.array([each.hashes[0] if each.hashes else 0 for each in measures], dtype="<u8")
    hashed = np.array([[bool(each.hashes)] for each in measures])
    bits = np.unpackbits(hashes.view(np.uint8).reshape(len(measures), 8), axis=1)
    signs = np.where(hashed, bits.astype(np.float32) * 2 - 1, 0) / sqrt(bits.shape[1])
    return np.hstack([colours, signs]).astype(np.float32)


def nearest_of(described: NDArray[np.float32]) -> tuple[Indices, Numbers]:
    """Return for each row the nearest other row and the distance to it."""
    squares = (described**2).sum(axis=1)
    nearest = np.empty(len(described), dtype=np.intp)
    distances = np.empty(len(described))
    for start in range(0, len(described), _CHUNK):
        here = described[start : start + _CHUNK]
        apart = squares[start : start + len(here), None] + squares - 2 * here @ described.T
        rows = np.arange(len(here))
        apart[rows, rows + start] = np.inf
        nearest[start : start + len(here)] = apart.argmin(axis=1)
        distances[start : start + len(here)] = np.sqrt(np.maximum(apart.min(axis=1), 0))
    return nearest, distances


def _sample(table: FactorTable, least: int) -> dict[str, Indices]:
    """Return the same number of images of each label, or all where there are fewer."""
    single = np.array([len(image.labels) == 1 for image in table.images], dtype=np.bool_)
    rows = {label: members[single[members]] for label, members in table.rows.items()}
    enough = {label: members for label, members in rows.items() if len(members) >= least}
    each = max(_SAMPLE // max(len(enough), 1), least)
    return {label: members[:each] for label, members in enough.items()}


def _neighbours(table: FactorTable, sample: dict[str, Indices]) -> Neighbours:
    images = np.concatenate(list(sample.values()))
    own = np.repeat(np.arange(len(sample)), [len(members) for members in sample.values()])
    described = describe(tuple(table.measures[row] for row in images.tolist()))
    return Neighbours(tuple(sample), images, own, *nearest_of(described))


def _told_from_others(
    shares: Numbers, sizes: Numbers, pair: tuple[int, int], *, images: int
) -> bool:
    """Say whether far fewer neighbours than by chance are in labels other than the two.

    They must be few in most of these labels, each by itself: where only some are told from the
    two, others may be as much like them as they are like each other.
    """
    others = np.delete(np.arange(len(sizes)), pair)
    there = shares[list(pair)].mean(axis=0)
    told = int((there[others] <= sizes[others] / 2).sum())
    own_share = float(sizes[list(pair)].sum())
    members = own_share * images
    expected = (1 - own_share) * members
    seen = float(there[others].sum()) * members
    few = seen <= expected / 2 and expected - seen >= _SIGMAS * sqrt(expected * own_share)
    return few and 2 * told > len(others)


def _finding(
    table: FactorTable, neighbours: Neighbours, shares: Numbers, pair: tuple[int, int]
) -> Finding:
    one, other = pair
    label, twin = neighbours.labels[one], neighbours.labels[other]
    return found(
        "look-alike",
        f"{table.split}: {shares[one, other]:.0%} of the images of {label} look most like one of "
        f"{twin}, and {shares[other, one]:.0%} the other way round, by colour and rough shape.",
        "Look at them side by side: redefine the labels so that each is distinct, merge them, or "
        "add images of both that show the difference.",
        scope=Scope(
            table.split,
            label=label,
            figures={
                f"{label} like {twin}": float(shares[one, other]),
                f"{twin} like {label}": float(shares[other, one]),
            },
            places=_places(table, neighbours, pair),
        ),
    )


def _places(table: FactorTable, neighbours: Neighbours, pair: tuple[int, int]) -> tuple[Place, ...]:
    theirs = neighbours.own[neighbours.nearest]
    crossed = np.isin(neighbours.own, pair) & np.isin(theirs, pair) & (neighbours.own != theirs)
    places = np.flatnonzero(crossed)
    closest = places[np.argsort(neighbours.distances[places], kind="stable")][:_SHOWN]
    return tuple(
        place_of(
            table.images[neighbours.images[place]],
            table.split,
            note=neighbours.labels[neighbours.own[place]],
            twin=(table.images[neighbours.images[neighbours.nearest[place]]], table.split),
        )
        for place in closest.tolist()
    )
