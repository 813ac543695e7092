"""Images that look nearly equal: within a split, across splits, and mirrored or turned.

Equal files are found by their digests in `relations`; here each content counts once. Two images
are near duplicates when their perceptual hashes differ in at most `near_duplicate_bits` bits; the
search is exact. Images that show nothing have no hash and are never near duplicates.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from rcl_flow.core.audit.findings import Finding, Place
from rcl_flow.core.audit.stating import Scope, count, found, place_of
from rcl_flow.core.audit.subject import Evidence, Subject
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.label_text import some
from rcl_flow.core.measures import ORIENTATIONS
from rcl_flow.core.similarity import clusters, near_pairs, near_pairs_between

_COPY: Final = ("mirrored or turned copy", "mirrored or turned copies")

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Hashed:
    """The images of a split that have a hash; one row of eight orientations for each."""

    split: str
    images: tuple[DatasetImage, ...]
    hashes: Hashes


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two similar images and how many bits of their hashes differ."""

    first: DatasetImage
    second: DatasetImage
    bits: int


def check(subject: Subject) -> Iterator[Finding]:
    """Check each split by itself, and each pair of splits."""
    bits = subject.rules.duplicates.near_duplicate_bits
    hashed = [_hashed(split, subject.evidence) for split in subject.datasets]
    for each in hashed:
        groups = _groups(each, bits)
        yield from _within(each, groups)
        if each.split != "train":
            yield from _turned_within(each, groups, bits)
    for first, second in combinations(hashed, 2):
        yield from _across(first, second, bits)


def _hashed(split: Dataset, evidence: Evidence) -> _Hashed:
    measured = [
        (image, evidence.measures[image.sha256].hashes)
        for image in split.distinct()
        if image.sha256 in evidence.measures and evidence.measures[image.sha256].hashes
    ]
    rows = [hashes for _, hashes in measured]
    table = np.array(rows, dtype=np.uint64).reshape(len(rows), ORIENTATIONS)
    return _Hashed(split.split, tuple(image for image, _ in measured), table)


def _within(hashed: _Hashed, groups: Sequence[Sequence[DatasetImage]]) -> Iterator[Finding]:
    alike = [group for group in groups if len({image.labels for image in group}) == 1]
    if alike:
        places = tuple(
            place_of(group[0], hashed.split, twin=(other, hashed.split))
            for group in alike
            for other in group[1:]
        )
        images = sum(map(len, alike))
        yield found(
            "near-duplicate",
            f"{hashed.split}: {images} images are near duplicates, in {count(alike, 'group')}: "
            + some(map(_told, places)),
            "Count each group as one image: the others add little.",
            scope=Scope(
                hashed.split, figures={"images": images, "groups": len(alike)}, places=places
            ),
        )
    mixed = [group for group in groups if len({image.labels for image in group}) > 1]
    places = tuple(_conflict(group, hashed.split) for group in mixed)
    if places:
        yield found(
            "near-conflict",
            f"{hashed.split}: {count(places, 'group')} of near duplicates with different labels: "
            + some(f"{_told(place)} ({place.note})" for place in places),
            "Look at them: one of the labels is probably wrong.",
            scope=Scope(hashed.split, figures={"groups": len(places)}, places=places),
        )


def _conflict(group: Sequence[DatasetImage], split: str) -> Place:
    first = group[0]
    other = next(image for image in group if image.labels != first.labels)
    note = f"{_labels(first)} / {_labels(other)}"
    return place_of(first, split, note=note, twin=(other, split))


def _groups(hashed: _Hashed, bits: int) -> list[list[DatasetImage]]:
    """Return the groups of two and more images that are joined by near duplicates."""
    named = clusters(near_pairs(hashed.hashes[:, 0], max_bits=bits), len(hashed.images))
    groups: dict[int, list[DatasetImage]] = defaultdict(list)
    for image, cluster in zip(hashed.images, named.tolist(), strict=True):
        groups[cluster].append(image)
    return [group for group in groups.values() if len(group) > 1]


def _across(first: _Hashed, second: _Hashed, bits: int) -> Iterator[Finding]:
    shared = {image.sha256 for image in first.images}
    near = list(_nearest(first, second.images, second.hashes[:, :1], bits))
    pairs = [pair for pair in near if pair.second.sha256 not in shared]
    if pairs:
        told = count(pairs, "near duplicate")
        yield _overlap("near-overlap", pairs, (first.split, second.split), told)
    seen = {pair.second.sha256 for pair in near}
    turned = [
        pair
        for pair in _nearest(first, second.images, second.hashes[:, 1:], bits)
        if pair.second.sha256 not in seen
    ]
    if turned:
        told = count(turned, *_COPY)
        yield _overlap("turned-overlap", turned, (first.split, second.split), told)


def _overlap(rule: str, pairs: Sequence[_Pair], splits: tuple[str, str], told: str) -> Finding:
    first, second = splits
    places = tuple(
        place_of(pair.first, first, note=f"{pair.bits} bits apart", twin=(pair.second, second))
        for pair in pairs
    )
    return found(
        rule,
        f"{second}: {told} of {first} images: " + some(map(_told, places)),
        f"Remove them from one of the two, and keep all pictures of one scene in one split: a "
        f"model that was given {first} knows them.",
        scope=Scope(f"{first}+{second}", figures={"images": len(pairs)}, places=places),
    )


def _turned_within(
    hashed: _Hashed, groups: Sequence[Sequence[DatasetImage]], bits: int
) -> Iterator[Finding]:
    """Find images of one split that are mirrored or turned copies of others in it."""
    near = {image.sha256 for group in groups for image in group}
    by_images = {
        frozenset((pair.first.sha256, pair.second.sha256)): pair
        for pair in _nearest(hashed, hashed.images, hashed.hashes[:, 1:], bits)
        if pair.first.sha256 != pair.second.sha256 and pair.second.sha256 not in near
    }
    pairs = tuple(by_images.values())
    if pairs:
        places = tuple(
            place_of(pair.first, hashed.split, twin=(pair.second, hashed.split)) for pair in pairs
        )
        yield found(
            "augmented-image",
            f"{hashed.split}: {count(pairs, *_COPY)} of others in it: " + some(map(_told, places)),
            "Remove the copies: a set that judges a model holds real images, each once.",
            scope=Scope(hashed.split, figures={"images": len(pairs)}, places=places),
            severity="warning",
        )


def _nearest(
    known: _Hashed, images: Sequence[DatasetImage], orientations: Hashes, bits: int
) -> Iterator[_Pair]:
    """Yield each image with the nearest known one, by any of its given orientations.

    Args:
        known: the images that are compared as they are.
        images: the images that are looked for.
        orientations: their hashes, one row for each image.
        bits: the largest distance.
    """
    pairs = near_pairs_between(known.hashes[:, 0], orientations.ravel(), max_bits=bits)
    place = pairs[:, 1] // max(orientations.shape[1], 1)
    order = np.lexsort((pairs[:, 0], pairs[:, 2], place))
    _, nearest = np.unique(place[order], return_index=True)
    for row in order[nearest].tolist():
        first, _, distance = pairs[row].tolist()
        yield _Pair(known.images[first], images[int(place[row])], distance)


def _labels(image: DatasetImage) -> str:
    return ", ".join(image.labels) or "no label"


def _told(place: Place) -> str:
    return f"{place.uri} ~ {place.twin_uri}"
