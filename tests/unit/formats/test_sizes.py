"""Tests of reading a size from an image's first bytes, against the image library."""

import io
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rcl_flow.formats.sizes import size_in_header

PNG = b"\x89PNG\r\n\x1a\n"


def encoded(
    size: tuple[int, int], image_format: str, mode: str = "RGB", **options: object
) -> bytes:
    """Return an image of that size as the library writes it."""
    content = io.BytesIO()
    Image.new(mode, size).save(content, image_format, **options)
    return content.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (65_000, 3)])
@pytest.mark.parametrize(
    ("image_format", "mode", "options"),
    [
        ("PNG", "RGB", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {"interlace": 1}),
        ("JPEG", "L", {}),
        ("JPEG", "RGB", {"progressive": True, "comment": b"x" * 60_000}),
        ("JPEG", "CMYK", {"exif": b"Exif\0\0" + b"x" * 60_000}),
        ("MPO", "RGB", {}),
    ],
)
def test_size_is_what_the_library_reads(
    size: tuple[int, int], image_format: str, mode: str, options: dict[str, object]
) -> None:
    """Whatever the colours, the scans and the metadata."""
    assert size_in_header(encoded(size, image_format, mode, **options)) == size


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a\1\0\1\0",
        PNG,
        PNG + b"\0\0\0\rIHDR\0\0",
        b"\xff\xd8",
        b"\xff\xd8\xff\xda\0\2" + b"\xff\xc0" + b"\0" * 20,
        b"\xff\xd8 no segment at all",
        b"\xff\xd8" + b"\xff" * 50,
    ],
)
def test_size_is_unknown_where_it_is_not_told(content: bytes) -> None:
    """Other formats and broken files have none."""
    assert size_in_header(content) is None


@settings(deadline=None)
@given(st.sampled_from([b"\xff\xd8", PNG, b"\xff\xd8\xff\xe0" + struct.pack(">H", 0)]), st.binary())
def test_size_of_any_bytes_is_a_size_or_none(start: bytes, rest: bytes) -> None:
    """No content is a traceback or an endless loop."""
    size = size_in_header(start + rest)
    assert size is None or len(size) == 2
