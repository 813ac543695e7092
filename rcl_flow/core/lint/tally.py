"""What the valid lines of a manifest hold in sum: images and boxes of each label."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

_NOTHING: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class LabelUse:
    """How many images a label has, and on how many boxes it stands."""

    images: int
    boxes: int = 0


@dataclass(slots=True)
class Tally:
    """Counts over valid lines."""

    lines: int = 0
    images: dict[str, int] = field(default_factory=dict)
    """Lines with the image-level label, by label."""
    box_images: dict[str, int] = field(default_factory=dict)
    """Lines with a box of the label."""
    boxes: dict[str, int] = field(default_factory=dict)
    both: dict[str, int] = field(default_factory=dict)
    """Lines that have the label as an image-level one and on a box."""
    alone: set[str] = field(default_factory=set)
    """Labels that are the only one of some line."""
    lines_with_boxes: int = 0

    def add(self, labels: Sequence[str], boxes: Sequence[str], times: int = 1) -> None:
        """Count lines that hold the same.

        Args:
            labels: their image-level labels, each once.
            boxes: the label of each usable box of one line.
            times: how many lines.
        """
        self.lines += times
        distinct = set(boxes)
        _count(self.images, labels, times)
        _count(self.boxes, boxes, times)
        _count(self.box_images, distinct, times)
        _count(self.both, distinct.intersection(labels), times)
        self.lines_with_boxes += times if boxes else 0
        distinct.update(labels)
        if len(distinct) == 1:
            self.alone |= distinct

    @property
    def only_labels(self) -> int:
        """Lines with image-level labels and no box."""
        return self.lines - self.lines_with_boxes

    @property
    def labels(self) -> frozenset[str]:
        """Labels of either kind."""
        return frozenset(self.images) | frozenset(self.box_images)

    def images_of_labels(self) -> Mapping[str, int]:
        """Return how many lines each label is on, in either way."""
        return Counter(self.images) + Counter(self.box_images) - Counter(self.both)

    def used(self, *, detection: bool, whole_images: bool = False) -> dict[str, LabelUse]:
        """Return what is left of each label once the use case is decided.

        Args:
            detection: whether boxes count, and not image-level labels.
            whole_images: whether an image-level label stands for a box around the whole image.
        """
        if detection and not whole_images:
            return {
                label: LabelUse(images, self.boxes[label])
                for label, images in sorted(self.box_images.items())
            }
        boxes = self.images if whole_images else _NOTHING
        return {
            label: LabelUse(images, boxes.get(label, 0))
            for label, images in sorted(self.images.items())
        }


def _count(counts: dict[str, int], labels: Iterable[str], times: int) -> None:
    for label in labels:
        counts[label] = counts.get(label, 0) + times
