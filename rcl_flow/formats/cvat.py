"""Read and write CVAT's XML for images, version 1.1."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import parse_xml
from rcl_flow.formats.fields import (
    box_around,
    box_from_corners,
    box_from_sides,
    number_from,
    short,
    size_from,
)
from rcl_flow.formats.losses import LossKind, LossLog
from rcl_flow.formats.places import folder_of, image_at, join
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.sizes import sized
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image
from rcl_flow.formats.targets import NewFile, Target, TargetImage
from rcl_flow.formats.xml_files import (
    add,
    is_writable,
    needed_attribute,
    numbers_of,
    to_bytes,
)

_CORNERS: Final = ("xtl", "ytl", "xbr", "ybr")
_OUTLINES: Final = ("polygon", "polyline")
_LEFT_OUT: Final[dict[str, LossKind]] = {
    "points": "keypoints",
    "skeleton": "keypoints",
    "cuboid": "shapes",
}


def read_cvat(
    uri: str, access: Access, options: SourceOptions, losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images of annotations.xml; they are looked for beside it and in `images/`."""
    content = access.open_bytes(uri)
    with refused(uri):
        images = _images(parse_xml(content), options)
    find = _Images(folder_of(uri), options.images, access).find
    subsets = sorted({image.get("subset", "") for image in images} - {""})
    if len(subsets) > 1:
        losses.note("splits", ", ".join(subsets))
    for index, image in enumerate(images, start=1):
        place = f"{uri}: image {index}"
        try:
            yield _image(image, find, place, access, losses)
        except AnnotationProblemError as problem:
            yield UnusableImage(place, str(problem))


def write_cvat(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield annotations.xml, with boxes and with labels of whole images as tags."""
    root = Element("annotations")
    add(root, "version", "1.1")
    for index, image in enumerate(target.images):
        if is_writable(image.reference, *image.source.labels):
            _add_image(root, index, image)
        else:
            losses.note("unwritable", image.source.uri)
    yield NewFile(target.file_name, to_bytes(root))


def _images(root: Element, options: SourceOptions) -> list[Element]:
    if root.tag != "annotations":
        raise AnnotationProblemError(f"its root is <{root.tag[:40]}>, not <annotations>")
    if root.find("track") is not None:
        raise AnnotationProblemError("it is CVAT for video; export `CVAT for images 1.1`")
    images = root.findall("image")
    if options.split is None:
        return images
    chosen = [image for image in images if image.get("subset") == options.split]
    if not chosen:
        raise AnnotationProblemError(f"it has no image of the subset {options.split!r}")
    return chosen


class _Images:
    """Finds images: as told, else in `images/` beside the file, else beside it."""

    def __init__(self, beside: str, told: str | None, access: Access) -> None:
        self._beside = beside if told is None else told
        self._exported = join(beside, "images")
        self._listed = frozenset(access.list_uris(self._exported) if told is None else ())
        self._access = access

    def find(self, name: str) -> str:
        """Return where the image of that name is, or is most likely meant to be."""
        beside = image_at(self._beside, name)
        if not self._listed or beside in self._listed:
            return beside
        exported = image_at(self._exported, name)
        if exported in self._listed or not self._access.list_uris(beside):
            return exported
        return beside


def _image(
    image: Element, find: Callable[[str], str], place: str, access: Access, losses: LossLog
) -> SourceImage:
    where = find(needed_attribute(image, "name"))
    tags: set[str] = set()
    boxes: list[PixelBox] = []
    for element in image:
        label = needed_attribute(element, "label")
        losses.note("attributes", place, count=_attributes(element))
        if element.tag == "tag":
            tags.add(label)
        elif element.tag in _LEFT_OUT:
            losses.note(_LEFT_OUT[element.tag], place)
        else:
            boxes.append(_box(element, label, place, losses))
    width, height = image.get("width"), image.get("height")
    told = size_from(width, height) if width else None
    size = sized(where, told, access) if boxes else told
    return source_image(where, tags, tuple(boxes), size)


def _attributes(element: Element) -> int:
    return len(element.findall("attribute")) + (element.get("occluded", "0") != "0")


def _box(element: Element, label: str, place: str, losses: LossLog) -> PixelBox:
    degrees = number_from(element.get("rotation", "0"), "a rotation")
    if element.tag == "box":
        losses.note("rotation", place, count=degrees != 0)
        return _turned(box_from_corners(label, numbers_of(element, _CORNERS)), degrees)
    losses.note("polygons", place)
    if element.tag in _OUTLINES:
        return box_around(label, _points(needed_attribute(element, "points")))
    if element.tag == "ellipse":
        across, down, width, height = numbers_of(element, ("cx", "cy", "rx", "ry"))
        corners = (across - width, down - height, across + width, down + height)
        return _turned(box_from_corners(label, corners), degrees)
    if element.tag == "mask":
        return box_from_sides(label, numbers_of(element, ("left", "top", "width", "height")))
    raise AnnotationProblemError(f"<{element.tag[:40]}> is no shape of CVAT")


def _turned(box: PixelBox, degrees: float) -> PixelBox:
    """Return the upright box around one that is turned round its middle, as CVAT does."""
    if not degrees:
        return box
    cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    width = box.width * cosine + box.height * sine
    height = box.width * sine + box.height * cosine
    left = box.left + (box.width - width) / 2
    return box_from_sides(box.label, (left, box.top + (box.height - height) / 2, width, height))


def _points(text: str) -> Sequence[tuple[float, float]]:
    points = []
    for pair in text.split(";"):
        across, _, down = pair.partition(",")
        points.append((number_from(across, "a point"), number_from(down, "a point")))
    return points


def _add_image(root: Element, identity: int, image: TargetImage) -> None:
    element = SubElement(root, "image", id=str(identity), name=image.reference)
    if image.source.size_pixels:
        width, height = image.source.size_pixels
        element.attrib |= {"width": str(width), "height": str(height)}
    for label in image.source.image_labels:
        SubElement(element, "tag", label=label, source="manual")
    for box in image.source.boxes:
        corners = (box.left, box.top, box.left + box.width, box.top + box.height)
        sides = dict(zip(_CORNERS, map(short, corners), strict=True))
        SubElement(
            element, "box", {"label": box.label, "source": "manual", "occluded": "0"} | sides
        )
