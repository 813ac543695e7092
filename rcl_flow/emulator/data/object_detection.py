"""Label attributes that name the objects of an image, each with a box around it.

Source: https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/md-create-manifest-file-object-detection.html
and, for sizes, https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/limits.html
"""

from collections.abc import Mapping
from dataclasses import replace

from rcl_flow.emulator.data.catalogue import MAX_LABEL_CHARACTERS, LineIssue, line_issue
from rcl_flow.emulator.data.content import Content, metadata_key
from rcl_flow.emulator.data.fields import (
    COMMON_METADATA,
    FieldRules,
    has_fields,
    is_integer,
    is_list_of,
    is_name,
    is_number,
    is_ratio,
)
from rcl_flow.emulator.data.images import ImageSize
from rcl_flow.emulator.learning.boxes import Box, LabelledBox
from rcl_flow.emulator.shapes import JsonObject

MAX_TRAINED_SIDE_PIXELS = 1280
MIN_BOX_PIXELS = 1
BORDER_TOLERANCE_PIXELS = 1e-6

BOX_RULES: FieldRules = {
    "class_id": is_integer,
    "left": is_number,
    "top": is_number,
    "width": is_number,
    "height": is_number,
}
SIZE_RULES: FieldRules = {"width": is_integer, "height": is_integer, "depth": is_integer}


def _is_image_size(value: object) -> bool:
    return isinstance(value, list) and len(value) == 1 and has_fields(value[0], SIZE_RULES)


def _is_objects(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, dict) and is_ratio(item.get("confidence", 1)) for item in value
    )


def _is_class_map(value: object) -> bool:
    return isinstance(value, dict) and all(map(is_name, value.values()))


VALUE_RULES: FieldRules = {"image_size": _is_image_size}
METADATA_RULES: FieldRules = {
    **COMMON_METADATA,
    "objects": _is_objects,
    "class-map": _is_class_map,
}


def format_error(document: JsonObject, name: str) -> LineIssue | None:
    """Return what is wrong with the form of the attribute `name`; `annotations` may be absent."""
    value, metadata, place = document[name], document[metadata_key(name)], metadata_key(name)
    if not has_fields(value, VALUE_RULES) or not is_list_of(_annotations(value), BOX_RULES):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", name, attribute=name)
    if not has_fields(metadata, METADATA_RULES):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", place)
    annotations = _annotations(value)
    confidences = ["confidence" in each for each in metadata["objects"][: len(annotations)]]
    if sum(confidences) < len(annotations):
        return line_issue("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", place)
    if not all(str(each["class_id"]) in metadata["class-map"] for each in annotations):
        return line_issue("ERROR_MISSING_CLASS_MAP_ID", place)
    return None


def read(document: JsonObject, name: str) -> Content:
    """Return the boxes of an attribute whose form is right, and what is wrong with each."""
    value, class_map = document[name], document[metadata_key(name)]["class-map"]
    declared = tuple(class_map.values())
    if any(len(label) > MAX_LABEL_CHARACTERS for label in declared):
        return Content(errors=(line_issue("ERROR_INVALID_LABEL_NAME_LENGTH", metadata_key(name)),))
    annotations, stated = _annotations(value), value["image_size"][0]
    size = ImageSize(stated["width"], stated["height"])
    content = Content(declared=declared, image_size=size, annotations=len(annotations))
    if not annotations:
        return replace(content, warnings=(line_issue("WARNING_NO_ATTRIBUTE_ANNOTATIONS", name),))
    if size.outside_limits:  # no frame to judge boxes by
        return replace(content, errors=(line_issue("ERROR_INVALID_IMAGE_DIMENSION"),))
    return _with_boxes(content, annotations, class_map, size=size, name=name)


def _with_boxes(
    content: Content,
    annotations: list[JsonObject],
    class_map: Mapping[str, str],
    *,
    size: ImageSize,
    name: str,
) -> Content:
    boxes: list[LabelledBox] = []
    errors: list[LineIssue] = []
    for number, each in enumerate(annotations):
        code = _box_error(each, size)
        if code is None:
            boxes.append(LabelledBox(class_map[str(each["class_id"])], _ratios(each, size)))
        else:
            errors.append(line_issue(code, name, "annotations", number))
    if not boxes:
        errors.append(line_issue("ERROR_NO_VALID_ANNOTATIONS", name))
    return replace(content, boxes=tuple(boxes), errors=tuple(errors))


def _annotations(value: JsonObject) -> list[JsonObject]:
    found: list[JsonObject] = value.get("annotations", [])
    return found


def _box_error(box: JsonObject, size: ImageSize) -> str | None:
    across = _is_inside(box["left"], box["width"], size.width)
    if not across or not _is_inside(box["top"], box["height"], size.height):
        return "ERROR_INVALID_BOUNDING_BOX"
    scale = min(1, MAX_TRAINED_SIDE_PIXELS / max(size.width, size.height))
    if min(box["width"], box["height"]) * scale <= MIN_BOX_PIXELS:
        return "ERROR_BOUNDING_BOX_TOO_SMALL"
    return None


def _is_inside(start: float, length: float, whole: int) -> bool:
    # the first two come first, so that no sum is made of numbers that are too large for one
    return (
        0 <= start <= whole
        and 0 <= length <= whole
        and start + length <= whole + BORDER_TOLERANCE_PIXELS
    )


def _ratios(box: JsonObject, size: ImageSize) -> Box:
    return Box(
        box["left"] / size.width,
        box["top"] / size.height,
        box["width"] / size.width,
        box["height"] / size.height,
    )
