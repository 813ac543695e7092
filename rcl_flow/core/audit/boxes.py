"""Boxes that the service drops, and boxes that look wrong: drawn twice, too wide, too loose."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.rules import BoxRules
from rcl_flow.core.audit.stating import Scope, count, found, place_of
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.boxes import BoxProblem, PixelBox, overlap
from rcl_flow.core.datasets.dataset import Dataset, DatasetImage
from rcl_flow.core.label_text import some

_TO_SIGMA: Final = 1.4826
"""From the median absolute deviation to the standard deviation, of a normal distribution."""

_DROPPED: Final[tuple[tuple[BoxProblem, str, str, str], ...]] = (
    ("outside", "box-outside", "leaving the image", "Clip them to the image, or draw them anew."),
    (
        "inverted",
        "box-inverted",
        "of no or a negative width or height",
        "Draw them anew; a tool that saves two corners may have swapped them.",
    ),
    (
        "tiny",
        "box-tiny",
        "of at most one pixel once sides of over 1280 pixels are scaled down",
        "Remove them, or cut the image so that the objects are larger in it.",
    ),
)


@dataclass(frozen=True, slots=True)
class _Marked:
    """A box with the image that it is drawn in."""

    image: DatasetImage
    box: PixelBox


def check(subject: Subject) -> Iterator[Finding]:
    """Check the boxes of each split."""
    rules = subject.rules.boxes
    for split in subject.datasets:
        yield from _dropped(split)
        yield from _doubled(split, rules)
        yield from _wide(split, rules)
        yield from _loose(split, rules)


def _dropped(split: Dataset) -> Iterator[Finding]:
    for problem, rule, what, hint in _DROPPED:
        marked = [
            _Marked(image, dropped.box)
            for image in split.images
            for dropped in image.dropped_boxes
            if dropped.problem == problem
        ]
        if marked:
            yield _finding(rule, split, marked, f"{what}, which the service leaves out", hint=hint)


def _doubled(split: Dataset, rules: BoxRules) -> Iterator[Finding]:
    marked = _pairs(split, lambda first, second: _overlap(first, second) > rules.duplicate_overlap)
    if marked:
        yield _finding(
            "box-duplicate",
            split,
            marked,
            "over another box of the same label",
            hint="Remove one of the two: the second teaches nothing and counts as a miss.",
        )


def _wide(split: Dataset, rules: BoxRules) -> Iterator[Finding]:
    marked = [each for each in _marked(split) if _area(each) > rules.max_area]
    if marked:
        yield _finding(
            "box-overwide",
            split,
            marked,
            f"of over {rules.max_area:.0%} of the image",
            hint="Draw them tight around the object. If objects fill their images, image-level "
            "labels are enough.",
        )


def _loose(split: Dataset, rules: BoxRules) -> Iterator[Finding]:
    """Find boxes that hold a second box of their label, or are far larger than their label's."""
    held = {id(each.box) for each in _pairs(split, _holds)}
    by_label: dict[str, list[_Marked]] = defaultdict(list)
    for each in _marked(split):
        by_label[each.box.label].append(each)
    large = {id(each.box) for group in by_label.values() for each in _outliers(group, rules)}
    wide = {id(each.box) for each in _marked(split) if _area(each) > rules.max_area}
    marked = [each for each in _marked(split) if id(each.box) in (held | large) - wide]
    if marked:
        yield _finding(
            "box-loose",
            split,
            marked,
            "around another box of the label, or far larger than is usual for it",
            hint="Draw them tight around one object each: a loose box teaches the background.",
        )


def _outliers(group: Sequence[_Marked], rules: BoxRules) -> Iterator[_Marked]:
    """Yield boxes whose area is an outlier of its label by the robust z-score of its logarithm."""
    if len(group) < rules.min_boxes:
        return
    areas = np.log([_area(each) for each in group])
    median = float(np.median(areas))
    sigma = _TO_SIGMA * float(np.median(np.abs(areas - median)))
    limit = median + max(rules.loose_sigmas * sigma, float(np.log(rules.loose_ratio)))
    yield from (each for each, area in zip(group, areas, strict=True) if area > limit)


def _pairs(split: Dataset, suspicious: Callable[[PixelBox, PixelBox], bool]) -> list[_Marked]:
    """Return the larger box of each suspicious pair of one label in one image."""
    return [
        _Marked(image, max(pair, key=lambda box: box.width * box.height))
        for image in split.images
        for pair in combinations(image.boxes, 2)
        if pair[0].label == pair[1].label and suspicious(*pair)
    ]


def _overlap(first: PixelBox, second: PixelBox) -> float:
    return overlap(first.within(1, 1), second.within(1, 1))


def _holds(first: PixelBox, second: PixelBox) -> bool:
    """Say whether one box lies within the other and is much smaller."""
    inner, outer = sorted((first, second), key=lambda box: box.width * box.height)
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.left + inner.width <= outer.left + outer.width
        and inner.top + inner.height <= outer.top + outer.height
        and 2 * inner.width * inner.height < outer.width * outer.height
    )


def _marked(split: Dataset) -> Iterator[_Marked]:
    return (_Marked(image, box) for image in split.images for box in image.boxes)


def _area(marked: _Marked) -> float:
    image = marked.image
    return marked.box.within(image.width_pixels, image.height_pixels).area


def _finding(
    rule: str, split: Dataset, marked: Sequence[_Marked], what: str, *, hint: str
) -> Finding:
    places = tuple(place_of(each.image, split.split, note=_told(each.box)) for each in marked)
    return found(
        rule,
        f"{split.split}: {count(marked, 'box', 'boxes')} {what}: "
        + some(f"{place.uri} ({place.note})" for place in places),
        hint,
        scope=Scope(split.split, figures={"boxes": len(marked)}, places=places),
    )


def _told(box: PixelBox) -> str:
    return f"{box.label}: {box.left:g}, {box.top:g}, {box.width:g} x {box.height:g}"
