"""Boxes around objects, as ratios of the image's width and height, and how far two overlap."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; all four are ratios, 0 at the left and top border and 1 at the other."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """Its share of the image."""
        return self.width * self.height

    def overlap(self, other: "Box") -> float:
        """Return the intersection over union with another box of the same image, 0 to 1."""
        across = min(self.left + self.width, other.left + other.width) - max(self.left, other.left)
        down = min(self.top + self.height, other.top + other.height) - max(self.top, other.top)
        if across <= 0 or down <= 0:
            return 0.0
        shared = across * down
        return shared / (self.area + other.area - shared)


WHOLE_IMAGE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """One object that an image shows."""

    label: str
    box: Box


@dataclass(frozen=True, slots=True)
class Detection:
    """One object that a detector found; the confidence is a ratio 0 to 1, as it is served."""

    label: str
    confidence: float
    box: Box
