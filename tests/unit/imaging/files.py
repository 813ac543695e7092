"""Image files with metadata and damage that tests put together byte by byte."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from rcl_flow.core.augmenting.lineage import parse_mark
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from tests.corpus.photographs import crop, photographs


def photograph(width: int = 160, height: int = 120, *, seed: int = 3) -> Image.Image:
    """Return a part of a real photograph."""
    return crop(photographs(), np.random.default_rng(seed)).resize((width, height))


def saved(shown: Image.Image, image_format: str = "JPEG", **options: object) -> bytes:
    """Return a picture as a file's bytes."""
    buffer = io.BytesIO()
    shown.save(buffer, image_format, **options)
    return buffer.getvalue()


def measured(content: bytes) -> ImageMeasures:
    """Return the measures of content that has some."""
    found = measure_image(content)
    assert isinstance(found, ImageMeasures), found
    return found


def reason_of(content: bytes) -> str:
    """Return why the content is of no use."""
    found = measure_image(content)
    assert isinstance(found, UnusableContent)
    return found.reason


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def with_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """Return a PNG file with a chunk more, behind its header."""
    return png[:33] + chunk(kind, content) + png[33:]


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """Return a JPEG file with a segment more, at its beginning."""
    length = struct.pack(">H", len(content) + 2)
    return jpeg[:2] + bytes([0xFF, marker]) + length + content + jpeg[2:]


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims that size."""
    content = saved(Image.linear_gradient("L").resize((64, 64)), "PNG")
    header = struct.pack(">II", width, height) + content[24:29]
    return content[:8] + chunk(b"IHDR", header) + content[33:]


def parent_named_in(content: bytes) -> str:
    """Return the digest of the parent that an augmented file names, or an empty text."""
    found = measure_image(content)
    return parse_mark(found.origin) if isinstance(found, ImageMeasures) else ""
