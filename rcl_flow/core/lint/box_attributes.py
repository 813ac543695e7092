"""The label attribute that marks objects by boxes: its form, and each of its boxes.

Source: developer guide, "Object localization in manifest files" and "Guidelines and quotas"
(archived text, read 2026-11-23).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rcl_flow.core import limits
from rcl_flow.core.lint.forms import (
    COMMON_METADATA,
    Form,
    first_fault,
    is_integer,
    is_name,
    is_number,
    is_ratio,
)
from rcl_flow.core.lint.issues import LineIssue

BORDER_TOLERANCE_PIXELS: Final = 1e-6
_SIDES: Final = ("left", "top", "width", "height")
_BOX: Final[Form] = {"class_id": is_integer, **dict.fromkeys(_SIDES, is_number)}
_SIZE: Final[Form] = {"width": is_integer, "height": is_integer, "depth": is_integer}


@dataclass(frozen=True, slots=True)
class JudgedBoxes:
    """Which annotations of an attribute can be used, by their index, and what the others lack."""

    usable: tuple[int, ...] = ()
    errors: tuple[LineIssue, ...] = ()


def form_fault(value: Any, metadata: Mapping[str, Any], name: str) -> LineIssue | None:  # noqa: ANN401  # JSON
    """Return what is wrong with the form of the attribute `name`."""
    key = f"{name}-metadata"
    told = _value_fault(value)
    if told:
        return LineIssue("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", (name,), told)
    told = first_fault(metadata, _METADATA)
    if told:
        return LineIssue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", (key,), told)
    annotations = value.get("annotations", [])
    shown = sum("confidence" in each for each in metadata["objects"][: len(annotations)])
    if shown < len(annotations):
        told = f"{len(annotations)} boxes, {shown} confidences"
        return LineIssue("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", (key,), told)
    unknown = {str(box["class_id"]) for box in annotations} - metadata["class-map"].keys()
    if unknown:
        told = f"class_id {', '.join(sorted(unknown))}"
        return LineIssue("ERROR_MISSING_CLASS_MAP_ID", (key,), told)
    return None


def judge_boxes(
    annotations: Sequence[Mapping[str, Any]], size_pixels: tuple[int, int], name: str
) -> JudgedBoxes:
    """Judge the boxes of an attribute whose form is right by the size that the line states."""
    sides = f"{size_pixels[0]} x {size_pixels[1]} pixels"
    if min(size_pixels) < limits.MIN_SIDE_PIXELS or max(size_pixels) > limits.MAX_SIDE_PIXELS:
        return JudgedBoxes(errors=(LineIssue("ERROR_INVALID_IMAGE_DIMENSION", (), sides),))
    usable, errors = [], []
    for number, box in enumerate(annotations):
        code = box_fault(box, size_pixels)
        if code is None:
            usable.append(number)
        else:
            told = " ".join(f"{side} {box[side]}" for side in _SIDES)
            errors.append(LineIssue(code, (name, "annotations", number), f"{told} in {sides}"))
    if not usable:
        errors.append(LineIssue("ERROR_NO_VALID_ANNOTATIONS", (name,)))
    return JudgedBoxes(tuple(usable), tuple(errors))


def box_fault(box: Mapping[str, Any], size_pixels: tuple[int, int]) -> str | None:
    """Return the code of what is wrong with one box, or None."""
    width_pixels, height_pixels = size_pixels
    across = _is_inside(box["left"], box["width"], width_pixels)
    if not across or not _is_inside(box["top"], box["height"], height_pixels):
        return "ERROR_INVALID_BOUNDING_BOX"
    scale = min(1.0, limits.TRAINING_SIDE_PIXELS / max(size_pixels))
    if min(box["width"], box["height"]) * scale <= 1:
        return "ERROR_BOUNDING_BOX_TOO_SMALL"
    return None


def _is_inside(start: float, length: float, whole: int) -> bool:
    if not 0 <= start <= whole or not 0 <= length <= whole:
        return False  # before any sum: a JSON integer can be too large for one with a float
    return start + length <= whole + BORDER_TOLERANCE_PIXELS


def _value_fault(value: object) -> str:
    if not isinstance(value, dict):
        return "it is no object"
    size, annotations = value.get("image_size"), value.get("annotations", [])
    if not isinstance(size, list) or len(size) != 1:
        return "image_size is no list of one object"
    if told := first_fault(size[0], _SIZE):
        return f"in image_size, {told}"
    if not isinstance(annotations, list):
        return "annotations is no list"
    faults = ((number, first_fault(box, _BOX)) for number, box in enumerate(annotations))
    return next((f"in annotation {number}, {told}" for number, told in faults if told), "")


def _is_objects(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and is_ratio(each.get("confidence", 1)) for each in value
    )


def _is_class_map(value: object) -> bool:
    return isinstance(value, dict) and all(map(is_name, value.values()))


_METADATA: Final[Form] = {
    **COMMON_METADATA,
    "objects": _is_objects,
    "class-map": _is_class_map,
}
