"""Recognising a line in which nothing is wrong, quickly; whatever it doubts is judged in full.

A manifest has up to 250,000 lines, nearly all of them alike and without fault. So this module
accepts only what it is sure of: labels that an earlier line was found to be right with, boxes
strictly inside their image. `lines` decides about all the rest, and says what is wrong. What is
no number cannot be compared with one and raises; true and false can, and are looked for.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

from rcl_flow.core import limits
from rcl_flow.core.lint.codes import IMAGE_CLASSIFICATION, OBJECT_DETECTION
from rcl_flow.core.lint.lines import label_attributes

Pair = tuple[tuple[str, ...], tuple[str, ...]]
Holding = str | tuple[str, ...] | Pair
"""What a line holds: its only label, or the labels of its boxes, or else labels and boxes."""

DOUBTS: Final = (AttributeError, LookupError, OverflowError, TypeError, ValueError)
"""What looking into a malformed line can raise."""

_YES_OR_NO: Final = frozenset({"yes", "no"})
_MAX_SHAPES: Final = 4096
_LEAST: Final = limits.MIN_SIDE_PIXELS
_MOST: Final = limits.MAX_SIDE_PIXELS
_FULL_SCALE: Final = limits.TRAINING_SIDE_PIXELS
_MAX_LABELS: Final = min(limits.MAX_LABELS_PER_IMAGE, limits.MAX_BOXES_PER_IMAGE)
_ABOVE: Final = 1 + 1e-9
_CERTAIN: Final = 1
"""The confidence that people's labels have; the one object that stands for it is looked for."""

_TEXTS: Final = {number: str(number) for number in range(1000)}
"""The usual class ids; a line with another one is judged in full."""

_parse_date = datetime.fromisoformat
# what is taken together is taken faster than one by one
_of_label = itemgetter("class-name", "confidence", "creation-date", "type", "human-annotated")
_of_boxes = itemgetter("class-map", "creation-date", "type", "human-annotated", "objects")
_box = itemgetter("class_id", "left", "top", "width", "height")
_confidence = itemgetter("confidence")


class DoubtError(ValueError):
    """The line may be wrong."""


class CleanLines:
    """Accepts clean lines; learns the labels and the sets of keys that a manifest uses."""

    def __init__(self) -> None:
        """Know nothing yet, so that the first line of each label is judged in full."""
        self.labels: set[str] = set()
        """Names that were judged and are right."""
        self._shapes: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}

    def learn(self, labels: Iterable[str]) -> None:
        """Take names of labels that were judged and are right."""
        self.labels.update(labels)

    def holding(self, document: Mapping[str, Any]) -> Holding:
        """Return what a line holds.

        Raises:
            DOUBTS: something may be wrong with it.
        """
        shape = tuple(document)
        pairs = self._shapes.get(shape) or self._learn_shape(shape)
        if len(pairs) > 1:
            return self._several(document, pairs)
        ((name, metadata_name),) = pairs
        value = document[name]
        if value.__class__ is int:
            return self._label(document[metadata_name])
        return self._boxes(value, document[metadata_name])

    def _several(self, document: Mapping[str, Any], pairs: tuple[tuple[str, str], ...]) -> Pair:
        labels: list[str] = []
        boxes: list[str] = []
        for name, metadata_name in pairs:
            value = document[name]
            if value.__class__ is int:
                labels.append(self._label(document[metadata_name]))
            else:
                boxes += self._boxes(value, document[metadata_name])
        if len(labels) + len(boxes) > _MAX_LABELS:
            raise DoubtError
        return tuple(dict.fromkeys(labels)), tuple(boxes)

    def _learn_shape(self, shape: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        if len(self._shapes) >= _MAX_SHAPES:
            self._shapes.clear()
        pairs = tuple((name, f"{name}-metadata") for name in label_attributes(shape))
        self._shapes[shape] = pairs
        return pairs

    def _label(self, metadata: Mapping[str, Any]) -> str:
        label: str
        label, confidence, date, kind, by_people = _of_label(metadata)
        if (
            label not in self.labels
            or kind != IMAGE_CLASSIFICATION
            or by_people not in _YES_OR_NO
            or (confidence is not _CERTAIN and not _is_ratio(confidence))
            or ("T" not in date and " " not in date)
        ):
            raise DoubtError
        _parse_date(date)
        return label

    def _boxes(self, value: Mapping[str, Any], metadata: Mapping[str, Any]) -> tuple[str, ...]:
        names, date, kind, by_people, objects = _of_boxes(metadata)
        (size,) = value["image_size"]
        width, height = size["width"], size["height"]
        longest = width if width > height else height
        if (
            kind != OBJECT_DETECTION
            or not self.labels.issuperset(names.values())
            or by_people not in _YES_OR_NO
            or ("T" not in date and " " not in date)
            or width.__class__ is not int
            or height.__class__ is not int
            or size["depth"].__class__ is not int
            or width < _LEAST
            or height < _LEAST
            or longest > _MOST
        ):
            raise DoubtError
        _parse_date(date)
        least = 1 if longest <= _FULL_SCALE else longest / _FULL_SCALE * _ABOVE
        frame = (width, height, least)
        return _sound_boxes(value["annotations"], objects, names, frame)


def labels_and_boxes(held: Holding) -> Pair:
    """Return a line's image-level labels and the label of each box."""
    if isinstance(held, str):
        return (held,), ()
    if len(held) == 2 and isinstance(held[0], tuple):  # noqa: PLR2004  # the pair
        return held
    return (), held


def _sound_boxes(
    annotations: list[Mapping[str, Any]],
    objects: list[Mapping[str, Any]],
    names: Mapping[str, str],
    frame: tuple[int, int, float],
) -> tuple[str, ...]:
    """Return the labels of boxes, all of which are strictly right."""
    width, height, least = frame
    if not 0 < len(annotations) == len(objects) <= _MAX_LABELS:
        raise DoubtError
    labels = []
    for number, left, top, across, down in map(_box, annotations):
        if (
            across <= least  # so it is neither true nor false
            or down <= least
            or left + across > width
            or top + down > height
            or number.__class__ is not int
            or (left <= 1 and not _is_start(left))
            or (top <= 1 and not _is_start(top))
        ):
            raise DoubtError
        labels.append(names[_TEXTS[number]])
    for confidence in map(_confidence, objects):
        if confidence is not _CERTAIN and not _is_ratio(confidence):
            raise DoubtError
    return tuple(labels)


def _is_start(side: float) -> bool:
    return side is not True and side is not False and side >= 0


def _is_ratio(confidence: float) -> bool:
    return confidence is not True and confidence is not False and 0 <= confidence <= 1
