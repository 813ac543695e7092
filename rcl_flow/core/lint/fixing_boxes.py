"""Correct a label attribute of boxes: sizes, class ids, confidences, and boxes over the border.

Source: developer guide, "Object localization in manifest files" (archived text, read 2026-11-23).
"""

import math
import re
from typing import Any, Final, TypeGuard

from rcl_flow.core import limits
from rcl_flow.core.lint.box_attributes import box_fault
from rcl_flow.core.lint.forms import is_integer, is_number

Document = dict[str, Any]
_SIDES: Final = ("left", "top", "width", "height")
_DEPTH: Final = 3
_PLAIN_NUMBER: Final = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")
_FAR: Final = 1e9
"""Pixels; beyond, a number is no place in an image."""


def fix_boxes(
    value: object, metadata: Document, name: str, changes: list[str]
) -> tuple[object, Document]:
    """Return an attribute's value and metadata corrected; what was done is added to `changes`."""
    if not isinstance(value, dict):
        return value, metadata
    value = _fix_size(value, name, changes)
    value = _fix_class_ids(value, metadata, name, changes)
    value = _fix_sides(value, name, changes)
    metadata = _fix_confidences(value, metadata, name, changes)
    return _fix_frames(value, metadata, name, changes)


def _fix_size(value: Document, name: str, changes: list[str]) -> Document:
    """Return the value with `image_size` as a list of one object of integers."""
    size = value.get("image_size")
    if isinstance(size, dict):
        size = [size]
    if not isinstance(size, list) or len(size) != 1 or not isinstance(size[0], dict):
        return value
    whole = {key: _whole(side) for key, side in size[0].items()}
    fixed = [whole if whole.get("depth") is not None else {**whole, "depth": _DEPTH}]
    if _same(fixed, value["image_size"]):
        return value
    changes.append(f"{name}: wrote image_size as a list of one object of integers")
    return value | {"image_size": fixed}


def _same(first: object, second: object) -> bool:
    """Say whether two JSON values are written alike: 1 and 1.0 are not."""
    return repr(first) == repr(second)


def _fix_class_ids(value: Document, metadata: Document, name: str, changes: list[str]) -> Document:
    """Return the value with class ids as integers, where the class map has them."""
    boxes, names = value.get("annotations"), metadata.get("class-map")
    if not _is_list_of_objects(boxes) or not isinstance(names, dict):
        return value
    fixed = [
        box | {"class_id": number}
        if (number := _class_id(box.get("class_id"))) is not None and str(number) in names
        else box
        for box in boxes
    ]
    count = sum(not _same(one, other) for one, other in zip(fixed, boxes, strict=True))
    if not count:
        return value
    changes.append(f"{name}: wrote {count} class ids as integers")
    return value | {"annotations": fixed}


def _fix_sides(value: Document, name: str, changes: list[str]) -> Document:
    """Return the value with sides of boxes as numbers that are written as text."""
    boxes = value.get("annotations")
    if not _is_list_of_objects(boxes):
        return value
    fixed = [
        box | {side: _number(box[side]) for side in _SIDES if isinstance(box.get(side), str)}
        for box in boxes
    ]
    count = sum(one != other for one, other in zip(fixed, boxes, strict=True))
    if not count:
        return value
    changes.append(f"{name}: wrote the sides of {count} boxes as numbers")
    return value | {"annotations": fixed}


def _number(text: str) -> int | float | str:
    if not _PLAIN_NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _class_id(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _fix_confidences(
    value: Document, metadata: Document, name: str, changes: list[str]
) -> Document:
    """Return the metadata with a confidence for each box."""
    boxes, objects = value.get("annotations", []), metadata.get("objects", [])
    if not isinstance(boxes, list) or not _is_list_of_objects(objects):
        return metadata
    missing = max(0, len(boxes) - len(objects))
    fixed = [
        each if "confidence" in each or number >= len(boxes) else each | {"confidence": 1}
        for number, each in enumerate([*objects, *({} for _ in range(missing))])
    ]
    count = sum(one is not other for one, other in zip(fixed, objects, strict=False)) + missing
    if not count and "objects" in metadata:
        return metadata
    changes.append(f"{name}: filled in {count} confidences")
    return metadata | {"objects": fixed}


def _fix_frames(
    value: Document, metadata: Document, name: str, changes: list[str]
) -> tuple[Document, Document]:
    """Return both without boxes that the service would skip: clipped to the image, or removed."""
    boxes, size = value.get("annotations", []), _size(value)
    if size is None or not _is_list_of_objects(boxes) or not all(map(_has_sides, boxes)):
        return value, metadata
    fixed = [_clipped(box, size) for box in boxes]
    if all(one is other for one, other in zip(fixed, boxes, strict=True)):
        return value, metadata
    removed = [number for number, box in enumerate(fixed) if box is None]
    clipped = sum(box is not None and box is not boxes[n] for n, box in enumerate(fixed))
    if clipped:
        changes.append(f"{name}: clipped {clipped} boxes to the image")
    if removed:
        changes.append(f"{name}: removed {len(removed)} boxes of which nothing would be used")
    objects = metadata.get("objects")
    if isinstance(objects, list):
        kept = [each for number, each in enumerate(objects) if number not in set(removed)]
        metadata = metadata | {"objects": kept}
    return value | {"annotations": [box for box in fixed if box is not None]}, metadata


def _size(value: Document) -> tuple[int, int] | None:
    """Return the stated size where boxes can be judged by it."""
    size = value.get("image_size")
    if not _is_list_of_objects(size) or len(size) != 1:
        return None
    sides: tuple[Any, Any] = (size[0].get("width"), size[0].get("height"))
    if not all(map(is_integer, sides)):
        return None
    inside = min(sides) >= limits.MIN_SIDE_PIXELS and max(sides) <= limits.MAX_SIDE_PIXELS
    return sides if inside else None


def _clipped(box: Document, size: tuple[int, int]) -> Document | None:
    """Return the box as it is, or clipped, or None where too little is left."""
    if box_fault(box, size) is None:
        return box
    if any(abs(box[side]) > _FAR for side in _SIDES):
        return None
    left, width = _within(box["left"], box["width"], size[0])
    top, height = _within(box["top"], box["height"], size[1])
    fixed = box | {"left": left, "top": top, "width": width, "height": height}
    return fixed if box_fault(fixed, size) is None else None


def _within(start: float, length: float, whole: int) -> tuple[float, float]:
    low, high = max(0, start), min(whole, start + length)
    return low, high - low


def _has_sides(box: Document) -> bool:
    return all(is_number(box.get(side)) and not _is_nan(box[side]) for side in _SIDES)


def _is_nan(value: float) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _whole(side: object) -> object:
    side = _number(side) if isinstance(side, str) else side
    return int(side) if isinstance(side, float) and side.is_integer() else side


def _is_list_of_objects(value: object) -> TypeGuard[list[Document]]:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
