"""A small picture of nothing, to see whether a model answers."""

import zlib
from typing import Final

from rcl_flow.imaging.png_file import SIGNATURE

_SIDE_PIXELS: Final = 128
_GREY: Final = 128
_EIGHT_BITS_OF_GREY: Final = bytes([8, 0, 0, 0, 0])
"""Bit depth, colour type, and the only methods there are of compression, filter, interlacing."""


def grey_png() -> bytes:
    """Return a grey PNG of a size that the service takes."""
    size = _SIDE_PIXELS.to_bytes(4, "big")
    row = b"\0" + bytes([_GREY]) * _SIDE_PIXELS  # a row begins with its filter
    return (
        SIGNATURE
        + _chunk(b"IHDR", size + size + _EIGHT_BITS_OF_GREY)
        + _chunk(b"IDAT", zlib.compress(row * _SIDE_PIXELS))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + kind + content + checksum
