"""Which images are near duplicates, by comparing every one with every other one.

This is the ground truth for the audit's search, and shares nothing with it but the hashes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import measure_image
from tests.corpus.corpora import SPLITS, Corpus, Expected, Sample

Bits = npt.NDArray[np.uint8]
"""In how many bits hashes differ: a row a hash of the one side, a column one of the other."""
ACROSS = (("train", "test"), ("train", "holdout"), ("test", "holdout"))


@dataclass(frozen=True, slots=True)
class Hashed:
    """The different contents of a split that have a hash; eight hashes each."""

    samples: tuple[Sample, ...]
    hashes: npt.NDArray[np.uint64]

    def bits_to(self, other: "Hashed", orientations: slice = slice(0, 1)) -> Bits:
        """Return how far these are from the nearest of the other's orientations."""
        differing = self.hashes[:, None, :1] ^ other.hashes[None, :, orientations]
        bits: Bits = np.bitwise_count(differing).min(axis=2)
        return bits


TURNED = slice(1, 8)


def hashed(corpus: Corpus) -> dict[str, Hashed]:
    """Return what of each split has a hash, each content once."""
    return {split: _hashed(corpus.of(split)) for split in SPLITS}


def expected_near(corpus: Corpus, bits: int) -> list[Expected]:
    """Return the findings about near duplicates that an audit with this radius must have."""
    splits = hashed(corpus)
    found: list[Expected] = []
    for split, each in splits.items():
        found += _within(split, each, bits)
    for one, other in ACROSS:
        near, turned = overlaps(splits[one], splits[other], bits)
        for rule, files in (("near-overlap", near), ("turned-overlap", turned)):
            if files:
                found.append(Expected(rule, f"{one}+{other}", frozenset(files)))
    return found


def overlaps(first: Hashed, second: Hashed, bits: int) -> tuple[set[str], set[str]]:
    """Return the second's files that are near to the first's, and those that are so when turned."""
    known = {each.content for each in first.samples}
    near = np.any(first.bits_to(second) <= bits, axis=0, keepdims=True)[0]
    turned = np.any(first.bits_to(second, TURNED) <= bits, axis=0, keepdims=True)[0] & ~near
    return (
        {each.path for each in _chosen(second, near) if each.content not in known},
        {each.path for each in _chosen(second, turned)},
    )


def _within(split: str, each: Hashed, bits: int) -> Iterator[Expected]:
    near = each.bits_to(each) <= bits
    grouped = near.sum(axis=0) > 1
    groups = [group for group in _groups(near) if len(group) > 1]
    for rule, labels in (("near-duplicate", 1), ("near-conflict", 2)):
        files = {
            each.samples[place].path
            for group in groups
            if min(len({each.samples[place].labels for place in group}), 2) == labels
            for place in group
        }
        if files:
            yield Expected(rule, split, frozenset(files))
    if split != "train":
        turned = each.bits_to(each, TURNED) <= bits
        np.fill_diagonal(turned, val=False)
        turned[:, grouped] = False
        files = {each.samples[int(place)].path for pair in np.nonzero(turned) for place in pair}
        if files:
            yield Expected("augmented-image", split, frozenset(files))


def _groups(near: npt.NDArray[np.bool_]) -> list[list[int]]:
    """Return the groups that are joined, by walking from one to the next."""
    left, groups = set(range(len(near))), []
    while left:
        group, ahead = [], [left.pop()]
        while ahead:
            place = ahead.pop()
            group.append(place)
            reached = left & set(np.flatnonzero(near[place]).tolist())
            left -= reached
            ahead += reached
        groups.append(group)
    return groups


def _hashed(samples: Sequence[Sample]) -> Hashed:
    different = {each.content: each for each in reversed(samples)}
    rows = [(each, _hashes(content)) for content, each in different.items()]
    rows = [(each, hashes) for each, hashes in rows if hashes]
    table = np.array([hashes for _, hashes in rows], np.uint64).reshape(len(rows), 8)
    return Hashed(tuple(each for each, _ in rows), table)


_KNOWN: dict[bytes, tuple[int, ...]] = {}


def _hashes(content: bytes) -> tuple[int, ...]:
    digest = hashlib.sha256(content).digest()
    if digest not in _KNOWN:
        measures = measure_image(content)
        _KNOWN[digest] = measures.hashes if isinstance(measures, ImageMeasures) else ()
    return _KNOWN[digest]


def _chosen(each: Hashed, wanted: npt.NDArray[np.bool_]) -> Iterator[Sample]:
    return (each.samples[place] for place in np.flatnonzero(wanted).tolist())
