"""The label attribute of a manifest line that marks objects by boxes: written, and read back."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rcl_flow.core.datasets.boxes import PixelBox

_DEPTH: Final = 3
_LONGEST_SHOWN: Final = 40


class LineProblemError(ValueError):
    """Why a line cannot be used, in words that follow its place."""


def boxes_attribute(
    box_labels: Sequence[str], number: object
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the attribute's value and the part of its metadata that the boxes decide.

    Args:
        box_labels: the label of each box.
        number: stands for the image's width and height, then for left, top, width and height of
            each box, in this order.
    """
    labels = sorted(set(box_labels))
    class_ids = {label: index for index, label in enumerate(labels)}
    sides = dict.fromkeys(("left", "top", "width", "height"), number)
    value: dict[str, object] = {
        "image_size": [{"width": number, "height": number, "depth": _DEPTH}],
        "annotations": [{"class_id": class_ids[label], **sides} for label in box_labels],
    }
    metadata: dict[str, object] = {
        "objects": [{"confidence": 1} for _ in box_labels],
        "class-map": {str(index): label for label, index in class_ids.items()},
    }
    return value, metadata


def parse_boxes(
    value: object, metadata: Mapping[str, object]
) -> tuple[tuple[PixelBox, ...], int, int]:
    """Return the boxes of a label attribute, and the image's width and height in pixels.

    Boxes that the service would drop are among them.

    Raises:
        LineProblemError: the attribute is not in the service's form.
    """
    width, height = _image_size(value)
    annotations = value.get("annotations", []) if isinstance(value, dict) else []
    names = metadata.get("class-map", {})
    if not isinstance(annotations, list) or not isinstance(names, dict):
        raise LineProblemError("its annotations or its class-map are not in the service's form")
    return tuple(_box(entry, names) for entry in annotations), width, height


def _image_size(value: object) -> tuple[int, int]:
    try:
        (size,) = value["image_size"]  # type: ignore[index]  # another form is the error below
        width, height = size["width"], size["height"]
    except (TypeError, KeyError, ValueError):
        width = height = None
    if not (isinstance(width, int) and isinstance(height, int) and width > 0 and height > 0):
        raise LineProblemError("its image_size has no width and height in pixels")
    return width, height


def _box(entry: Any, names: Mapping[str, object]) -> PixelBox:  # noqa: ANN401  # JSON
    try:
        identity = entry["class_id"]
        sides = [entry[side] for side in ("left", "top", "width", "height")]
    except KeyError as error:
        raise LineProblemError(f"a box has no {error.args[0]}") from error
    except TypeError as error:
        raise LineProblemError("a box is no JSON object") from error
    label = names.get(str(identity))
    if label is None:
        raise LineProblemError(
            f"a box has the class_id {str(identity)[:_LONGEST_SHOWN]}, which the class-map lacks"
        )
    if not isinstance(label, str) or not label:
        raise LineProblemError("its class-map has a label that is no text")
    if not all(_is_number(side) for side in sides):
        raise LineProblemError("a box has a side that is no number")
    return PixelBox(label, *(float(side) for side in sides))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
