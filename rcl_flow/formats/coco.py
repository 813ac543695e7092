"""Read and write COCO's JSON of object detection.

Source of the mapping: developer guide, "Transforming COCO datasets" (archived text, read
2026-11-23), whose script needs `date_captured` too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import parse_json
from rcl_flow.formats.fields import (
    Entry,
    box_around,
    box_from_sides,
    identity_of,
    list_of,
    mapping_of,
    number_from,
    points_of,
    shown,
    size_from,
    text_of,
)
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import folder_of, image_at, is_s3
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.sizes import sized
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image
from rcl_flow.formats.targets import NewFile, Target, TargetImage

Identity = int | str
_DATE: Final = "1970-01-01 00:00:00"
"""A constant keeps the file of unchanged data unchanged; AWS's script refuses to go without."""
_SIDES: Final = 4


@dataclass(frozen=True, slots=True)
class _Coco:
    """A parsed file: annotations by the image that they belong to."""

    uri: str
    folder: str
    labels: Mapping[Identity, str]
    images: Sequence[object]
    annotations: Mapping[Identity, Sequence[tuple[int, Entry]]]
    stray: Sequence[UnusableImage]


def read_coco(
    uri: str, access: Access, options: SourceOptions, losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images of a COCO file in their order, those without annotations too."""
    with refused(uri):
        coco = _parse(uri, access.open_bytes(uri), options)
    seen: set[Identity] = set()
    used: set[str] = set()
    for index, entry in enumerate(coco.images):
        try:
            image = mapping_of(entry, "it")
            identity = _new_identity(image, seen)
            read = _image(coco, image, identity, access, losses)
        except AnnotationProblemError as problem:
            yield UnusableImage(f"{uri}: images[{index}]", str(problem))
        else:
            used.update(read.labels)
            yield read
    yield from coco.stray
    for identity, annotations in coco.annotations.items():
        if identity not in seen:
            place = f"{uri}: annotations[{annotations[0][0]}]"
            yield UnusableImage(place, f"there is no image of the id {shown(identity)}")
    for label in sorted(set(coco.labels.values()) - used):
        losses.note("unused-labels", label)


def write_coco(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield the file; labels of whole images have no place in it."""
    names = sorted({box.label for image in target.images for box in image.source.boxes})
    number = {name: index for index, name in enumerate(names, start=1)}
    annotations: list[dict[str, object]] = []
    for index, image in enumerate(target.images, start=1):
        losses.note("image-labels", image.source.uri, count=len(image.source.image_labels))
        for box in image.source.boxes:
            annotations.append(_annotation(len(annotations) + 1, index, number[box.label], box))
    document = {
        "images": [_image_document(i, image) for i, image in enumerate(target.images, start=1)],
        "annotations": annotations,
        "categories": [{"id": number[name], "name": name} for name in names],
    }
    yield NewFile(target.file_name, orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))


def _new_identity(image: Entry, seen: set[Identity]) -> Identity:
    identity = identity_of(image, "id")
    if identity in seen:
        raise AnnotationProblemError(f"its id {shown(identity)} stands twice")
    seen.add(identity)
    return identity


def _parse(uri: str, content: bytes, options: SourceOptions) -> _Coco:
    document = mapping_of(parse_json(content), "it")
    if "images" not in document:
        raise AnnotationProblemError("it has no `images`, so it is not COCO")
    grouped: dict[Identity, list[tuple[int, Entry]]] = {}
    stray: list[UnusableImage] = []
    for index, value in enumerate(list_of(document, "annotations")):
        try:
            annotation = mapping_of(value, "it")
            grouped.setdefault(identity_of(annotation, "image_id"), []).append((index, annotation))
        except AnnotationProblemError as problem:
            stray.append(UnusableImage(f"{uri}: annotations[{index}]", str(problem)))
    return _Coco(
        uri=uri,
        folder=folder_of(uri) if options.images is None else options.images,
        labels=_labels(list_of(document, "categories")),
        images=list_of(document, "images"),
        annotations=grouped,
        stray=stray,
    )


def _labels(categories: Sequence[object]) -> dict[Identity, str]:
    labels: dict[Identity, str] = {}
    for index, value in enumerate(categories):
        try:
            category = mapping_of(value, "it")
            labels[identity_of(category, "id")] = text_of(category, "name")
        except AnnotationProblemError as problem:
            raise AnnotationProblemError(f"categories[{index}]: {problem}") from problem
    return labels


def _image(
    coco: _Coco, image: Entry, identity: Identity, access: Access, losses: LossLog
) -> SourceImage:
    url = image.get("coco_url")
    name = url if isinstance(url, str) and is_s3(url) else text_of(image, "file_name")
    where = image_at(coco.folder, name)
    boxes: list[PixelBox] = []
    for index, annotation in coco.annotations.get(identity, ()):
        place = f"annotations[{index}]"
        try:
            box = _box(coco, annotation, place, losses)
        except AnnotationProblemError as problem:
            raise AnnotationProblemError(f"{place}: {problem}") from problem
        boxes.extend([box] if box else [])
    told = size_from(image["width"], image.get("height")) if image.get("width") else None
    return source_image(where, set(), tuple(boxes), sized(where, told, access) if boxes else told)


def _box(coco: _Coco, annotation: Entry, place: str, losses: LossLog) -> PixelBox | None:
    label = coco.labels.get(identity_of(annotation, "category_id"))
    if label is None:
        raise AnnotationProblemError(
            f"there is no category of the id {shown(annotation['category_id'])}"
        )
    where = f"{coco.uri}: {place}"
    losses.note("polygons", where, count=bool(annotation.get("segmentation")))
    losses.note("keypoints", where, count=bool(annotation.get("keypoints")))
    losses.note("crowds", where, count=bool(annotation.get("iscrowd")))
    losses.note("attributes", where, count=bool(annotation.get("attributes")))
    losses.note("confidence", where, count="score" in annotation)
    sides = list_of(annotation, "bbox")
    if len(sides) == _SIDES:
        return box_from_sides(label, [number_from(side, "a side of its bbox") for side in sides])
    if sides or not annotation.get("segmentation"):
        raise AnnotationProblemError("its bbox has not four sides")
    return _outlined(label, annotation["segmentation"], where, losses)


def _outlined(label: str, segmentation: object, where: str, losses: LossLog) -> PixelBox | None:
    if not isinstance(segmentation, list):
        losses.note("shapes", where)  # a mask in COCO's run lengths
        return None
    flat = [
        number_from(number, "a point of its outline")
        for outline in segmentation
        for number in (outline if isinstance(outline, list) else [outline])
    ]
    return box_around(label, points_of(flat))


def _image_document(identity: int, image: TargetImage) -> dict[str, object]:
    document: dict[str, object] = {"id": identity, "file_name": image.reference}
    if is_s3(image.reference):
        document |= {"file_name": image.name, "coco_url": image.reference}
    if image.source.size_pixels:
        width, height = image.source.size_pixels
        document |= {"width": width, "height": height}
    return document | {"date_captured": _DATE}


def _annotation(identity: int, image_id: int, category_id: int, box: PixelBox) -> dict[str, object]:
    return {
        "id": identity,
        "image_id": image_id,
        "category_id": category_id,
        "bbox": [box.left, box.top, box.width, box.height],
        "area": box.width * box.height,
        "iscrowd": 0,
        "segmentation": [],
    }
