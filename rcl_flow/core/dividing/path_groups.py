"""Find in the paths of images what tells which of them were taken together."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.dividing.quotas import MIN_GROUPS

PathAndLabels = tuple[str, tuple[str, ...]]
"""An image's path below its source, and its labels."""

_SERIES: Final = (
    "session|sess|sequence|seq|camera|cam|clip|video|vid|recording|rec|scene|patient|subject|"
    "series|burst|batch|lot|tray|site|plot|flight|visit|specimen|serial"
)
_PATTERNS: Final = (
    rf"(?i)(?:^|[/_. -])((?:{_SERIES})[_ -]?[0-9]+)",
    r"^(.+)/[^/]+$",
    r"([^/]*[^/0-9_. -])[_. -]*[0-9]+[.][A-Za-z]+$",
)
"""A word with a number, the folder, and the name before the number that it ends in."""
_LEAST_GROUPS: Final = 10
"""Fewer groups cannot be divided into three splits of about the wanted sizes."""
_LEAST_MEAN_IMAGES: Final = 2.0
_LEAST_COVERED: Final = 0.8
_MOST_IN_ONE: Final = 0.25
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class PathGroups:
    """A pattern in paths that puts images into groups."""

    pattern: str
    """A regular expression whose captured text names an image's group."""
    groups: int
    largest_images: int
    examples: tuple[str, ...]
    """The first names of groups, sorted."""


def find_path_groups(images: Sequence[PathAndLabels]) -> PathGroups | None:
    """Return the groups that paths tell, or None where they tell none that can be divided.

    A pattern counts when it names most images, when there are enough groups of more than one
    image, none of them with a large share, and when every label that could be in all splits still
    can: a name that is only the label's is no group.
    """
    found = (_grouped(pattern, images) for pattern in _PATTERNS)
    return next((groups for groups in found if groups is not None), None)


def _grouped(pattern: str, images: Sequence[PathAndLabels]) -> PathGroups | None:
    compiled = re.compile(pattern)
    sizes: Counter[str] = Counter()
    groups_of: dict[str, set[str]] = defaultdict(set)
    for path, labels in images:
        name = compiled.search(path)
        if name is not None:
            sizes[name[1]] += 1
        for label in labels:
            groups_of[label].add(name[1] if name else f"/{path}")
    if not sizes or not all(_reasons_for(sizes, len(images))):
        return None
    images_of = Counter(label for _, labels in images for label in labels)
    needed = sum(MIN_GROUPS.values())
    if any(len(groups_of[label]) < needed <= count for label, count in images_of.items()):
        return None
    return PathGroups(pattern, len(sizes), max(sizes.values()), tuple(sorted(sizes)[:_EXAMPLES]))


def _reasons_for(sizes: Counter[str], images: int) -> Iterator[bool]:
    yield len(sizes) >= _LEAST_GROUPS
    yield sizes.total() >= _LEAST_COVERED * images
    yield sizes.total() >= _LEAST_MEAN_IMAGES * len(sizes)
    yield max(sizes.values()) <= _MOST_IN_ONE * images
