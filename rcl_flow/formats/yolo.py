"""Read YOLO datasets: data.yaml, images, and a text file of boxes for each image."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.formats.access import Access, SourceOptions
from rcl_flow.formats.documents import decode_text
from rcl_flow.formats.fields import (
    box_around,
    box_from_sides,
    number_from,
    points_of,
    shown,
)
from rcl_flow.formats.losses import LossKind, LossLog
from rcl_flow.formats.places import image_problem, printable
from rcl_flow.formats.problems import AnnotationProblemError, refused
from rcl_flow.formats.sizes import sized
from rcl_flow.formats.source import SourceEntry, source_image
from rcl_flow.formats.yolo_layout import ListedImage, YoloLayout, read_layout

_ROUNDED: Final = 1e-6
"""What six decimals of a middle and a length leave unsure of a side, and a little."""
_BOX: Final = 5
"""Fields of a line: the label's number, and the box's middle, width and height as ratios."""
_BOX_WITH_CONFIDENCE: Final = 6
_SHORTEST_OUTLINE: Final = 7


def read_yolo(
    uri: str, access: Access, options: SourceOptions, losses: LossLog
) -> Iterator[SourceEntry]:
    """Yield the images of a dataset that data.yaml, or a folder with one, describes.

    An image without a text file, or with an empty one, has no object in it.
    """
    with refused(uri):
        layout = read_layout(uri, access, options)
    if len(layout.splits) > 1:
        losses.note("splits", ", ".join(layout.splits))
    for split, problem in layout.absent.items():
        losses.note("absent-splits", f"{split}: {problem}")
    for text in layout.texts_alone:
        losses.note("texts-alone", text)
    used: set[str] = set()
    for listed in layout.images:
        problem = image_problem(listed.uri)
        entry: SourceEntry = UnusableImage(printable(listed.uri), problem)
        if not problem:
            entry = _entry(listed, layout, access, losses)
            used.update(() if isinstance(entry, UnusableImage) else entry.labels)
        yield entry
    for label in sorted(set(layout.names.values()) - used):
        losses.note("unused-labels", label)


def _entry(listed: ListedImage, layout: YoloLayout, access: Access, losses: LossLog) -> SourceEntry:
    if listed.label_uri is None:
        return source_image(listed.uri, set())
    try:
        lines = decode_text(access.open_bytes(listed.label_uri)).splitlines()
        if not any(line.strip() for line in lines):
            return source_image(listed.uri, set())
        size = sized(listed.uri, None, access)
        boxes = tuple(_boxes(lines, size, layout, listed.label_uri, losses))
    except AnnotationProblemError as problem:
        return UnusableImage(listed.uri, f"{listed.label_uri}: {problem}")
    return source_image(listed.uri, set(), boxes, size)


def _boxes(
    lines: Sequence[str], size: tuple[int, int], layout: YoloLayout, uri: str, losses: LossLog
) -> Iterator[PixelBox]:
    for number, line in enumerate(lines, start=1):
        fields = line.split()
        if not fields:
            continue
        try:
            label = _label(fields[0], layout.names)
            ratios = [number_from(field, "a field") for field in fields[1:]]
            loss = _loss(len(fields), has_keypoints=layout.has_keypoints)
            box = (
                _outlined(label, ratios, size) if loss == "polygons" else _box(label, ratios, size)
            )
        except AnnotationProblemError as problem:
            raise AnnotationProblemError(f"line {number}: {problem}") from problem
        if loss:
            losses.note(loss, f"{uri}:{number}")
        yield box


def _label(field: str, names: Mapping[int, str]) -> str:
    number = number_from(field, "its label's number")
    if number not in names:
        raise AnnotationProblemError(f"there is no label of the number {shown(field)}")
    return names[int(number)]


def _loss(fields: int, *, has_keypoints: bool) -> LossKind | None:
    """Return what a line of so many fields loses.

    Raises:
        AnnotationProblemError: no line has so many.
    """
    if fields == _BOX:
        return None
    if has_keypoints and fields > _BOX:
        return "keypoints"
    if fields == _BOX_WITH_CONFIDENCE:
        return "confidence"
    if fields >= _SHORTEST_OUTLINE and fields % 2:
        return "polygons"
    raise AnnotationProblemError(f"it has {fields} fields, not 5")


def _box(label: str, ratios: Sequence[float], size: tuple[int, int]) -> PixelBox:
    across, down, width, height = ratios[:4]
    left, box_width = _span(across, width, size[0])
    top, box_height = _span(down, height, size[1])
    return box_from_sides(label, (left, top, box_width, box_height))


def _span(middle: float, length: float, pixels: int) -> tuple[float, float]:
    """Return start and length in pixels; what rounding has put beyond the image's edge ends there.

    Tools write six decimals, so that a box up to the edge may end a thousandth of a pixel outside.
    """
    start, end = (_at_edge(middle + length * half) for half in (-0.5, 0.5))
    return start * pixels, (end - start) * pixels


def _at_edge(ratio: float) -> float:
    edge = float(round(ratio))
    return edge if edge in (0.0, 1.0) and abs(ratio - edge) <= _ROUNDED else ratio


def _outlined(label: str, ratios: Sequence[float], size: tuple[int, int]) -> PixelBox:
    return box_around(label, [(x * size[0], y * size[1]) for x, y in points_of(ratios)])
