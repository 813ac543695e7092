"""The lines of a manifest: what one says, and the words of the service that stand in it."""

from dataclasses import dataclass
from typing import Final

from rcl_flow.core.datasets.boxes import PixelBox

IMAGE_CLASSIFICATION: Final = "groundtruth/image-classification"
OBJECT_DETECTION: Final = "groundtruth/object-detection"


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One usable line, with image-level labels or with boxes."""

    source_ref: str
    labels: tuple[str, ...]
    """Of the image, or of the objects in it; sorted, without repeats."""
    boxes: tuple[PixelBox, ...] = ()
    width_pixels: int = 0
    height_pixels: int = 0
    """The image's size, as a line with boxes tells it."""


@dataclass(frozen=True, slots=True)
class SkippedLine:
    """A line that cannot be used, its 1-based number, and why."""

    line_number: int
    source_ref: str
    reason: str
