"""Make another image of an image: pixels and boxes move together, and the file names its parent.

Pixels and boxes are as stored, before EXIF's orientation, which is copied: whatever the service
makes of it, it makes of parent and child alike. All other metadata, transparency and colour
profiles are left out. The same content and change give the same bytes.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageEnhance, ImageOps, PngImagePlugin

from rcl_flow.core import limits
from rcl_flow.core.augmenting.changes import Change, Move, Operation, move_boxes, move_of
from rcl_flow.core.augmenting.lineage import format_mark
from rcl_flow.core.datasets.boxes import DroppedBox, PixelBox
from rcl_flow.imaging.jpeg_file import parse_jpeg
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from rcl_flow.imaging.png_file import parse_png

_ORIENTATION = 0x0112
_SIDEWAYS = range(5, 9)
_JPEG_QUALITY = 92
_LEVELS = 256
_QUARTER_TURNS = (
    None,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)


@dataclass(frozen=True, slots=True)
class AugmentedImage:
    """A new image file and the boxes in it."""

    content: bytes
    image_format: str
    """`JPEG` or `PNG`, as the parent's."""
    width_pixels: int
    height_pixels: int
    boxes: tuple[PixelBox, ...]
    dropped: tuple[DroppedBox, ...]
    """Boxes that left the picture or shrank too far."""


def augment_image(
    content: bytes, change: Change, *, parent_sha256: str, boxes: tuple[PixelBox, ...] = ()
) -> AugmentedImage | UnusableContent:
    """Return the image that a change makes of `content`, or why there is none.

    Args:
        content: a PNG or JPEG file that the service can use.
        change: what is done to it.
        parent_sha256: the digest of `content`, which the new file names.
        boxes: the objects in it.
    """
    parts = parse_jpeg(content) or parse_png(content)
    if parts is None:
        return UnusableContent("it is neither PNG nor JPEG")
    orientation = parts.metadata.exif.orientation
    try:
        shown = _decoded(parts.pixels)
    except (OSError, SyntaxError, ValueError) as error:
        return UnusableContent(f"it cannot be decoded: {error}")
    upright = _as_seen(change, orientation)
    move = move_of(upright, *shown.size)
    if min(move.width, move.height) < limits.MIN_SIDE_PIXELS:
        return UnusableContent(f"only {move.width} x {move.height} pixels would be left")
    image_format = "PNG" if content.startswith(b"\x89PNG") else "JPEG"
    made = _encoded(_changed(shown, upright, move), image_format, orientation, parent_sha256)
    measured = measure_image(made)
    if isinstance(measured, UnusableContent):
        return measured
    kept, dropped = move_boxes(boxes, move)
    return AugmentedImage(made, image_format, move.width, move.height, kept, dropped)


def _decoded(pixels: bytes) -> Image.Image:
    with Image.open(io.BytesIO(pixels), formats=limits.IMAGE_FORMATS) as image:
        if image.mode.startswith("I"):  # 16 bits of gray, which Pillow's conversion would cut off
            return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        return image.convert("L" if image.mode in ("1", "L", "LA") else "RGB")


def _as_seen(change: Change, orientation: int) -> Change:
    """Mirror left and right as a viewer sees them, also where the pixels lie on their side."""
    if change.operation == "mirror" and orientation in _SIDEWAYS:
        return Change("flip")
    return change


def _changed(shown: Image.Image, change: Change, move: Move) -> Image.Image:
    return _OPERATIONS[change.operation](shown, change, move)


def _gamma(shown: Image.Image, change: Change, _move: Move) -> Image.Image:
    curve = [round(255 * (level / 255) ** change.amount) for level in range(_LEVELS)]
    return shown.point(curve * len(shown.getbands()))


def _grayscale(shown: Image.Image, _change: Change, _move: Move) -> Image.Image:
    return ImageOps.grayscale(shown).convert(shown.mode)


def _turned(shown: Image.Image, change: Change, _move: Move) -> Image.Image:
    turn = _QUARTER_TURNS[round(change.amount) % 4]
    return shown.copy() if turn is None else shown.transpose(turn)


def _rotated(shown: Image.Image, _change: Change, move: Move) -> Image.Image:
    """Take each new pixel from where the move's inverse finds it."""
    a, b, c, d, e, f = move.matrix
    inverse = (e, -b, b * f - c * e, -d, a, c * d - a * f)  # a rotation's determinant is 1
    return shown.transform(
        (move.width, move.height), Image.Transform.AFFINE, inverse, Image.Resampling.BICUBIC
    )


def _cropped(shown: Image.Image, _change: Change, move: Move) -> Image.Image:
    left, top = -round(move.matrix[2]), -round(move.matrix[5])
    return shown.crop((left, top, left + move.width, top + move.height))


def _scaled(shown: Image.Image, _change: Change, move: Move) -> Image.Image:
    return shown.resize((move.width, move.height), Image.Resampling.LANCZOS)


_OPERATIONS: Final[Mapping[Operation, Callable[[Image.Image, Change, Move], Image.Image]]] = {
    "gamma": _gamma,
    "brightness": lambda shown, change, _: ImageEnhance.Brightness(shown).enhance(change.amount),
    "contrast": lambda shown, change, _: ImageEnhance.Contrast(shown).enhance(change.amount),
    "grayscale": _grayscale,
    "mirror": lambda shown, *_: shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "flip": lambda shown, *_: shown.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    "quarter-turn": _turned,
    "rotation": _rotated,
    "crop": _cropped,
    "scale": _scaled,
}


def _encoded(image: Image.Image, image_format: str, orientation: int, parent_sha256: str) -> bytes:
    exif = Image.Exif()
    if orientation != 1:
        exif[_ORIENTATION] = orientation
    mark, buffer = format_mark(parent_sha256), io.BytesIO()
    if image_format == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", mark)
        image.save(buffer, "PNG", pnginfo=texts, exif=exif)
    else:
        image.save(buffer, "JPEG", quality=_JPEG_QUALITY, comment=mark, exif=exif)
    return buffer.getvalue()
