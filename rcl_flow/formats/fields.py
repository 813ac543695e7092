"""Typed look-ups into parsed documents of unknown content, and the values made of them."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.formats.problems import AnnotationProblemError

_PLACES: Final = 4
"""A ten-thousandth of a pixel, so that ratios and percentages give back whole pixels."""
_PLAIN_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_FARTHEST_PIXELS: Final = 1e9
_LONGEST_SHOWN: Final = 60
Entry = Mapping[str, object]


def mapping_of(value: object, what: str) -> Entry:
    """Return `value` when it is a mapping; `what` names it in the problem."""
    if not isinstance(value, dict):
        raise AnnotationProblemError(f"{what} is no mapping")
    return value


def list_of(entry: Entry, key: str) -> list[object]:
    """Return the list at `key`, or an empty one where there is none."""
    value = entry.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise AnnotationProblemError(f"its {key} is no list")
    return value


def text_of(entry: Entry, key: str) -> str:
    """Return the text at `key`, which must not be empty."""
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise AnnotationProblemError(f"its {key} is {shown(value)} and no text")
    return value


def identity_of(entry: Entry, key: str) -> int | str:
    """Return the number or text at `key` that other entries refer to.

    A number may be written as text in one entry and not in the other.
    """
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise AnnotationProblemError(f"its {key} is {shown(value)} and no number or text")
    if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value):
        return int(value)
    return value


def number_from(value: object, what: str) -> float:
    """Return a number of pixels, percent or the like, given as a number or as text."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)  # type: ignore[arg-type]  # a wrong type is the error below
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not abs(number) <= _FARTHEST_PIXELS:
        raise AnnotationProblemError(f"{what} is {shown(value)} and no usable number")
    return number


def size_from(width: object, height: object) -> tuple[int, int]:
    """Return an image's width and height in whole pixels."""
    size = number_from(width, "its width"), number_from(height, "its height")
    if any(side < 1 or side != int(side) for side in size):
        raise AnnotationProblemError(f"its size is {shown(width)} x {shown(height)} pixels")
    return int(size[0]), int(size[1])


def box_from_sides(label: str, sides: Sequence[float]) -> PixelBox:
    """Return the box of left, top, width and height."""
    left, top, width, height = (round(side, _PLACES) for side in sides)
    return PixelBox(label, left, top, width, height)


def box_from_corners(label: str, corners: Sequence[float]) -> PixelBox:
    """Return the box between its left, top, right and bottom sides."""
    left, top, right, bottom = corners
    return box_from_sides(label, (left, top, right - left, bottom - top))


def box_around(label: str, points: Sequence[tuple[float, float]]) -> PixelBox:
    """Return the upright box around `points`."""
    if not points:
        raise AnnotationProblemError(f"an outline of {label!r} has no points")
    across, down = [x for x, _ in points], [y for _, y in points]
    return box_from_corners(label, (min(across), min(down), max(across), max(down)))


def turned_box(label: str, sides: Sequence[float], degrees: float) -> PixelBox:
    """Return the upright box around one that is turned clockwise round its top left corner."""
    left, top, width, height = sides
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    corners = ((0.0, 0.0), (width, 0.0), (0.0, height), (width, height))
    points = [(left + x * cosine - y * sine, top + x * sine + y * cosine) for x, y in corners]
    return box_around(label, points)


def points_of(flat: Sequence[float]) -> list[tuple[float, float]]:
    """Return the points of a flat list of x and y."""
    return list(zip(flat[::2], flat[1::2], strict=False))


def shown(value: object) -> str:
    """Return a value in the form in which messages show it, never long."""
    if value is None:
        return "missing"
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def short(number: float) -> str:
    """Return a number as text, without a fraction where it has none."""
    return str(int(number)) if number == int(number) else repr(number)
