"""Read and write manifests, the service's own format: image-level labels or boxes."""

from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from rcl_flow.core import limits
from rcl_flow.core.datasets.boxes import PixelBox, box_problem
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.core.datasets.manifest import (
    IMAGE_CLASSIFICATION,
    ManifestLine,
    SkippedLine,
    format_manifest,
    parse_manifest,
)
from rcl_flow.formats.access import Access, OpenBytes, SourceOptions
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import folder_of, join
from rcl_flow.formats.source import SourceEntry, SourceImage
from rcl_flow.formats.targets import NewFile, Target, TargetImage

_MULTI_LABEL: Final = "groundtruth/image-classification-multilabel"
_METADATA: Final = "-metadata"
_MAX_LINE_CHARACTERS: Final = 100_000
"""Source: developer guide, "Guidelines and quotas" (read 2026-11-23)."""


def read_manifest(
    uri: str, open_bytes: OpenBytes, losses: LossLog | None = None, images: str | None = None
) -> Iterator[SourceEntry]:
    """Yield the images that the manifest at `uri` names, in order.

    A source-ref that is neither an s3:// URI nor an absolute path starts at the manifest's folder.

    Args:
        uri: a local path or an s3:// URI.
        open_bytes: returns the content of such a URI.
        losses: where to note what the images do not keep.
        images: where it starts in place of the manifest's folder.
    """
    folder = folder_of(uri) if images is None else images
    content = _with_single_labels(open_bytes(uri).removeprefix(BOM_UTF8))
    for line in parse_manifest(content):
        if isinstance(line, SkippedLine):
            yield UnusableImage(f"{uri}:{line.line_number}", line.reason)
        else:
            size = (line.width_pixels, line.height_pixels) if line.boxes else None
            where = join(folder, line.source_ref)
            yield SourceImage(where, line.labels, line.boxes, size)
    if losses is not None:
        _note_losses(uri, content, losses)


def read_manifest_source(
    uri: str, access: Access, options: SourceOptions, losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images that the manifest at `uri` names, in order."""
    return read_manifest(uri, access.open_bytes, losses, options.images)


def write_manifest(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield a manifest that the service takes whole: what it would refuse is left out, and noted.

    Source: developer guide, "Guidelines and quotas" and "Object localization in manifest files"
    (archived text, read 2026-11-23).
    """
    lines = (_line(image, losses) for image in target.images)
    written = [format_manifest([line]) for line in lines if line is not None]
    yield NewFile(target.file_name, b"".join(written))


def _line(image: TargetImage, losses: LossLog) -> ManifestLine | None:
    source = image.source
    boxes = tuple(box for box in source.boxes if not _would_be_dropped(box, source.size_pixels))
    losses.note("refused-boxes", source.uri, count=len(source.boxes) - len(boxes))
    if source.boxes:
        losses.note("image-labels", source.uri, count=len(source.image_labels))
    labels = tuple(sorted({box.label for box in boxes})) if source.boxes else source.labels
    line = ManifestLine(image.reference, labels, boxes, *(source.size_pixels or (0, 0)))
    if (source.boxes and not boxes) or _is_over_a_limit(line):
        losses.note("refused-images", source.uri)
        return None
    if not labels:
        losses.note("unlabelled", source.uri)
    return line


def _would_be_dropped(box: PixelBox, size: tuple[int, int] | None) -> bool:
    return size is None or box_problem(box, *size) is not None


def _is_over_a_limit(line: ManifestLine) -> bool:
    sides = (line.width_pixels, line.height_pixels) if line.boxes else ()
    return (
        len(line.boxes) > limits.MAX_BOXES_PER_IMAGE
        or len(line.labels) > limits.MAX_LABELS_PER_IMAGE
        or any(
            len(label) > limits.MAX_LABEL_CHARACTERS or not label.strip() for label in line.labels
        )
        or any(not limits.MIN_SIDE_PIXELS <= side <= limits.MAX_SIDE_PIXELS for side in sides)
        or len(format_manifest([line])) > _MAX_LINE_CHARACTERS
    )


def _with_single_labels(content: bytes) -> bytes:
    """Give lines of Ground Truth's several labels an attribute a label, which the service takes.

    Source: developer guide, "Transforming multi-label SageMaker Ground Truth manifest files"
    (archived text, read 2026-11-23).
    """
    if _MULTI_LABEL.encode() not in content:
        return content
    return b"\n".join(_single_labels(line) for line in content.splitlines())


def _single_labels(raw: bytes) -> bytes:
    if _MULTI_LABEL.encode() not in raw:
        return raw
    try:
        document = orjson.loads(raw)
        return orjson.dumps(dict(_attributes(document)))
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return raw  # the parser tells what is wrong with it


def _attributes(document: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    taken = {key.removesuffix(_METADATA) for key in document if _is_multi_label(document, key)}
    for key, value in document.items():
        if key.removesuffix(_METADATA) not in taken:
            yield key, value
    for name in sorted(taken):
        metadata, identities = document[name + _METADATA], document[name]
        if not isinstance(identities, list) or not isinstance(metadata, dict):
            raise TypeError(name)
        for index, identity in enumerate(identities):
            yield f"{name}{index}", index
            yield f"{name}{index}{_METADATA}", _single_metadata(metadata, str(identity))


def _is_multi_label(document: Mapping[str, object], key: str) -> bool:
    metadata = document[key] if key.endswith(_METADATA) else None
    return isinstance(metadata, dict) and metadata.get("type") == _MULTI_LABEL


def _single_metadata(metadata: Mapping[str, object], identity: str) -> dict[str, object]:
    names, confidences = metadata["class-map"], metadata.get("confidence-map", {})
    if not isinstance(names, dict) or not isinstance(confidences, dict):
        raise TypeError(identity)
    kept = {k: v for k, v in metadata.items() if k not in ("class-map", "confidence-map")}
    return kept | {
        "class-name": names[identity],
        "confidence": confidences.get(identity, 1),
        "type": IMAGE_CLASSIFICATION,
    }


def _note_losses(uri: str, content: bytes, losses: LossLog) -> None:
    for number, raw in enumerate(content.splitlines(), start=1):
        try:
            document = orjson.loads(raw)
        except orjson.JSONDecodeError:
            continue
        if isinstance(document, dict):
            _note_line(document, f"{uri}:{number}", losses)


def _note_line(document: Mapping[str, object], place: str, losses: LossLog) -> None:
    for key, value in document.items():
        if not key.endswith(_METADATA):
            known = key == "source-ref" or f"{key}{_METADATA}" in document
            losses.note("attributes", f"{place} {key}", count=not known)
        elif isinstance(value, dict):
            sure = [value.get("confidence", 1), *_confidences(value)]
            losses.note("confidence", place, count=sum(one != 1 for one in sure))


def _confidences(metadata: Mapping[str, object]) -> Iterator[object]:
    objects = metadata.get("objects")
    for entry in objects if isinstance(objects, list) else ():
        yield entry.get("confidence", 1) if isinstance(entry, dict) else 1
