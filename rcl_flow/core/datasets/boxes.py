"""Boxes around objects: in pixels as annotations give them, as ratios as the service answers."""

from dataclasses import dataclass
from typing import Literal

from rcl_flow.core import limits
from rcl_flow.core.values import Frozen

BoxProblem = Literal["outside", "inverted", "tiny"]
"""Why the service drops a box: it leaves the image, has no area, or vanishes in training."""


class Box(Frozen):
    """A rectangle in an image; all four are ratios of its width or height, 0 to 1."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Its share of the image."""
        return self.width * self.height

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        return self.left, self.top, self.left + self.width, self.top + self.height


@dataclass(frozen=True, slots=True)
class PixelBox:
    """An annotated object: its label and its place in pixels from the top left corner."""

    label: str
    left: float
    top: float
    width: float
    height: float

    def within(self, width_pixels: int, height_pixels: int) -> Box:
        """Return its place as ratios of an image of that size."""
        return Box(
            left=self.left / width_pixels,
            top=self.top / height_pixels,
            width=self.width / width_pixels,
            height=self.height / height_pixels,
        )


@dataclass(frozen=True, slots=True)
class DroppedBox:
    """An annotated object that the service would leave out, and why."""

    box: PixelBox
    problem: BoxProblem


class DetectedBox(Frozen):
    """An object that the model found; the confidence is 0 to 100."""

    label: str
    confidence_percent: float
    box: Box


def box_problem(box: PixelBox, width_pixels: int, height_pixels: int) -> BoxProblem | None:
    """Return why the service drops a box in an image of that size, or None if it uses it.

    Source: developer guide, "Object localization in manifest files" (negative values and values
    outside the image are errors) and "Guidelines and quotas" (boxes must be larger than 1 x 1
    pixel after sides of over 1280 pixels are scaled down) (archived text, read 2026-11-23).
    """
    if box.width <= 0 or box.height <= 0:
        return "inverted"
    right, bottom = box.left + box.width, box.top + box.height
    if box.left < 0 or box.top < 0 or right > width_pixels or bottom > height_pixels:
        return "outside"
    smallest = max(1.0, max(width_pixels, height_pixels) / limits.TRAINING_SIDE_PIXELS)
    return "tiny" if min(box.width, box.height) <= smallest else None


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes of one image, 0 to 1.

    It is taken of the corners, so that it is the same to the last bit as that of arrays of them.
    """
    (left, top, right, bottom), (left2, top2, right2, bottom2) = first.corners, second.corners
    width, height = min(right, right2) - max(left, left2), min(bottom, bottom2) - max(top, top2)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    areas = (right - left) * (bottom - top) + (right2 - left2) * (bottom2 - top2)
    return shared / (areas - shared)
