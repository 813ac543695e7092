"""Plan augmented images: which copy of which training image fills which gap.

A plan is decided by the images' contents alone: the same images give the same plan.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from rcl_flow.core.augmenting.augment_gaps import AugmentRules, Gap, GapKind, find_gaps
from rcl_flow.core.augmenting.changes import Change
from rcl_flow.core.datasets.dataset import DatasetImage, Datasets
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.naming import digest_of

Way = Literal["darker", "brighter", "flatter", "harder", "gray", "mirrored", "turned"]
"""How a copy differs from its parent; one parent has one copy of each way."""
_GAMMA: Final = (0.35, 3.0)
_CONTRAST: Final = (0.3, 2.5)
_WAYS: Final[Mapping[GapKind, Way]] = {
    "dark": "darker",
    "bright": "brighter",
    "flat": "flatter",
    "contrasty": "harder",
    "gray": "gray",
}
_USUAL: Final[Mapping[Way, tuple[float, float]]] = {
    "darker": (1.35, 1.8),
    "brighter": (0.55, 0.75),
    "flatter": (0.5, 0.7),
    "harder": (1.3, 1.6),
}
"""Gamma or contrast of a copy that is made for variety: beyond the service's own jitter."""
_CLEAR: Final = 0.03
"""A copy must differ from its parent's brightness or contrast by so much."""


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """One augmented image to make."""

    parent: DatasetImage
    change: Change
    way: Way
    gap: Gap


@dataclass(frozen=True, slots=True)
class AugmentPlan:
    """What is missing, and the images that fill it as far as the rules allow."""

    gaps: tuple[Gap, ...]
    images: tuple[PlannedImage, ...]

    def planned(self, gap: Gap) -> int:
        """Return how many of the images help a gap: for a weak label, all that show it."""
        return sum(_helps(image, gap) for image in self.images)


def plan_augmentation(
    datasets: Datasets,
    measures: Mapping[str, ImageMeasures],
    rules: AugmentRules,
    *,
    narrow_labels: Collection[str] = (),
    parents: Mapping[str, str] = {},
) -> AugmentPlan:
    """Plan copies of training images for what training lacks.

    Images that test or holdout hold too, and images that are augmented already, get no copies.

    Args:
        datasets: the splits; of the holdout only measures are used.
        measures: what the images' pixels measure, by digest.
        rules: what is allowed, and how much.
        narrow_labels: labels that the audit found to be seen from one angle.
        parents: the digests of augmented images that are there already, with their parents'.
    """
    judging = {
        i.sha256 for split in (datasets.test, datasets.holdout) if split for i in split.images
    }
    real = [
        image
        for image in (datasets.train.distinct() if datasets.train else ())
        if image.labels and image.sha256 not in parents and image.sha256 not in judging
    ]
    gaps = find_gaps(real, datasets.holdout.distinct(), measures, rules, narrow_labels)
    draft = _Draft(real, measures, rules)
    draft.fill(gaps)
    return AugmentPlan(gaps, tuple(draft.planned))


@dataclass
class _Draft:
    """The copies planned so far, within what the rules allow."""

    real: Sequence[DatasetImage]
    measures: Mapping[str, ImageMeasures]
    rules: AugmentRules
    planned: list[PlannedImage] = field(default_factory=list)
    copies: Counter[str] = field(default_factory=Counter)
    made: set[tuple[str, Way]] = field(default_factory=set)
    helped: Counter[Gap] = field(default_factory=Counter)

    def fill(self, gaps: Sequence[Gap]) -> None:
        """Add one copy for each gap in turn, until all are full or nothing more is allowed."""
        turns = [self._copies(gap, gaps) for gap in gaps]
        while turns and self._has_room():
            turns = [turn for turn in turns if self._has_room() and next(turn, False)]

    def _copies(self, gap: Gap, gaps: Sequence[Gap]) -> Iterator[bool]:
        """Add a copy each time it is asked for, of each parent in turn."""
        ordered = self._parents(gap)
        for _ in range(self.rules.max_copies):
            for parent in ordered:
                if self.helped[gap] >= gap.wanted:
                    return
                if self._add(parent, gap):
                    self.helped.update(each for each in gaps if _helps(self.planned[-1], each))
                    yield True

    def _has_room(self) -> bool:
        return len(self.planned) < self.rules.max_total_ratio * len(self.real)

    def _parents(self, gap: Gap) -> list[DatasetImage]:
        """Return the images to copy, those with few other labels first."""
        found = [image for image in self.real if not gap.label or gap.label in image.labels]
        return sorted(
            found,
            key=lambda image: (
                len(image.labels) if gap.label else 0,
                _draw(image, gap.kind),
                image.sha256,
            ),
        )

    def _add(self, parent: DatasetImage, gap: Gap) -> bool:
        if self.copies[parent.sha256] >= self.rules.max_copies:
            return False
        for way in self._ways(parent, gap):
            change = self._change(parent, way, gap)
            if change is not None and (parent.sha256, way) not in self.made:
                self.planned.append(PlannedImage(parent, change, way, gap))
                self.copies[parent.sha256] += 1
                self.made.add((parent.sha256, way))
                return True
        return False

    def _ways(self, parent: DatasetImage, gap: Gap) -> Iterator[Way]:
        """Yield what may be done for a gap; copies of a weak label begin with different ways."""
        if gap.kind in _WAYS:
            yield _WAYS[gap.kind]
            return
        ways: list[Way] = []
        if self.rules.mirror:
            ways.append("mirrored")
        if self.rules.max_rotation_degrees:
            ways.append("turned")
        if gap.kind == "few-images":
            ways += list(_USUAL)
        start = int(_draw(parent, "way") * len(ways))
        yield from ways[start:] + ways[:start]

    def _change(self, parent: DatasetImage, way: Way, gap: Gap) -> Change | None:
        draw = _draw(parent, way)
        if way == "gray":
            known = self.measures.get(parent.sha256)
            return Change("grayscale") if known is None or known.hue_degrees >= 0 else None
        if way == "mirrored":
            return Change("mirror")
        if way == "turned":
            most = self.rules.max_rotation_degrees
            degrees = most * (0.4 + 0.6 * abs(2 * draw - 1))
            return Change("rotation", round(math.copysign(degrees, draw - 0.5), 2))
        return self._light_change(parent, way, gap, draw)

    def _light_change(self, parent: DatasetImage, way: Way, gap: Gap, draw: float) -> Change | None:
        operation, towards = _LIGHT[way]
        if not gap.targets:
            low, high = _USUAL[way]
            return Change(operation, round(low + draw * (high - low), 3))
        known = self.measures.get(parent.sha256)
        target = gap.targets[int(draw * len(gap.targets))]
        amount = towards(known, target) if known else None
        if amount is None or (amount > 1) != (_USUAL[way][0] > 1):
            return None  # its own light is beyond the target already
        return Change(operation, round(amount, 3))


def _helps(image: PlannedImage, gap: Gap) -> bool:
    return gap == image.gap or (gap.kind == "few-images" and gap.label in image.parent.labels)


def _gamma_towards(known: ImageMeasures, target: float) -> float | None:
    """Return the exponent that takes the mean luma about to the target."""
    if abs(known.brightness - target) < _CLEAR:
        return None
    now, then = (min(max(value, 0.02), 0.98) for value in (known.brightness, target))
    return min(max(math.log(then) / math.log(now), _GAMMA[0]), _GAMMA[1])


def _contrast_towards(known: ImageMeasures, target: float) -> float | None:
    if abs(known.contrast - target) < _CLEAR:
        return None
    return min(max(target / max(known.contrast, _CLEAR), _CONTRAST[0]), _CONTRAST[1])


_Towards = Callable[[ImageMeasures, float], float | None]
_LIGHT: Final[Mapping[Way, tuple[Literal["gamma", "contrast"], _Towards]]] = {
    "darker": ("gamma", _gamma_towards),
    "brighter": ("gamma", _gamma_towards),
    "flatter": ("contrast", _contrast_towards),
    "harder": ("contrast", _contrast_towards),
}


def _draw(image: DatasetImage, purpose: str) -> float:
    """Return a number of 0 to below 1 that follows from content and purpose: the seed."""
    return int(digest_of([image.sha256, purpose])[:12], 16) / 16**12
