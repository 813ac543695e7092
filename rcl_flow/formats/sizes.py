"""The size of an image in pixels: from its annotations, or else from its own first bytes."""

import struct
from typing import Final

from rcl_flow.formats.access import Access
from rcl_flow.formats.problems import AnnotationProblemError

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG's segment that tells its size. Source: ITU T.81, table B.1."""
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_START_OF_SCAN: Final = 0xDA
_MARK: Final = 0xFF


def sized(uri: str, told: tuple[int, int] | None, access: Access) -> tuple[int, int]:
    """Return the size that the annotations tell, or look at the image.

    Raises:
        AnnotationProblemError: neither gives one.
    """
    size = told or access.image_size(uri)
    if size is None:
        raise AnnotationProblemError(
            "its boxes need its size, and it cannot be opened or is neither PNG nor JPEG"
        )
    return size


def size_in_header(content: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG or JPEG from its beginning, or None.

    Pixels are not decoded; a JPEG's size may come late, after large metadata.
    """
    if content.startswith(_PNG) and content[12:16] == b"IHDR" and len(content) >= len(_PNG) + 16:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    return _size_in_jpeg(content) if content.startswith(_JPEG) else None


def _size_in_jpeg(content: bytes) -> tuple[int, int] | None:
    position = len(_JPEG)
    while position + 9 <= len(content) and content[position] == _MARK:
        marker = content[position + 1]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        if marker == _START_OF_SCAN:
            return None
        position += _segment_length(content, position, marker)
    return None


def _segment_length(content: bytes, position: int, marker: int) -> int:
    if marker == _MARK:  # a filling byte
        return 1
    if marker in _BARE_MARKERS:
        return 2
    (length,) = struct.unpack(">H", content[position + 2 : position + 4])
    return 2 + int(length)
