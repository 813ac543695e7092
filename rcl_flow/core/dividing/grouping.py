"""Groups of images that belong together, so that no split parts them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.values import Frozen


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from error
    return text


class GroupRules(Frozen):
    """Which images belong together besides equal ones and augmented ones with their parent."""

    path_pattern: Annotated[str, AfterValidator(_pattern)] = Field(
        "",
        description="A regular expression; images in whose path it finds the same text (or the "
        "same captured groups) are one group.",
    )
    burst_seconds: float = Field(
        0.0,
        ge=0,
        le=86_400,
        description="Pictures of one camera taken within so many seconds are one burst; 0: off.",
    )
    near_duplicate_bits: int | None = Field(
        None,
        ge=0,
        le=16,
        description="Images whose perceptual hashes differ in at most so many bits, mirrored and "
        "turned too, are one group; null: off.",
    )


@dataclass(frozen=True, slots=True)
class GroupEvidence:
    """What is known of the images besides their paths; all by the digest of an image's bytes."""

    measures: Mapping[str, ImageMeasures] = field(default_factory=dict)
    near_pairs: Sequence[tuple[str, str]] = ()
    """Images that are near duplicates of each other."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """An augmented image to the image that it was made of."""
    root: str = ""
    """The folder that the path pattern starts below."""


@dataclass(frozen=True, slots=True)
class Group:
    """Images that stay together, ordered by digest; copies of one content all among them."""

    images: tuple[DatasetImage, ...]

    @property
    def key(self) -> str:
        """The smallest digest: its place in every order."""
        return self.images[0].sha256

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of its images, sorted, without repeats."""
        return tuple(dict.fromkeys(image.sha256 for image in self.images))


def group_images(
    images: Iterable[DatasetImage],
    rules: GroupRules,
    evidence: GroupEvidence = GroupEvidence(),  # frozen
) -> tuple[Group, ...]:
    """Return the groups, ordered by their keys, whatever the order of the images."""
    ordered = sorted(images, key=lambda image: (image.sha256, image.uri, image.labels))
    forest = _Forest()
    for first, second in _links(ordered, rules, evidence):
        forest.join(first, second)
    members: dict[str, list[DatasetImage]] = defaultdict(list)
    for image in ordered:
        members[forest.root(image.sha256)].append(image)
    groups = (Group(tuple(found)) for found in members.values())
    return tuple(sorted(groups, key=lambda group: group.key))


class _Forest:
    """Disjoint sets of names, joined as links are found."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        path = []
        while (above := self._above.get(name, name)) != name:
            path.append(name)
            name = above
        self._above.update(dict.fromkeys(path, name))
        return name

    def join(self, first: str, second: str) -> None:
        self._above[self.root(first)] = self.root(second)


def _links(
    images: Sequence[DatasetImage], rules: GroupRules, evidence: GroupEvidence
) -> Iterator[tuple[str, str]]:
    """Yield pairs of names that belong together; a name is a digest, or one that starts with `:`.

    Names that are no image of ours do no harm: brothers find each other by an absent parent.
    """
    yield from evidence.parents.items()
    yield from evidence.near_pairs
    if rules.path_pattern:
        yield from _same_paths(images, rules.path_pattern, evidence.root)
    if rules.burst_seconds:
        yield from _bursts(images, rules.burst_seconds, evidence.measures)


def _same_paths(
    images: Iterable[DatasetImage], pattern: str, root: str
) -> Iterator[tuple[str, str]]:
    for image in images:
        found = re.search(pattern, image.uri.removeprefix(root))
        if found:
            text = found.groups("") or found.group()
            yield image.sha256, f":{text}"


def _bursts(
    images: Iterable[DatasetImage], seconds: float, measures: Mapping[str, ImageMeasures]
) -> Iterator[tuple[str, str]]:
    taken: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for sha256 in {image.sha256 for image in images} & measures.keys():
        camera, moment = measures[sha256].camera, _moment(measures[sha256].captured_at)
        if camera and moment is not None:
            taken[camera].append((moment, sha256))
    for pictures in taken.values():
        for (before, first), (after, second) in pairwise(sorted(pictures)):
            if (after - before).total_seconds() <= seconds:
                yield first, second


def _moment(captured_at: str) -> datetime | None:
    """EXIF has no time zone; only differences on one camera count here."""
    try:
        return datetime.strptime(captured_at, "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
