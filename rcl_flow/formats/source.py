"""What every reader of annotations yields: an image, and its labels or boxes."""

from dataclasses import dataclass

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage


@dataclass(frozen=True, slots=True)
class SourceImage:
    """An image that a source names, before its bytes were looked at."""

    uri: str
    """A local path or an s3:// URI."""
    labels: tuple[str, ...]
    """Its labels and those of the objects in it; sorted, without repeats."""
    boxes: tuple[PixelBox, ...] = ()
    size_pixels: tuple[int, int] | None = None
    """Its width and height as the source tells them, for which the boxes were drawn."""

    @property
    def image_labels(self) -> tuple[str, ...]:
        """The labels of the image as a whole: those that none of its boxes has."""
        in_boxes = {box.label for box in self.boxes}
        return tuple(label for label in self.labels if label not in in_boxes)


SourceEntry = SourceImage | UnusableImage
"""One thing that a reader yields."""


def source_image(
    uri: str,
    image_labels: set[str],
    boxes: tuple[PixelBox, ...] = (),
    size_pixels: tuple[int, int] | None = None,
) -> SourceImage:
    """Return an image whose labels are `image_labels` and those of its boxes."""
    labels = image_labels | {box.label for box in boxes}
    return SourceImage(uri, tuple(sorted(labels)), boxes, size_pixels)
