"""Manifest lines: what is written for the service, and what is read back from users' files.

Source: developer guide, "Creating a manifest file", "Image-level labels in manifest files" and
"Object localization in manifest files" (archived text, read 2026-11-23).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from rcl_flow.core.boxes import PixelBox
from rcl_flow.core.manifest_boxes import LineProblemError, boxes_attribute, parse_boxes

IMAGE_CLASSIFICATION: Final = "groundtruth/image-classification"
OBJECT_DETECTION: Final = "groundtruth/object-detection"
CREATION_DATE: Final = "1970-01-01T00:00:00"
"""Written for every label: the real time of labelling is unknown, and a constant keeps the
manifest of unchanged data unchanged."""
_ANNOTATED: Final = {"human-annotated": "yes", "creation-date": CREATION_DATE}


LabelAttribute = tuple[object, Mapping[str, object]]
"""The value and the metadata of one label attribute."""


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One usable line, with image-level labels or with boxes."""

    source_ref: str
    labels: tuple[str, ...]
    """Of the image, or of the objects in it; sorted, without repeats."""
    boxes: tuple[PixelBox, ...] = ()
    width_pixels: int = 0
    height_pixels: int = 0
    """The image's size, as a line with boxes tells it."""


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that cannot be used, its 1-based number, and why."""

    line_number: int
    source_ref: str
    reason: str


def format_manifest(lines: Iterable[ManifestLine]) -> bytes:
    """Return a manifest in the service's format, JSON Lines."""
    return b"".join(
        orjson.dumps(_line_document(line), option=orjson.OPT_APPEND_NEWLINE) for line in lines
    )


def parse_manifest(content: bytes) -> Iterator[ManifestLine | SkippedLine]:
    """Yield what each line of a manifest says; blank lines are skipped with a reason too."""
    for number, raw in enumerate(content.splitlines(), start=1):
        yield _parse_line(raw, number)


def _line_document(line: ManifestLine) -> dict[str, object]:
    document: dict[str, object] = {"source-ref": line.source_ref}
    if line.boxes:
        value, metadata = boxes_attribute(line.boxes, line.width_pixels, line.height_pixels)
        metadata |= _ANNOTATED | {"type": OBJECT_DETECTION, "job-name": "boxes"}
        return document | {"boxes": value, "boxes-metadata": metadata}
    for index, label in enumerate(line.labels):
        document[f"label-{index}"] = 1
        document[f"label-{index}-metadata"] = {
            "class-name": label,
            "confidence": 1,
            "type": IMAGE_CLASSIFICATION,
            **_ANNOTATED,
            "job-name": f"label-{index}",
        }
    return document


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
    with_boxes = [metadata.get("type") == OBJECT_DETECTION for _, metadata in attributes]
    if any(with_boxes) and not all(with_boxes):
        raise LineProblemError("it has both image-level labels and boxes")
    if any(with_boxes):
        return _line_with_boxes(source_ref, attributes)
    names = [metadata.get("class-name") for _, metadata in attributes]
    labels = {name for name in names if isinstance(name, str) and name}
    if not all(isinstance(name, str) and name for name in names):
        raise LineProblemError("a label attribute has no class-name")
    return ManifestLine(source_ref, tuple(sorted(labels)))


def _line_with_boxes(source_ref: str, attributes: Sequence[LabelAttribute]) -> ManifestLine:
    parsed = [parse_boxes(value, metadata) for value, metadata in attributes]
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
            yield document[attribute], value
