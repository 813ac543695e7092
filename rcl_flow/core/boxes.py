"""Boxes around objects: in pixels as annotations give them, as ratios as the service answers."""

from dataclasses import dataclass

from rcl_flow.core.values import Frozen


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


class DetectedBox(Frozen):
    """An object that the model found; the confidence is 0 to 100."""

    label: str
    confidence_percent: float
    box: Box


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union of two boxes of one image, 0 to 1."""
    width = min(first.left + first.width, second.left + second.width) - max(first.left, second.left)
    height = min(first.top + first.height, second.top + second.height) - max(first.top, second.top)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (first.area + second.area - shared)
