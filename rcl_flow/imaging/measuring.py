"""Decode an image once, at a reduced scale where possible, and measure what an audit judges.

Whatever the bytes are, the answer is a value. Pillow is given the pixels alone, so it has nothing
to warn of: warnings cannot be caught safely in threads.
"""

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from rcl_flow.core import limits
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging import jpeg_file, png_file
from rcl_flow.imaging.appearance import (
    Colours,
    Edges,
    Light,
    levels_of,
    measure_colours,
    measure_edges,
    measure_light,
)
from rcl_flow.imaging.exif import Exif
from rcl_flow.imaging.hashing import COPY_SIDE, perceptual_hashes
from rcl_flow.imaging.jpeg_file import JpegFile
from rcl_flow.imaging.origin import origin_of
from rcl_flow.imaging.png_file import PngFile

_SHORT_SIDE_PIXELS = 128
"""At least. At 104 the pass costs a twentieth less, and a tenth of the blurred is not found."""
_SCALES = (8, 4, 2)
"""By which a JPEG decoder divides the sides while it decodes."""
_JPEG_BITS = 8
_JPEG_MODES: Final = {1: ("L", "L"), 3: ("RGB", "RGB"), 4: ("CMYK", "CMYK;I")}
"""Pillow's mode of that many colours, and how they are stored: Adobe's CMYK is inverted."""
_DAMAGED_HEADER = "it cannot be decoded: its header is damaged"
_FAILURES = (OSError, SyntaxError, ValueError, LookupError, TypeError, OverflowError, EOFError,
             struct.error, zlib.error, Image.DecompressionBombError)  # fmt: skip
"""What Pillow raises on broken files."""


@dataclass(frozen=True, slots=True)
class UnusableContent:
    """Why the bytes are of no use to the service."""

    reason: str


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """What is left to be measured of an image; its file is no longer needed."""

    image_format: str
    width: int
    height: int
    exif: Exif
    frames: int
    origin: str
    stored_mode: str
    damaged: bool
    pixels: Image.Image
    """At a reduced scale, in luma and chroma, in RGB or in gray."""


def measure_image(content: bytes) -> ImageMeasures | UnusableContent:
    """Decode `content` once, check it against the service's limits and measure it."""
    decoded = decode_image(content)
    return decoded if isinstance(decoded, UnusableContent) else measure_decoded([decoded])[0]


def decode_image(content: bytes) -> DecodedImage | UnusableContent:
    """Do the first half of `measure_image`.

    A processor does the halves of several images faster one half after the other than image by
    image: what it needs to decode and what it needs to measure do not fit into its cache together.
    """
    parts = _parts(content)
    if isinstance(parts, UnusableContent):
        return parts
    try:
        pixels, stored_mode, damaged = _decode(parts)
    except UnidentifiedImageError:
        return UnusableContent(_DAMAGED_HEADER)
    except _FAILURES as error:
        return UnusableContent(f"it cannot be decoded: {error}")
    return DecodedImage(
        image_format="PNG" if isinstance(parts, PngFile) else "JPEG",
        width=parts.width,
        height=parts.height,
        exif=parts.metadata.exif,
        frames=parts.metadata.frames,
        origin=origin_of(parts.metadata),
        stored_mode=stored_mode,
        damaged=damaged,
        pixels=pixels,
    )


def measure_decoded(decoded: Sequence[DecodedImage]) -> list[ImageMeasures]:
    """Do the second half of `measure_image` for several images."""
    if not decoded:
        return []
    shown = [_luma_chroma(each.pixels) for each in decoded]
    lumas = [each if each.mode == "L" else each.getchannel(0) for each in shown]
    copies = [each.resize((COPY_SIDE, COPY_SIDE), Image.Resampling.BOX) for each in shown]
    hashes = perceptual_hashes(np.stack([_luma_levels(copy) for copy in copies]))
    lights, edges = [*map(measure_light, lumas)], [*map(measure_edges, lumas)]
    return [*map(_measures, decoded, lights, edges, measure_colours(copies), hashes)]


def _luma_chroma(pixels: Image.Image) -> Image.Image:
    return pixels.convert("YCbCr") if pixels.mode == "RGB" else pixels


def _luma_levels(image: Image.Image) -> npt.NDArray[np.uint8]:
    levels = levels_of(image)
    return levels if image.mode == "L" else levels[..., 0]


def _measures(
    decoded: DecodedImage, light: Light, edges: Edges, colours: Colours, hashes: tuple[int, ...]
) -> ImageMeasures:
    return ImageMeasures(
        image_format=decoded.image_format,
        width_pixels=decoded.width,
        height_pixels=decoded.height,
        exif_orientation=decoded.exif.orientation,
        colour_mode=decoded.stored_mode,
        frames=decoded.frames,
        damaged=decoded.damaged,
        captured_at=decoded.exif.captured_at,
        camera=decoded.exif.camera,
        origin=decoded.origin,
        brightness=light.brightness,
        dark_share=light.dark_share,
        bright_share=light.bright_share,
        contrast=light.contrast,
        sharpness=edges.sharpness,
        saturation=colours.saturation,
        hue_degrees=colours.hue_degrees,
        background_busyness=edges.background_busyness,
        background_vividness=colours.background_vividness,
        edge_angle_degrees=edges.edge_angle_degrees,
        entropy_bits=light.entropy_bits,
        hashes=hashes,
        colours=colours.fields,
        shadow=light.shadow,
        highlight=light.highlight,
    )


def _parts(content: bytes) -> JpegFile | PngFile | UnusableContent:
    if not content:
        return UnusableContent("the file is empty")
    if len(content) > limits.MAX_IMAGE_BYTES_IN_S3:
        return UnusableContent("the file is larger than 15 MB")
    parts = _parsed(content)
    if isinstance(parts, UnusableContent):
        return parts
    problem = _size_problem(parts.width, parts.height)
    return UnusableContent(problem) if problem else parts


def _parsed(content: bytes) -> JpegFile | PngFile | UnusableContent:
    if content.startswith(jpeg_file.SIGNATURE):
        jpeg = jpeg_file.parse_jpeg(content)
        if jpeg is None:
            return UnusableContent("it cannot be decoded: its header is not whole")
        known = jpeg.precision_bits == _JPEG_BITS and jpeg.components in _JPEG_MODES
        return jpeg if known else UnusableContent(_DAMAGED_HEADER)
    png = png_file.parse_png(content) if content.startswith(png_file.SIGNATURE) else None
    return png or UnusableContent("it is neither PNG nor JPEG")


def _size_problem(width: int, height: int) -> str:
    shorter, longer = sorted((width, height))
    if shorter < limits.MIN_SIDE_PIXELS or longer > limits.MAX_SIDE_PIXELS:
        return f"{width} x {height} pixels is outside 64 to 4096 a side"
    if longer / shorter >= limits.MAX_ASPECT_RATIO:
        return f"{width} x {height} pixels is longer than 20:1"
    return ""


def _decode(parts: JpegFile | PngFile) -> tuple[Image.Image, str, bool]:
    """Return the pixels at a reduced scale, the mode of the stored ones, and whether damaged."""
    if isinstance(parts, PngFile):
        with Image.open(io.BytesIO(parts.pixels), formats=("PNG",)) as image:
            image.load()
            return _reduced(_eight_bit(image)), image.mode, not parts.whole
    pixels, missing = _jpeg_pixels(parts)
    mode = _JPEG_MODES[parts.components][0]
    return _eight_bit(pixels), mode, missing or not parts.whole


def _jpeg_pixels(parts: JpegFile) -> tuple[Image.Image, bool]:
    """Return the pixels of a JPEG file, and whether some had to be made up."""
    unended = parts.unended
    if unended:
        try:
            return _decode_jpeg(unended, parts), False
        except ValueError:
            return _decode_jpeg(parts.pixels, parts), True
    return _decode_jpeg(parts.pixels, parts), False


def _decode_jpeg(content: bytes, parts: JpegFile) -> Image.Image:
    """Return the pixels that the decoder makes of `content` at once, at a reduced scale."""
    mode, raw = _JPEG_MODES[parts.components]
    if parts.luma_chroma:
        mode = raw = "YCbCr"
    scale = _scale(parts)
    # a decoder trusts the size that it is told: it is the one of the only frame's header
    size = (-(-parts.width // scale), -(-parts.height // scale))
    return Image.frombytes(mode, size, content, "jpeg", (raw, "", scale, 0))


def _scale(parts: JpegFile) -> int:
    if not parts.scalable:
        return 1
    most = min(parts.width, parts.height) // _SHORT_SIDE_PIXELS
    return next((scale for scale in _SCALES if scale <= most), 1)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return the image in gray or in colours of 8 bits, without transparency."""
    match image.mode:
        case "L" | "RGB" | "YCbCr":
            return image
        case "1" | "LA":
            return image.convert("L")
        case mode if mode.startswith("I"):
            return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        case _:
            return image.convert("RGB")


def _reduced(image: Image.Image) -> Image.Image:
    factor = min(image.size) // _SHORT_SIDE_PIXELS
    return image.reduce(factor) if factor > 1 else image
