"""Writing manifest lines, hundreds of thousands of them in a second or less.

Lines with the same labels differ in their source-ref and in numbers only. So what they share is
put into JSON once, as a template with places for these; the numbers of many lines are put
into JSON together.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Final

import orjson

from rcl_flow.core.datasets.manifest_boxes import boxes_attribute
from rcl_flow.core.datasets.manifest_lines import (
    IMAGE_CLASSIFICATION,
    OBJECT_DETECTION,
    ManifestLine,
)

CREATION_DATE: Final = "1970-01-01T00:00:00"
"""Written for every label: the real time of labelling is unknown, and a constant keeps the
manifest of unchanged data unchanged."""

_ANNOTATED: Final = {"human-annotated": "yes", "creation-date": CREATION_DATE}
_MARK: Final = b"\0"
"""Stands where the source-ref or a number goes: no JSON text has this byte."""
_AT_ONCE: Final = 128
"""So many lines are put together at a time: few fit a cache of the processor."""
_MOST_TEMPLATES: Final = 4096
_USUAL: Final = b"0123456789-.,"
"""The characters of numbers that are written alike by any program."""

_Kind = tuple[str | None, ...]
"""The image-level labels of a line; or None and the label of each of its boxes."""
_Templates = dict[_Kind, bytes]

_label = attrgetter("label")
_sides = attrgetter("left", "top", "width", "height")


def format_manifest(lines: Iterable[ManifestLine]) -> bytes:
    """Return a manifest in the service's format, JSON Lines."""
    templates: _Templates = {}
    left, parts = iter(lines), []
    while some := list(islice(left, _AT_ONCE)):
        parts.append(_written(some, templates))
    return b"".join(parts)


def _written(lines: Sequence[ManifestLine], templates: _Templates) -> bytes:
    parts, numbers, ends = [], list[float](), []
    for line in lines:
        kind: _Kind = line.labels
        if line.boxes:
            kind = (None, *map(_label, line.boxes))
            numbers += (line.width_pixels, line.height_pixels)
            for box in line.boxes:
                numbers += _sides(box)
        parts.append(templates.get(kind) or _add_template(kind, templates))
        ends.append(len(numbers))
    return b"".join(parts) % tuple(_values(lines, _numbers(numbers), ends))


def _values(
    lines: Sequence[ManifestLine], numbers: Sequence[bytes], ends: Iterable[int]
) -> list[bytes]:
    """Return what goes into the templates: of each line its source-ref, then its numbers."""
    dumps, values, begin = orjson.dumps, list[bytes](), 0
    for line, end in zip(lines, ends, strict=True):
        values.append(dumps(line.source_ref))
        if end != begin:
            values += numbers[begin:end]
            begin = end
    return values


def _add_template(kind: _Kind, templates: _Templates) -> bytes:
    """Return the template of lines of that kind, and keep it."""
    if len(templates) >= _MOST_TEMPLATES:
        templates.clear()
    document = orjson.dumps(_document(kind), option=orjson.OPT_APPEND_NEWLINE)
    templates[kind] = document.replace(b"%", b"%%").replace(_MARK, b"%b")
    return templates[kind]


def _document(kind: _Kind) -> Mapping[str, object]:
    """Return a line with marks instead of its source-ref and numbers."""
    mark = orjson.Fragment(_MARK)
    document: dict[str, object] = {"source-ref": mark}
    labels = [label for label in kind if label is not None]
    if kind[:1] == (None,):
        value, metadata = boxes_attribute(labels, mark)
        metadata |= _ANNOTATED | {"type": OBJECT_DETECTION, "job-name": "boxes"}
        return document | {"boxes": value, "boxes-metadata": metadata}
    for index, label in enumerate(labels):
        document[f"label-{index}"] = 1
        document[f"label-{index}-metadata"] = {
            "class-name": label,
            "confidence": 1,
            "type": IMAGE_CLASSIFICATION,
            **_ANNOTATED,
            "job-name": f"label-{index}",
        }
    return document


def _numbers(numbers: Sequence[float]) -> list[bytes]:
    """Return each number as JSON, whole ones without a fraction."""
    together = orjson.dumps(numbers)[1:-1] + b","
    if together.translate(None, _USUAL) or not numbers:
        return [orjson.dumps(int(each) if each == int(each) else each) for each in numbers]
    return together.replace(b"-0.0,", b"0,").replace(b".0,", b",").split(b",")[:-1]
