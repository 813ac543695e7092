"""Read and write Pascal VOC: an XML file of boxes for each image."""

import math
import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import decode_text, parse_xml
from rcl_flow.formats.fields import (
    box_around,
    box_from_corners,
    points_of,
    short,
    size_from,
)
from rcl_flow.formats.losses import LossLog
from rcl_flow.formats.places import (
    IMAGE_SUFFIXES,
    folder_of,
    image_at,
    is_image_name,
    is_s3,
    join,
    name_below,
    suffix_of,
)
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.sizes import sized
from rcl_flow.formats.source import SourceEntry, SourceImage, source_image
from rcl_flow.formats.targets import NewFile, Target, TargetImage
from rcl_flow.formats.xml_files import (
    add,
    is_writable,
    needed_text,
    numbers_at,
    text_in,
    to_bytes,
)

ANNOTATIONS: Final = "Annotations"
_CORNERS: Final = ("xmin", "ymin", "xmax", "ymax")
_SUFFIXES: Final = [each for usual in IMAGE_SUFFIXES for each in (usual.upper(), usual)]
_PICTURES: Final = ("JPEGImages", "images")
_OF_A_LABEL: Final = re.compile(r"(?P<stem>.*\S)\s+(-1|0|1)")
_TURNED: Final = ("cx", "cy", "w", "h", "angle")
"""A box by its middle, and its angle in radians: the layout of roLabelImg."""
_ORDINARY: Final = {
    "pose": ("", "unspecified"),
    "truncated": ("", "0"),
    "difficult": ("", "0"),
    "occluded": ("", "0"),
}
"""What an object's attributes say when they say nothing."""


def read_voc(
    uri: str, access: Access, options: SourceOptions, losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the image of each XML file of a folder, or of the one file.

    Coordinates are taken to start at 0, as today's tools write them.
    """
    listed = access.list_uris(uri)
    with refused(uri):
        files = _annotation_files(uri, listed, access, options.split)
    one_file = listed == [uri]
    root = folder_of(uri) if one_file else uri
    if one_file and posixpath.basename(root) == ANNOTATIONS:
        root = folder_of(root)
    there = frozenset() if one_file else frozenset(listed)
    images = _Images(root, there, options.images, access)
    for file_uri in files:
        try:
            yield _image(file_uri, images, access, losses)
        except AnnotationProblemError as problem:
            yield UnusableImage(file_uri, str(problem))


def write_voc(target: Target, losses: LossLog) -> Iterator[NewFile]:
    """Yield an XML file for each image; labels of whole images have no place in it."""
    written: set[str] = set()
    for image in target.images:
        path = f"{ANNOTATIONS}/{posixpath.splitext(image.name)[0]}.xml"
        texts = (image.name, image.reference, *(box.label for box in image.source.boxes))
        if not is_writable(*texts):
            losses.note("unwritable", image.source.uri)
        elif path in written:
            losses.note("name-clashes", image.source.uri)
        else:
            losses.note("image-labels", image.source.uri, count=len(image.source.image_labels))
            written.add(path)
            yield NewFile(path, to_bytes(_document(image)))


class _Images:
    """Finds the image that a file is about."""

    def __init__(self, root: str, listed: frozenset[str], told: str | None, access: Access) -> None:
        self._root = root
        self._listed = listed
        self._told = told
        self._access = access

    def find(self, document: Element, file_uri: str) -> str:
        """Return where the image is: as told, as found, or as the file's own path says."""
        path = text_in(document, "path")
        name = text_in(document, "filename")
        if not name and not path:
            raise AnnotationProblemError("it has neither <filename> nor <path>")
        if self._told is not None:
            return image_at(self._told, name or posixpath.basename(path))
        if is_s3(path):
            return path
        if "/" in path and not path.startswith("/"):  # from the root on, as `convert` writes it
            there = image_at(self._root, path)
            if there in self._listed or self._access.list_uris(there):
                return there
        below = name_below(folder_of(file_uri), join(self._root, ANNOTATIONS))
        folders = [folder_of(file_uri)]
        if below is not None:  # the same sub-folder as among the annotations
            folders += [join(self._root, f"{place}/{below}") for place in (".", *_PICTURES)]
        folders += [self._root, *(join(self._root, place) for place in _PICTURES)]
        candidates = (join(folder, one) for one in _names(name, path) for folder in folders)
        found = (candidate for candidate in candidates if candidate in self._listed)
        return next(found, None) or image_at(self._root, path or name)


def _names(name: str, path: str) -> Iterator[str]:
    """Yield what the image may be called: some tools leave its extension out."""
    if name:
        yield name
        if not is_image_name(name):
            yield from (f"{name}{suffix}" for suffix in _SUFFIXES)
    yield posixpath.basename(path.replace("\\", "/")) or name


def _annotation_files(
    uri: str, listed: Sequence[str], access: Access, split: str | None
) -> list[str]:
    files = [one for one in listed if suffix_of(one) == ".xml"]
    if not files:
        raise AnnotationProblemError("there are no XML files in it")
    if split is None:
        return files
    split_uri = join(uri, f"ImageSets/Main/{split}.txt")
    if split_uri not in listed:
        raise AnnotationProblemError(f"it has no ImageSets/Main/{split}.txt")
    stems = _stems(decode_text(access.open_bytes(split_uri)))
    return [one for one in files if not stems.isdisjoint(_stems_of(one, uri))]


def _stems(text: str) -> set[str]:
    """Return the images of a list; that of a label says after each whether it shows it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [_OF_A_LABEL.fullmatch(line) for line in lines]
    return {match["stem"] for match in told if match} if all(told) else set(lines)


def _stems_of(file_uri: str, root: str) -> tuple[str, str]:
    """Return what a list may call a file: its name, or its path below the annotations."""
    path = posixpath.splitext(file_uri)[0]
    below = name_below(path, join(root, ANNOTATIONS)) or name_below(path, root)
    return posixpath.basename(path), below or path


def _image(file_uri: str, images: _Images, access: Access, losses: LossLog) -> SourceImage:
    document = parse_xml(access.open_bytes(file_uri))
    if document.tag != "annotation":
        raise AnnotationProblemError(f"its root is <{document.tag[:40]}>, not <annotation>")
    where = images.find(document, file_uri)
    boxes = tuple(_box(element, file_uri, losses) for element in document.iter("object"))
    width, height = text_in(document, "size/width"), text_in(document, "size/height")
    told = size_from(width, height) if width.strip("0") else None
    return source_image(where, set(), boxes, sized(where, told, access) if boxes else told)


def _box(element: Element, file_uri: str, losses: LossLog) -> PixelBox:
    label = needed_text(element, "name")
    place = f"{file_uri}: {label}"
    unusual = sum(text_in(element, key).lower() not in usual for key, usual in _ORDINARY.items())
    losses.note("attributes", place, count=unusual + len(element.findall("part")))
    outlined = element.find("polygon") is not None
    losses.note("polygons", place, count=outlined)
    if element.find("bndbox") is not None:
        return box_from_corners(label, numbers_at(element, [f"bndbox/{c}" for c in _CORNERS]))
    if outlined:
        corners = element.iterfind("polygon/*")
        return box_around(label, points_of([numbers_at(one, ["."])[0] for one in corners]))
    if element.find("robndbox") is None:
        raise AnnotationProblemError(f"an object {label!r} has no <bndbox>")
    losses.note("rotation", place)
    return _upright(label, numbers_at(element, [f"robndbox/{key}" for key in _TURNED]))


def _upright(label: str, turned: Sequence[float]) -> PixelBox:
    across, down, width, height, angle = turned
    reach = (
        (abs(width * math.cos(angle)) + abs(height * math.sin(angle))) / 2,
        (abs(width * math.sin(angle)) + abs(height * math.cos(angle))) / 2,
    )
    corners = (across - reach[0], down - reach[1], across + reach[0], down + reach[1])
    return box_from_corners(label, corners)


def _document(image: TargetImage) -> Element:
    document = Element("annotation")
    add(document, "folder", posixpath.dirname(image.name))
    add(document, "filename", posixpath.basename(image.name))
    add(document, "path", image.reference)
    if image.source.size_pixels:
        size = add(document, "size")
        for tag, pixels in zip(("width", "height"), image.source.size_pixels, strict=True):
            add(size, tag, pixels)
        add(size, "depth", 3)
    for box in image.source.boxes:
        _add_object(document, box)
    return document


def _add_object(document: Element, box: PixelBox) -> None:
    element = add(document, "object")
    add(element, "name", box.label)
    for tag, value in (("pose", "Unspecified"), ("truncated", 0), ("difficult", 0)):
        add(element, tag, value)
    place = add(element, "bndbox")
    corners = (box.left, box.top, box.left + box.width, box.top + box.height)
    for tag, side in zip(_CORNERS, corners, strict=True):
        add(place, tag, short(side))
