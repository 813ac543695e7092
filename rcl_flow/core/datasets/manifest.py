"""Manifest lines: what is written for the service, and what is read back from users' files.

Source: developer guide, "Creating a manifest file", "Image-level labels in manifest files" and
"Object localization in manifest files" (archived text, read 2026-11-23).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import orjson

from rcl_flow.core.datasets.manifest_boxes import LineProblemError, parse_boxes
from rcl_flow.core.datasets.manifest_lines import IMAGE_CLASSIFICATION as IMAGE_CLASSIFICATION
from rcl_flow.core.datasets.manifest_lines import OBJECT_DETECTION as OBJECT_DETECTION
from rcl_flow.core.datasets.manifest_lines import ManifestLine as ManifestLine
from rcl_flow.core.datasets.manifest_lines import SkippedLine as SkippedLine
from rcl_flow.core.datasets.manifest_writing import format_manifest as format_manifest

LabelAttribute = tuple[str, object, Mapping[str, object]]
"""The name, the value and the metadata of one label attribute."""
_LONGEST_SHOWN: Final = 100


def parse_manifest(content: bytes) -> Iterator[ManifestLine | SkippedLine]:
    """Yield what each line of a manifest says; blank lines are skipped with a reason too."""
    for number, raw in enumerate(content.splitlines(), start=1):
        yield _parse_line(raw, number)


def _parse_line(raw: bytes, number: int) -> ManifestLine | SkippedLine:
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return SkippedLine(number, "", f"not a JSON object: {error}")
    source_ref = document.get("source-ref") if isinstance(document, dict) else None
    if not isinstance(source_ref, str) or not source_ref or "\0" in source_ref:
        return SkippedLine(number, "", "no usable source-ref")
    try:
        return _usable_line(source_ref, list(_label_attributes(document)))
    except LineProblemError as problem:
        return SkippedLine(number, source_ref, str(problem))


def _usable_line(source_ref: str, attributes: Sequence[LabelAttribute]) -> ManifestLine:
    with_boxes = [metadata.get("type") == OBJECT_DETECTION for _, _, metadata in attributes]
    if any(with_boxes) and not all(with_boxes):
        _require_class_names(attributes)
        raise LineProblemError("it has both image-level labels and boxes")
    if any(with_boxes):
        return _line_with_boxes(source_ref, attributes)
    names = [metadata.get("class-name") for _, _, metadata in attributes]
    labels = {name for name in names if isinstance(name, str) and name}
    if not all(isinstance(name, str) and name for name in names):
        _require_class_names(attributes)
    return ManifestLine(source_ref, tuple(sorted(labels)))


def _require_class_names(attributes: Sequence[LabelAttribute]) -> None:
    """Refuse the first attribute that has neither boxes nor a class-name, such as a mask's."""
    for name, _, metadata in attributes:
        kind, label = metadata.get("type"), metadata.get("class-name")
        if kind == OBJECT_DETECTION or (isinstance(label, str) and label):
            continue
        if isinstance(kind, str) and kind != IMAGE_CLASSIFICATION:
            raise LineProblemError(
                f"its label attribute {_shown(name)} is of the type {_shown(kind)}; the service "
                f"takes {IMAGE_CLASSIFICATION} and {OBJECT_DETECTION}"
            )
        untyped = "" if kind else ", and no type"
        raise LineProblemError(f"its label attribute {_shown(name)} has no class-name{untyped}")


def _shown(text: str) -> str:
    return repr(text[:_LONGEST_SHOWN])


def _line_with_boxes(source_ref: str, attributes: Sequence[LabelAttribute]) -> ManifestLine:
    parsed = [parse_boxes(value, metadata) for _, value, metadata in attributes]
    sizes = {(width, height) for _, width, height in parsed}
    if len(sizes) > 1:
        raise LineProblemError("its label attributes tell different image sizes")
    boxes = tuple(box for found, _, _ in parsed for box in found)
    labels = tuple(sorted({box.label for box in boxes}))
    return ManifestLine(source_ref, labels, boxes, *sizes.pop())


def _label_attributes(document: Mapping[str, object]) -> Iterator[LabelAttribute]:
    for key, value in document.items():
        attribute = key.removesuffix("-metadata")
        if attribute != key and attribute in document and isinstance(value, dict):
            yield attribute, document[attribute], value
