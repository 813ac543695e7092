"""Decode an image once and say whether the service can use it."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from rcl_flow.core import limits


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """A decodable image: `image_format` is `JPEG` or `PNG`, sizes are pixels."""

    image_format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class UnusableContent:
    """Why the bytes are of no use to the service."""

    reason: str


def inspect_image(content: bytes) -> ImageFacts | UnusableContent:
    """Decode `content` fully and check it against the service's limits."""
    if not content:
        return UnusableContent("the file is empty")
    if len(content) > limits.MAX_IMAGE_BYTES_IN_S3:
        return UnusableContent("the file is larger than 15 MB")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _decode(content)
        except UnidentifiedImageError:
            return UnusableContent("it is neither PNG nor JPEG")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            return UnusableContent(f"it cannot be decoded: {error}")


def _decode(content: bytes) -> ImageFacts | UnusableContent:
    with Image.open(io.BytesIO(content), formats=limits.IMAGE_FORMATS) as image:
        problem = _size_problem(image.width, image.height)
        if problem:
            return UnusableContent(problem)
        image.load()
        # Pillow calls a JPEG of several pictures, as phones write it, MPO.
        image_format = "JPEG" if image.format == "MPO" else str(image.format)
        return ImageFacts(image_format, image.width, image.height)


def _size_problem(width: int, height: int) -> str:
    shorter, longer = sorted((width, height))
    if shorter < limits.MIN_SIDE_PIXELS or longer > limits.MAX_SIDE_PIXELS:
        return f"{width} x {height} pixels is outside 64 to 4096 a side"
    if longer / shorter >= limits.MAX_ASPECT_RATIO:
        return f"{width} x {height} pixels is longer than 20:1"
    return ""
