"""The results of one task of Label Studio, gathered into labels and boxes in pixels."""

from typing import Final

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.formats.access import Access
from rcl_flow.formats.fields import (
    Entry,
    box_around,
    box_from_corners,
    box_from_sides,
    list_of,
    mapping_of,
    number_from,
    shown,
    size_from,
    turned_box,
)
from rcl_flow.formats.losses import LossKind, LossLog
from rcl_flow.formats.problems import AnnotationProblemError
from rcl_flow.formats.sizes import sized

_LEFT_OUT: Final[dict[str, LossKind]] = {
    "keypointlabels": "keypoints",
    "brushlabels": "shapes",
    "bitmask": "shapes",
    "vectorlabels": "shapes",
    "textarea": "attributes",
    "number": "attributes",
    "rating": "attributes",
    "datetime": "attributes",
    "taxonomy": "attributes",
    "pairwise": "attributes",
    "relation": "attributes",
}
_TWINS: Final = ("rectangle", "polygon", "ellipse", "keypoint", "brush", "vector")
"""The same region once more, without its label."""
_SHAPES: Final = ("rectanglelabels", "polygonlabels", "ellipselabels")


class Regions:
    """Takes results in, one by one."""

    def __init__(self, image_uri: str, place: str, access: Access, losses: LossLog) -> None:
        """Gather for the image at `image_uri`; `place` is named in losses."""
        self.labels: set[str] = set()
        self.boxes: list[PixelBox] = []
        self.size: tuple[int, int] | None = None
        self._image_uri = image_uri
        self._place = place
        self._access = access
        self._losses = losses

    def add(self, result: Entry) -> None:
        """Take in a result.

        Raises:
            AnnotationProblemError: it is not in Label Studio's form, or of an unknown kind.
        """
        kind = result.get("type")
        if kind in _TWINS:
            return
        if not isinstance(kind, str) or kind not in (*_LEFT_OUT, *_SHAPES, "choices"):
            raise AnnotationProblemError(f"a result of the type {shown(kind)} is not known")
        if kind in _LEFT_OUT:
            self._losses.note(_LEFT_OUT[kind], self._place)
            return
        value = mapping_of(result.get("value"), "a value")
        labels = _texts(value, kind)
        if kind != "choices":
            self._take_shape(kind, value, labels, result)
        elif result.get("item_index") or "x" in value:
            self._losses.note("attributes", self._place)  # a choice about one region
        else:
            self.labels.update(labels)

    def _take_shape(self, kind: str, value: Entry, labels: list[str], result: Entry) -> None:
        size = self._size_of(result)
        for label in labels:
            self.boxes.append(self._box(kind, label, value, size))
        self._losses.note("confidence", self._place, count=result.get("score") is not None)

    def _size_of(self, result: Entry) -> tuple[int, int]:
        width = result.get("original_width")
        told = size_from(width, result.get("original_height")) if width else None
        size = sized(self._image_uri, told or self.size, self._access)
        if self.size not in (None, size):
            raise AnnotationProblemError("its results tell different image sizes")
        self.size = size
        return size

    def _box(self, kind: str, label: str, value: Entry, size: tuple[int, int]) -> PixelBox:
        if kind == "polygonlabels":
            self._losses.note("polygons", self._place)
            return box_around(label, [_point(point, size) for point in list_of(value, "points")])
        across, down = _percent(value, "x", size[0]), _percent(value, "y", size[1])
        if kind == "ellipselabels":
            self._losses.note("polygons", self._place)
            reach = _percent(value, "radiusX", size[0]), _percent(value, "radiusY", size[1])
            corners = (across - reach[0], down - reach[1], across + reach[0], down + reach[1])
            return box_from_corners(label, corners)
        sides = (
            across,
            down,
            _percent(value, "width", size[0]),
            _percent(value, "height", size[1]),
        )
        degrees = number_from(value.get("rotation") or 0, "a rotation")
        if not degrees:
            return box_from_sides(label, sides)
        self._losses.note("rotation", self._place)
        return turned_box(label, sides, degrees)


def _texts(value: Entry, key: str) -> list[str]:
    texts = [text for text in list_of(value, key) if isinstance(text, str) and text]
    if len(texts) != len(list_of(value, key)):
        raise AnnotationProblemError(f"its {key} are no texts")
    return texts


def _percent(value: Entry, key: str, side_pixels: int) -> float:
    return number_from(value.get(key), f"its {key}") * side_pixels / 100


def _point(point: object, size: tuple[int, int]) -> tuple[float, float]:
    if not isinstance(point, list) or len(point) != len(size):
        raise AnnotationProblemError(f"a point is {shown(point)}")
    across, down = (number_from(one, "a point") for one in point)
    return across * size[0] / 100, down * size[1] / 100
