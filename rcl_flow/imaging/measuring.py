"""Decode an image once, at a reduced scale where possible, and measure what an audit judges.

Whatever the bytes are, the answer is a value. Pillow is given the pixels alone, so it has nothing
to warn of: warnings cannot be caught safely in threads.
"""

import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from rcl_flow.core import limits
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging import jpeg_file, png_file
from rcl_flow.imaging.appearance import measure_colours, measure_edges, measure_light
from rcl_flow.imaging.hashing import COPY_SIDE, perceptual_hashes
from rcl_flow.imaging.jpeg_file import JpegFile
from rcl_flow.imaging.origin import origin_of
from rcl_flow.imaging.png_file import PngFile

_SHORT_SIDE_PIXELS = 128
"""At least. At 104 the pass costs a twentieth less, and a tenth of the blurred is not found."""
_FAILURES = (OSError, SyntaxError, ValueError, LookupError, TypeError, OverflowError, EOFError,
             struct.error, zlib.error, Image.DecompressionBombError)  # fmt: skip
"""What Pillow raises on broken files."""


@dataclass(frozen=True, slots=True)
class UnusableContent:
    """Why the bytes are of no use to the service."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Picture:
    """A decoded image at a reduced scale, in luma and chroma or in gray."""

    pixels: Image.Image
    stored_mode: str
    damaged: bool


def measure_image(content: bytes) -> ImageMeasures | UnusableContent:
    """Decode `content` once, check it against the service's limits and measure it."""
    parts = _parts(content)
    if isinstance(parts, UnusableContent):
        return parts
    try:
        picture = _decode(parts)
    except UnidentifiedImageError:
        return UnusableContent("it cannot be decoded: its header is damaged")
    except _FAILURES as error:
        return UnusableContent(f"it cannot be decoded: {error}")
    return _measured(parts, picture)


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
        return jpeg or UnusableContent("it cannot be decoded: its header is not whole")
    png = png_file.parse_png(content) if content.startswith(png_file.SIGNATURE) else None
    return png or UnusableContent("it is neither PNG nor JPEG")


def _size_problem(width: int, height: int) -> str:
    shorter, longer = sorted((width, height))
    if shorter < limits.MIN_SIDE_PIXELS or longer > limits.MAX_SIDE_PIXELS:
        return f"{width} x {height} pixels is outside 64 to 4096 a side"
    if longer / shorter >= limits.MAX_ASPECT_RATIO:
        return f"{width} x {height} pixels is longer than 20:1"
    return ""


def _decode(parts: JpegFile | PngFile) -> _Picture:
    if isinstance(parts, PngFile):
        with Image.open(io.BytesIO(parts.pixels), formats=("PNG",)) as image:
            image.load()
            return _Picture(_reduced(_eight_bit(image)), image.mode, damaged=not parts.whole)
    if parts.unended:
        try:
            return _decode_jpeg(parts.unended, parts, damaged=not parts.whole)
        except OSError:
            return _decode_jpeg(parts.pixels, parts, damaged=True)
    return _decode_jpeg(parts.pixels, parts, damaged=not parts.whole)


def _decode_jpeg(content: bytes, parts: JpegFile, *, damaged: bool) -> _Picture:
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        mode = image.mode
        side = (_SHORT_SIDE_PIXELS, _SHORT_SIDE_PIXELS)
        image.draft("YCbCr" if parts.luma_chroma else None, side)
        image.load()
        return _Picture(_eight_bit(image), mode, damaged)


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


def _measured(parts: JpegFile | PngFile, picture: _Picture) -> ImageMeasures:
    shown = picture.pixels.convert("YCbCr") if picture.pixels.mode == "RGB" else picture.pixels
    luma = shown if shown.mode == "L" else shown.getchannel(0)
    copy = shown.resize((COPY_SIDE, COPY_SIDE), Image.Resampling.BOX)
    metadata, coarse_luma = parts.metadata, copy if copy.mode == "L" else copy.getchannel(0)
    light, edges, colours = measure_light(luma), measure_edges(luma), measure_colours(copy)
    return ImageMeasures(
        image_format="PNG" if isinstance(parts, PngFile) else "JPEG",
        width_pixels=parts.width,
        height_pixels=parts.height,
        exif_orientation=metadata.exif.orientation,
        colour_mode=picture.stored_mode,
        frames=metadata.frames,
        damaged=picture.damaged,
        captured_at=metadata.exif.captured_at,
        camera=metadata.exif.camera,
        origin=origin_of(metadata),
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
        hashes=perceptual_hashes(np.asarray(coarse_luma)),
        colours=colours.fields,
        shadow=light.shadow,
        highlight=light.highlight,
    )
