"""Tests of the inspection of images, on files that Pillow really writes."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from rcl_flow.imaging.inspection import ImageFacts, UnusableContent, inspect_image
from tests.builders import encoded, picture

RNG = np.random.default_rng(5)
NOISE = Image.fromarray(RNG.integers(0, 256, size=(100, 100, 3), dtype=np.uint8))


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims that size."""
    content = picture(64, 64)
    header = b"IHDR" + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def reason_of(content: bytes) -> str:
    """Return why the content is of no use."""
    found = inspect_image(content)
    assert isinstance(found, UnusableContent)
    return found.reason


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_inspection_gives_format_and_size(image_format: str) -> None:
    """A good image is told by its format, width and height."""
    content = picture(120, 70, image_format=image_format)
    assert inspect_image(content) == ImageFacts(image_format, width=120, height=70)


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"),
     ("L", "JPEG"), ("CMYK", "JPEG"), ("YCbCr", "JPEG")],
)  # fmt: skip
def test_inspection_takes_every_kind_of_pixel(mode: str, image_format: str) -> None:
    """Black and white, gray, palette, transparent, 16-bit and CMYK images are images."""
    shown = Image.linear_gradient("L")
    shown = shown.convert("I").convert(mode) if mode == "I;16" else shown.convert(mode)
    assert inspect_image(encoded(shown, image_format)) == ImageFacts(image_format, 256, 256)


def test_inspection_takes_a_progressive_jpeg() -> None:
    """Images from the web are often progressive."""
    buffer = io.BytesIO()
    NOISE.save(buffer, "JPEG", progressive=True)
    assert inspect_image(buffer.getvalue()) == ImageFacts("JPEG", 100, 100)


def test_inspection_takes_a_phones_jpeg_of_several_pictures() -> None:
    """What Pillow calls MPO starts with a JPEG, and that is what the service sees."""
    buffer = io.BytesIO()
    NOISE.save(buffer, "MPO", save_all=True, append_images=[NOISE.rotate(90)])
    assert inspect_image(buffer.getvalue()) == ImageFacts("JPEG", 100, 100)


def test_inspection_refuses_an_empty_file() -> None:
    """A file of no bytes is called empty."""
    assert reason_of(b"") == "the file is empty"


@pytest.mark.parametrize("image_format", ["GIF", "BMP", "TIFF", "WEBP"])
def test_inspection_looks_at_the_content_and_not_at_the_name(image_format: str) -> None:
    """A GIF that somebody named .png is still none."""
    assert reason_of(encoded(NOISE, image_format)) == "it is neither PNG nor JPEG"


@pytest.mark.parametrize("content", [b"<html>404</html>", bytes(5000), b"\x89PNG\r\n\x1a\n"])
def test_inspection_refuses_what_is_no_image(content: bytes) -> None:
    """A saved error page, zeros and a bare signature are no images."""
    assert reason_of(content) == "it is neither PNG nor JPEG"


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_inspection_refuses_a_truncated_image(image_format: str, share: float) -> None:
    """A download that broke off decodes only in part and is found out."""
    content = encoded(NOISE, image_format)
    assert reason_of(content[: int(len(content) * share)]).startswith("it cannot be decoded: ")


def test_inspection_refuses_a_png_with_damaged_pixels() -> None:
    """A changed byte in the pixels breaks the checksum."""
    content = bytearray(encoded(NOISE, "PNG"))
    content[len(content) // 2] ^= 0xFF
    assert reason_of(bytes(content)).startswith("it cannot be decoded: ")


@pytest.mark.parametrize("size", [(64, 64), (4096, 205), (205, 4096), (64, 1279)])
def test_inspection_takes_the_limits_themselves(size: tuple[int, int]) -> None:
    """64 and 4096 pixels a side are allowed, and so is a ratio just under 20."""
    assert inspect_image(picture(*size)) == ImageFacts("PNG", *size)


@pytest.mark.parametrize("size", [(63, 100), (100, 63), (4097, 300), (300, 4097), (1, 1)])
def test_inspection_refuses_sides_outside_the_limits(size: tuple[int, int]) -> None:
    """One pixel less or more is too small or too large, and the size is told."""
    width, height = size
    assert reason_of(picture(*size)) == (f"{width} x {height} pixels is outside 64 to 4096 a side")


@pytest.mark.parametrize("size", [(1300, 64), (64, 1300), (4096, 200), (1280, 64)])
def test_inspection_refuses_an_image_of_20_to_1(size: tuple[int, int]) -> None:
    """AWS's pages differ on exactly 20:1, so the check before paying is the strict one."""
    width, height = size
    assert reason_of(picture(*size)) == f"{width} x {height} pixels is longer than 20:1"


def test_inspection_refuses_a_file_over_15_megabytes() -> None:
    """15 MB are taken, a byte more is not; what follows the image does not matter."""
    content = picture()
    limit = 15 * 1024 * 1024
    assert isinstance(inspect_image(content.ljust(limit, b"\0")), ImageFacts)
    assert reason_of(content.ljust(limit + 1, b"\0")) == "the file is larger than 15 MB"


@pytest.mark.parametrize("size", [(12_000, 12_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_inspection_refuses_a_decompression_bomb_unopened(size: tuple[int, int]) -> None:
    """A header that claims gigabytes of pixels is refused before they are made."""
    assert reason_of(png_claiming(*size)).startswith(
        (f"{size[0]} x {size[1]} pixels is outside", "it cannot be decoded: ")
    )


def test_inspection_refuses_a_header_that_claims_more_than_there_is() -> None:
    """A claim within the limits without the pixels for it is found out when decoding."""
    assert reason_of(png_claiming(4000, 4000)).startswith("it cannot be decoded: ")
