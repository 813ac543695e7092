"""Small copies of images for the report."""

import base64
import io
import warnings

from PIL import Image, ImageOps


def thumbnail_uri(content: bytes, *, side_pixels: int = 128, upright: bool = True) -> str:
    """Return a JPEG copy of a usable image, at most `side_pixels` a side, as a data URI.

    With `upright` it is turned as its EXIF data say; boxes fit only what is not turned.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged EXIF data does not matter here
        with Image.open(io.BytesIO(content)) as image:
            eight_bit = _eight_bit(ImageOps.exif_transpose(image) if upright else image)
            eight_bit.thumbnail((side_pixels, side_pixels))
            buffer = io.BytesIO()
            eight_bit.convert("RGB").save(buffer, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _eight_bit(image: Image.Image) -> Image.Image:
    # Pillow's own conversion of 16-bit gray cuts everything above 255 off, to white.
    return image.point(lambda value: value / 256).convert("L") if "16" in image.mode else image
