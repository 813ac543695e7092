"""Image files as the service judges them: format, size in pixels, and whether they decode."""

import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

FORMATS = ("PNG", "JPEG")
MIN_SIDE_PIXELS = 64
MAX_SIDE_PIXELS = 4096
MAX_ASPECT_RATIO = 20
MAX_OBJECT_BYTES = 15 * 1024 * 1024
MAX_INLINE_BYTES = 4 * 1024 * 1024

UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class ImageSize:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def too_large(self) -> bool:
        """Whether a side is longer than the service accepts."""
        return max(self.width, self.height) > MAX_SIDE_PIXELS

    @property
    def too_small(self) -> bool:
        """Whether a side is shorter than the service accepts."""
        return min(self.width, self.height) < MIN_SIDE_PIXELS

    @property
    def outside_limits(self) -> bool:
        """Whether a side is longer or shorter than the service accepts."""
        return self.too_large or self.too_small

    @property
    def too_small_or_thin(self) -> bool:
        """Whether a side is too short, or one side too long for the other."""
        short, long = sorted((self.width, self.height))
        return self.too_small or long > MAX_ASPECT_RATIO * short


def read_size(body: bytes) -> ImageSize | None:
    """Return the size of a PNG or JPEG file, or None for anything else."""
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            return ImageSize(image.width, image.height)
    except UNREADABLE:
        return None


def is_trainable(body: bytes) -> bool:
    """Say whether an image file can be used for training or testing."""
    size = read_size(body) if len(body) <= MAX_OBJECT_BYTES else None
    if size is None or size.too_large or size.too_small_or_thin:
        return False
    return _decodes(body)


def _decodes(body: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as image:
            image.draft("RGB", (MIN_SIDE_PIXELS, MIN_SIDE_PIXELS))
            image.load()
    except UNREADABLE:
        return False
    return True
