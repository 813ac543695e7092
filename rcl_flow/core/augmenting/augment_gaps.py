"""What training images lack that copies could give: weak labels, missing light, gray, angles."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.values import Frozen

GapKind = Literal["few-images", "dark", "bright", "flat", "contrasty", "gray", "narrow-angle"]
_TAIL: Final = 0.05
"""The share of the training images that lies beyond what counts as its edge."""
_FEWEST_OF_GRAY: Final = 4
"""Gray is missing where training has less than one such part of the holdout's share."""


class AugmentRules(Frozen):
    """What augmentation may do, and from when on something is missing.

    The service itself crops, jitters colours and adds noise, so nothing of that is planned.
    Source: practice D11 in docs/06-your-data.md.
    """

    wanted_images_per_label: int = Field(
        15, ge=1, le=1_000_000, description="Labels with fewer training images get copies."
    )
    max_label_ratio: float = Field(
        20.0, ge=1, description="Labels that are smaller than the largest by more get copies."
    )
    max_copies: int = Field(3, ge=1, le=20, description="Copies of one image at most.")
    max_total_ratio: float = Field(
        1.0, gt=0, le=10, description="All copies together over the real images, at most."
    )
    mirror: bool = Field(
        False, description="Allow mirrored copies: not where text or left and right matter."
    )
    max_rotation_degrees: float = Field(
        0.0, ge=0, le=15, description="Allow copies turned by so much; 0: none."
    )
    min_images: int = Field(
        20, ge=1, description="Light is compared where both sides have so many images."
    )
    min_missing_share: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Light is missing where so much more of the holdout than of the training "
        "images lies beyond the edge of these.",
    )
    min_gray_share: float = Field(
        0.02, gt=0, le=1, description="Gray images count from this share of the holdout on."
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that training lacks."""

    kind: GapKind
    reason: str
    wanted: int
    """Copies that would fill it."""
    label: str = ""
    """The label that it is about, or an empty text for all."""
    targets: tuple[float, ...] = ()
    """Measures that copies should have: those of the holdout's images beyond the edge, sorted."""


def find_gaps(
    train: Sequence[DatasetImage],
    holdout: Sequence[DatasetImage],
    measures: Mapping[str, ImageMeasures],
    rules: AugmentRules,
    narrow_labels: Collection[str] = (),
) -> tuple[Gap, ...]:
    """Return what `train` lacks, the weakest labels first.

    Only counts and measures of the holdout are looked at, never its pictures.

    Args:
        train: the real training images, each content once.
        holdout: the images that look like production.
        measures: by digest; images without them are left out of the comparison.
        rules: from when on something is missing.
        narrow_labels: labels that the audit found to be seen from one angle.
    """
    seen = [measures[image.sha256] for image in train if image.sha256 in measures]
    asked = [measures[image.sha256] for image in holdout if image.sha256 in measures]
    gaps = list(_weak_labels(train, rules))
    if min(len(seen), len(asked)) >= rules.min_images:
        gaps += _light(seen, asked, rules)
        gaps += _gray(seen, asked, rules)
    return (*gaps, *_angles(train, narrow_labels))


def images_per_label(images: Sequence[DatasetImage]) -> Counter[str]:
    """Return how many images each label has."""
    return Counter(label for image in images for label in image.labels)


def _weak_labels(train: Sequence[DatasetImage], rules: AugmentRules) -> Iterator[Gap]:
    images = images_per_label(train)
    largest = max(images.values(), default=0)
    wanted = max(rules.wanted_images_per_label, math.ceil(largest / rules.max_label_ratio))
    for label, count in sorted(images.items(), key=lambda item: (item[1], item[0])):
        if count < wanted:
            yield Gap("few-images", f"{count} images, {wanted} wanted", wanted - count, label)


def _light(
    seen: Sequence[ImageMeasures], asked: Sequence[ImageMeasures], rules: AugmentRules
) -> Iterator[Gap]:
    yield from _edges(seen, asked, rules, lambda m: m.brightness, ("dark", "bright"))
    yield from _edges(seen, asked, rules, lambda m: m.contrast, ("flat", "contrasty"))


def _edges(
    seen: Sequence[ImageMeasures],
    asked: Sequence[ImageMeasures],
    rules: AugmentRules,
    measure: Callable[[ImageMeasures], float],
    kinds: tuple[GapKind, GapKind],
) -> Iterator[Gap]:
    known = sorted(map(measure, seen))
    low, high = known[int(_TAIL * len(known))], known[-1 - int(_TAIL * len(known))]
    values = sorted(map(measure, asked))
    below = tuple(value for value in values if value < low)
    above = tuple(value for value in values if value > high)
    for kind, beyond, edge in ((kinds[0], below, low), (kinds[1], above, high)):
        share = len(beyond) / len(values) - _TAIL
        if share >= rules.min_missing_share:
            side = "below" if beyond is below else "above"
            factor = "brightness" if kind in ("dark", "bright") else "contrast"
            yield Gap(
                kind,
                f"{len(beyond) / len(values):.0%} of the holdout has a {factor} {side} "
                f"{edge:.2f}, where training ends",
                _copies_for(share, len(known)),
                targets=beyond,
            )


def _gray(
    seen: Sequence[ImageMeasures], asked: Sequence[ImageMeasures], rules: AugmentRules
) -> Iterator[Gap]:
    trained, wanted = _gray_share(seen), _gray_share(asked)
    if wanted >= rules.min_gray_share and trained < wanted / _FEWEST_OF_GRAY:
        yield Gap(
            "gray",
            f"{wanted:.0%} of the holdout is gray, and {trained:.0%} of training",
            _copies_for(wanted - trained, len(seen)),
        )


def _gray_share(measures: Sequence[ImageMeasures]) -> float:
    return sum(each.hue_degrees < 0 for each in measures) / len(measures)


def _angles(train: Sequence[DatasetImage], labels: Collection[str]) -> Iterator[Gap]:
    images = images_per_label(train)
    for label in sorted(set(labels) & images.keys()):
        yield Gap("narrow-angle", "seen from one angle", images[label], label)


def _copies_for(share: float, images: int) -> int:
    """Return how many copies give them that share of all, and at most half."""
    capped = min(share, 0.5)
    return max(1, round(images * capped / (1 - capped)))
