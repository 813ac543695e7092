"""Manifest lines: what is written for the service, and what is read back from users' files.

Source: developer guide, "Creating a manifest file" and "Image-level labels in manifest files"
(archived text, read 2026-11-23).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

IMAGE_CLASSIFICATION: Final = "groundtruth/image-classification"
OBJECT_DETECTION: Final = "groundtruth/object-detection"
CREATION_DATE: Final = "1970-01-01T00:00:00"
"""Written for every label: the real time of labelling is unknown, and a constant keeps the
manifest of unchanged data unchanged."""


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One usable image-level line."""

    source_ref: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that cannot be used, its 1-based number, and why."""

    line_number: int
    source_ref: str
    reason: str


def format_manifest(lines: Iterable[ManifestLine]) -> bytes:
    """Return a manifest of image-level labels in the service's format, JSON Lines."""
    return b"".join(
        orjson.dumps(_line_document(line), option=orjson.OPT_APPEND_NEWLINE) for line in lines
    )


def parse_manifest(content: bytes) -> Iterator[ManifestLine | SkippedLine]:
    """Yield what each line of a manifest says; blank lines are skipped with a reason too."""
    for number, raw in enumerate(content.splitlines(), start=1):
        yield _parse_line(raw, number)


def _line_document(line: ManifestLine) -> dict[str, object]:
    document: dict[str, object] = {"source-ref": line.source_ref}
    for index, label in enumerate(line.labels):
        document[f"label-{index}"] = 1
        document[f"label-{index}-metadata"] = {
            "class-name": label,
            "confidence": 1,
            "type": IMAGE_CLASSIFICATION,
            "human-annotated": "yes",
            "creation-date": CREATION_DATE,
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
    metadata = list(_label_metadata(document))
    if any(entry.get("type") == OBJECT_DETECTION for entry in metadata):
        return SkippedLine(number, source_ref, "bounding boxes are not supported yet")
    names = [entry.get("class-name") for entry in metadata]
    labels = {name for name in names if isinstance(name, str) and name}
    if not all(isinstance(name, str) and name for name in names):
        return SkippedLine(number, source_ref, "a label attribute has no class-name")
    return ManifestLine(source_ref, tuple(sorted(labels)))


def _label_metadata(document: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for key, value in document.items():
        attribute = key.removesuffix("-metadata")
        if attribute != key and attribute in document and isinstance(value, dict):
            yield value
