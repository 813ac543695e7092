"""Tests of what is measured of usable images, and of the service's limits."""

import io

import numpy as np
import pytest
from PIL import Image

from rcl_flow.imaging.measuring import DecodedImage, decode_image, measure_decoded
from tests.builders import encoded, picture
from tests.unit.imaging.files import measured, photograph, png_claiming, reason_of, saved

RNG = np.random.default_rng(5)
NOISE = Image.fromarray(RNG.integers(0, 256, size=(100, 100, 3), dtype=np.uint8))


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_measuring_gives_format_and_size(image_format: str) -> None:
    """A good image is told by its format, width and height."""
    found = measured(picture(120, 70, image_format=image_format))
    assert (found.image_format, found.width_pixels, found.height_pixels) == (image_format, 120, 70)
    assert (found.damaged, found.frames, found.exif_orientation) == (False, 1, 1)


@pytest.mark.parametrize(
    ("mode", "image_format"),
    [("1", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"),
     ("L", "JPEG"), ("CMYK", "JPEG"), ("YCbCr", "JPEG")],
)  # fmt: skip
def test_measuring_takes_every_kind_of_pixel(mode: str, image_format: str) -> None:
    """Black and white, gray, palette, transparent, 16-bit and CMYK images are images."""
    shown = Image.linear_gradient("L")
    if mode == "I;16":
        shown = Image.fromarray(np.asarray(shown).astype(np.uint16) * 257)
    found = measured(encoded(shown.convert(mode), image_format))
    assert found.colour_mode == ("RGB" if mode == "YCbCr" else mode)
    assert found.brightness == pytest.approx(0.5, abs=0.02)
    assert found.hue_degrees == -1
    assert not found.damaged


def test_measuring_does_not_mind_transparency() -> None:
    """What a palette's transparent entries hide counts, and nobody is warned of them."""
    shown = Image.linear_gradient("L").convert("P")
    content = saved(shown, "PNG", transparency=bytes([9] * 256))
    assert measured(content).brightness == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("keep_rgb", [True, False])
def test_measuring_sees_the_same_colours_however_a_jpeg_stores_them(keep_rgb: bool) -> None:
    """JPEG files of red, green and blue are rare and valid."""
    content = saved(Image.new("RGB", (200, 200), (200, 40, 40)), keep_rgb=keep_rgb)
    assert measured(content).colours[:3] == pytest.approx((200, 40, 40), abs=2)


def test_measuring_gives_the_same_whatever_the_format_and_order_of_data() -> None:
    """Progressive, baseline, restarted and PNG files of one picture look alike."""
    shown = photograph(400, 300)
    ways = [
        saved(shown, "PNG"),
        saved(shown, quality=95),
        saved(shown, quality=95, progressive=True),
        saved(shown, quality=95, restart_marker_rows=1),
    ]
    first, *others = [measured(content) for content in ways]
    for other in others:
        assert other.brightness == pytest.approx(first.brightness, abs=0.01)
        assert other.saturation == pytest.approx(first.saturation, abs=0.02)
        assert other.colours == pytest.approx(first.colours, abs=4)
        assert (other.hashes[0] ^ first.hashes[0]).bit_count() <= 2
        assert not other.damaged


@pytest.mark.parametrize("size", [(160, 120), (255, 300), (256, 400), (1024, 513), (1100, 2100)])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_measuring_sees_the_pixels_that_pillow_opens_at_a_reduced_scale(
    size: tuple[int, int], mode: str
) -> None:
    """The decoder is given the file at once, and makes the same picture of it, whole."""
    content = saved(photograph(*size).convert(mode), quality=90)
    with Image.open(io.BytesIO(content)) as image:
        image.draft("YCbCr" if mode == "RGB" else None, (128, 128))
        shown = image.convert("RGB") if mode == "CMYK" else image
        luma = shown.convert("YCbCr").getchannel(0) if mode != "L" else shown
        expected = np.asarray(luma) / 255
    found = measured(content)
    assert found.brightness == pytest.approx(expected.mean(), abs=1e-9)
    assert found.dark_share == pytest.approx(np.mean(expected < 16 / 255), abs=1e-9)
    assert found.colour_mode == mode


def test_measuring_takes_a_phones_jpeg_of_several_pictures() -> None:
    """What Pillow calls MPO starts with a JPEG, and that is what the service sees."""
    found = measured(saved(NOISE, "MPO", save_all=True, append_images=[NOISE.rotate(90)]))
    assert (found.image_format, found.frames, found.damaged) == ("JPEG", 2, False)


def test_measuring_counts_the_frames_of_an_animation() -> None:
    """An animated PNG is told apart, and its first picture measured."""
    dark = Image.new("L", (100, 100), 10)
    found = measured(saved(dark, "PNG", save_all=True, append_images=[NOISE.convert("L")]))
    assert (found.frames, found.damaged) == (2, False)
    assert found.brightness == pytest.approx(10 / 255)


def test_images_that_are_measured_together_measure_the_same_as_alone() -> None:
    """What a picture measures does not depend, in any bit, on those beside it."""
    contents = [
        saved(photograph(400, 300, seed=1)),
        saved(photograph(640, 200, seed=2).convert("L")),
        saved(Image.new("RGB", (90, 90), (200, 10, 10)), "PNG"),
        saved(photograph(300, 500, seed=3).convert("CMYK")),
        saved(photograph(500, 500, seed=4), "PNG"),
    ]
    decoded = [each for each in map(decode_image, contents) if isinstance(each, DecodedImage)]
    for together in (decoded, decoded[::-1], decoded[2:]):
        places = [decoded.index(each) for each in together]
        assert measure_decoded(together) == [measured(contents[place]) for place in places]
    assert measure_decoded([]) == []


@pytest.mark.parametrize("size", [(64, 64), (4096, 205), (205, 4096), (64, 1279)])
def test_measuring_takes_the_limits_themselves(size: tuple[int, int]) -> None:
    """64 and 4096 pixels a side are allowed, and so is a ratio just under 20."""
    found = measured(picture(*size))
    assert (found.width_pixels, found.height_pixels) == size


@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_measuring_takes_the_largest_image(image_format: str) -> None:
    """4096 x 4096 pixels are measured at a reduced scale."""
    found = measured(picture(4096, 4096, image_format=image_format))
    assert found.megapixels == pytest.approx(16.8, abs=0.1)
    assert found.brightness == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("size", [(63, 100), (100, 63), (4097, 300), (300, 4097), (1, 1)])
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_measuring_refuses_sides_outside_the_limits(
    size: tuple[int, int], image_format: str
) -> None:
    """One pixel less or more is too small or too large, and the size is told."""
    width, height = size
    assert reason_of(picture(*size, image_format=image_format)) == (
        f"{width} x {height} pixels is outside 64 to 4096 a side"
    )


@pytest.mark.parametrize("size", [(1300, 64), (64, 1300), (4096, 200), (1280, 64)])
def test_measuring_refuses_an_image_of_20_to_1(size: tuple[int, int]) -> None:
    """AWS's pages differ on exactly 20:1, so the check before paying is the strict one."""
    width, height = size
    assert reason_of(picture(*size)) == f"{width} x {height} pixels is longer than 20:1"


def test_measuring_refuses_a_file_over_15_megabytes() -> None:
    """15 MB are taken, a byte more is not; what follows the image does not matter."""
    content = picture()
    limit = 15 * 1024 * 1024
    assert not measured(content.ljust(limit, b"\0")).damaged
    assert reason_of(content.ljust(limit + 1, b"\0")) == "the file is larger than 15 MB"


@pytest.mark.parametrize("size", [(12_000, 12_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_measuring_refuses_a_decompression_bomb_unopened(size: tuple[int, int]) -> None:
    """A header that claims gigabytes of pixels is refused before they are made."""
    assert reason_of(png_claiming(*size)).startswith(f"{size[0]} x {size[1]} pixels is outside")


def test_measuring_refuses_a_header_that_claims_more_than_there_is() -> None:
    """A claim within the limits without the pixels for it is found out when decoding."""
    assert reason_of(png_claiming(4000, 4000)).startswith("it cannot be decoded: ")


def test_measuring_refuses_an_empty_file() -> None:
    """A file of no bytes is called empty."""
    assert reason_of(b"") == "the file is empty"


@pytest.mark.parametrize("image_format", ["GIF", "BMP", "TIFF", "WEBP"])
def test_measuring_looks_at_the_content_and_not_at_the_name(image_format: str) -> None:
    """A GIF that somebody named .png is still none."""
    assert reason_of(encoded(NOISE, image_format)) == "it is neither PNG nor JPEG"


@pytest.mark.parametrize("content", [b"<html>404</html>", bytes(5000), b"\x89PNG\r\n\x1a\n"])
def test_measuring_refuses_what_is_no_image(content: bytes) -> None:
    """A saved error page, zeros and a bare signature are no images."""
    assert reason_of(content) == "it is neither PNG nor JPEG"


def test_measuring_reads_the_stored_pixels_and_tells_the_orientation() -> None:
    """Sizes are as stored; what EXIF wants is told beside them."""
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        found = measured(encoded(photograph(), "JPEG", exif))
        assert found.exif_orientation == orientation
        assert (found.width_pixels, found.height_pixels) == (160, 120)


def test_measuring_does_not_mind_a_colour_profile() -> None:
    """An ICC profile of several segments changes nothing."""
    shown = photograph()
    with_profile = measured(saved(shown, icc_profile=bytes(100_000)))
    assert with_profile == measured(saved(shown))


def test_measuring_does_not_mind_much_metadata() -> None:
    """A maker's note of megabytes in many segments is passed over."""
    content = saved(photograph(), exif=b"Exif\0\0" + bytes(60_000))
    many = content[:2] + content[2 : 2 + 60_010] * 100 + content[2:]
    buffer = io.BytesIO(many)
    assert len(buffer.getvalue()) > 6_000_000
    assert not measured(many).damaged
