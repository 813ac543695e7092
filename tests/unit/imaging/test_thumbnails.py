"""Tests of the report's small copies."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from rcl_flow.imaging.thumbnails import thumbnail_uri
from tests.builders import encoded, picture

PREFIX = "data:image/jpeg;base64,"


def opened(uri: str) -> Image.Image:
    """Return the image in a data URI."""
    assert uri.startswith(PREFIX)
    shown = Image.open(io.BytesIO(base64.b64decode(uri.removeprefix(PREFIX))))
    shown.load()
    return shown


def orientated(shown: Image.Image, orientation: int) -> bytes:
    """Return a JPEG whose EXIF data says how it is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(shown, "JPEG", exif)


def test_thumbnail_keeps_the_shape() -> None:
    """The longer side is 128 pixels, the other in proportion."""
    assert opened(thumbnail_uri(picture(640, 320))).size == (128, 64)
    assert opened(thumbnail_uri(picture(100, 400), side_pixels=40)).size == (10, 40)


def test_thumbnail_does_not_enlarge() -> None:
    """A small image stays as it is."""
    assert opened(thumbnail_uri(picture(96, 80))).size == (96, 80)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_thumbnail_is_a_colour_jpeg_whatever_the_image_is(mode: str) -> None:
    """Every browser shows it."""
    shown = opened(thumbnail_uri(picture(mode=mode)))
    assert (shown.format, shown.mode) == ("JPEG", "RGB")


def test_thumbnail_shows_a_16_bit_image_in_its_shades() -> None:
    """A gradient from black to white stays one; it does not become white."""
    gradient = np.tile(np.linspace(0, 65535, 128).astype(np.uint16), (128, 1))
    shown = np.asarray(opened(thumbnail_uri(encoded(Image.fromarray(gradient), "PNG"))))
    assert shown[64, :, 0] == pytest.approx(np.linspace(0, 255, 128), abs=6)


def test_thumbnail_shows_a_cmyk_image_in_its_colours() -> None:
    """Red stays red."""
    red = Image.new("RGB", (80, 80), (220, 20, 20)).convert("CMYK")
    pixel = opened(thumbnail_uri(encoded(red, "JPEG"))).getpixel((40, 40))
    assert pixel == pytest.approx((220, 20, 20), abs=12)


def test_thumbnail_stands_upright() -> None:
    """A photo taken with the camera turned is shown as it was seen: left became top."""
    shown = Image.new("L", (200, 100), 0)
    shown.paste(255, (0, 0, 100, 100))
    upright = opened(thumbnail_uri(orientated(shown, 6))).convert("L")
    assert upright.size == (64, 128)
    assert np.asarray(upright)[10, 32] > 200
    assert np.asarray(upright)[118, 32] < 50


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\0\0garbage",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\0\0\0\0\0\0",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x0c\0\x01\0\0\0\xff\xff\xff\xff",
    ],
)
def test_thumbnail_does_not_mind_damaged_exif_data(exif: bytes) -> None:
    """An image that could be judged can be shown, and nobody is warned of its EXIF data."""
    shown = Image.linear_gradient("L")
    assert opened(thumbnail_uri(encoded(shown, "JPEG", exif))).size == (128, 128)


def test_thumbnail_does_not_mind_a_palette_with_transparency() -> None:
    """Pillow's warning about it is not passed on to the user."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").convert("P").save(buffer, "PNG", transparency=bytes([9] * 256))
    assert opened(thumbnail_uri(buffer.getvalue())).size == (128, 128)


def test_thumbnail_under_boxes_is_not_turned() -> None:
    """Boxes are drawn for the image as it is stored."""
    shown = Image.new("L", (200, 100), 0)
    stored = opened(thumbnail_uri(orientated(shown, 6), upright=False))
    assert stored.size == (128, 64)


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize("side", [64, 128, 129, 300])
def test_thumbnail_of_any_size_is_made(side: int, upright: bool) -> None:
    """A picture that is small already is not enlarged, and is read whole all the same."""
    content = encoded(Image.new("RGB", (side, side), (10, 200, 30)), "PNG")
    assert opened(thumbnail_uri(content, upright=upright)).width == min(side, 128)
