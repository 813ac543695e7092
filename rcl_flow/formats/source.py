"""What every reader of annotations yields: an image, and its labels or boxes."""

from dataclasses import dataclass

from rcl_flow.core.boxes import PixelBox


@dataclass(frozen=True, slots=True)
class SourceImage:
    """An image that a source names, before its bytes were looked at."""

    uri: str
    """A local path or an s3:// URI."""
    labels: tuple[str, ...]
    """Its labels, or those of the objects in it; sorted, without repeats."""
    boxes: tuple[PixelBox, ...] = ()
    size_pixels: tuple[int, int] | None = None
    """Its width and height as the source tells them, for which the boxes were drawn."""
