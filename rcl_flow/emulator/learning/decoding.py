"""Decoding image files: PNG and JPEG of every mode, as 8-bit RGB.

Grey, palette, alpha, CMYK and 16-bit images are converted; transparency is dropped. EXIF
orientation is not applied: the service does not say whether it does so, and this emulator does
not, neither in training nor in inference.
"""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

import numpy as np
from PIL import Image

Result = TypeVar("Result")

FORMATS = ("PNG", "JPEG")
_WIDE_STEP = 257

_DECODING_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class UnreadableImageError(ValueError):
    """The bytes are no PNG or JPEG image, or a damaged one."""


def decode(image: bytes, side: int, finish: Callable[[Image.Image], Result]) -> Result:
    """Decode an image and return what `finish` makes of the RGB picture.

    Args:
        image: The encoded file.
        side: Sides of fewer pixels are not needed: a JPEG is decoded at a reduced size where it
            can be, which is many times faster for photographs.
        finish: Called while the file is open.

    Raises:
        UnreadableImageError: The bytes are no PNG or JPEG image, or a damaged one.
    """
    try:
        with Image.open(BytesIO(image), formats=FORMATS) as picture:
            picture.draft("RGB", (side, side))
            return finish(_to_rgb(picture))
    except _DECODING_ERRORS as error:
        raise UnreadableImageError(f"not a readable PNG or JPEG image: {error}") from error


def _to_rgb(picture: Image.Image) -> Image.Image:
    match picture.mode:
        case "P" | "PA":
            # straight to RGB, Pillow warns about palettes with transparency in bytes
            return picture.convert("RGBA").convert("RGB")
        case "I" | "I;16" | "I;16B":
            return _narrow(picture).convert("RGB")
        case _:
            return picture.convert("RGB")


def _narrow(picture: Image.Image) -> Image.Image:
    """Scale 16-bit grey values to bytes; Pillow's own conversion would clip them."""
    values = np.asarray(picture, dtype=np.float32)
    return Image.fromarray((values / _WIDE_STEP).astype(np.uint8))
