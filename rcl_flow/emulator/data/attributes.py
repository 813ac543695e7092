"""The label attributes of a manifest line: finding them, judging them, joining what they say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rcl_flow.emulator.data import image_level, object_detection
from rcl_flow.emulator.data.catalogue import MAX_BOXES, LineIssue, line_issue
from rcl_flow.emulator.data.content import Content, metadata_key
from rcl_flow.emulator.shapes import JsonObject

SERVICE_KEYS = frozenset({"source-ref", "errors", "warnings", "cl-errors", "cl-metadata"})


@dataclass(frozen=True, slots=True)
class _Kind:
    """One type of label attribute: what can be wrong with its form, and how to read it."""

    format_error: Callable[[JsonObject, str], LineIssue | None]
    read: Callable[[JsonObject, str], Content]


_KINDS = {
    "groundtruth/image-classification": _Kind(image_level.format_error, image_level.read),
    "groundtruth/object-detection": _Kind(object_detection.format_error, object_detection.read),
}


def label_attributes(document: JsonObject) -> Iterator[str]:
    """Yield the names of the keys that have a `-metadata` partner."""
    for name in document:
        if name not in SERVICE_KEYS and metadata_key(name) in document:
            yield name


def judge_attributes(document: JsonObject, names: tuple[str, ...]) -> Content:
    """Return what a line's label attributes say together.

    The first fault of form ends the judgement of the whole line; then only that fault is told.
    """
    for name in names:
        fault = _format_error(document, name)
        if fault is not None:
            return Content(errors=(fault,))
    joined = Content()
    for name in names:
        joined = joined.joined(_within_limit(_read(document, name), joined.annotations, name))
    return joined


def _format_error(document: JsonObject, name: str) -> LineIssue | None:
    metadata = document[metadata_key(name)]
    if not isinstance(metadata, dict) or not isinstance(metadata.get("type"), str):
        return line_issue("ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT", metadata_key(name))
    kind = _KINDS.get(metadata["type"])
    return kind.format_error(document, name) if kind else None


def _read(document: JsonObject, name: str) -> Content:
    place = metadata_key(name)
    kind = _KINDS.get(document[place]["type"])
    if kind is not None:
        return kind.read(document, name)
    return Content(errors=(line_issue("ERROR_UNSUPPORTED_USE_CASE_TYPE", place, attribute=name),))


def _within_limit(content: Content, annotations_before: int, name: str) -> Content:
    if not content.annotations or annotations_before + content.annotations <= MAX_BOXES:
        return content
    too_many = line_issue("ERROR_TOO_MANY_BOUNDING_BOXES", name)
    return replace(content, boxes=(), annotations=0, errors=(too_many,))
