"""Tests of the measures of light, colours and edges, on pictures drawn for them."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from rcl_flow.core.audit.rules import FactorRules
from tests.unit.imaging.files import measured, photograph, saved


def plain(*colour: int, size: tuple[int, int] = (200, 160)) -> bytes:
    """Return an image of one colour."""
    return saved(Image.new("RGB", size, colour), "PNG")


def stripes(angle_degrees: float) -> bytes:
    """Return parallel lines at that angle, counted from the horizontal against the clock."""
    y, x = np.mgrid[0:240, 0:320]
    radians = np.radians(angle_degrees)
    across = x * np.sin(radians) + y * np.cos(radians)
    return saved(Image.fromarray(((np.sin(across / 6) + 1) * 127).astype(np.uint8)), "PNG")


@pytest.mark.parametrize(("level", "brightness"), [(0, 0.0), (51, 0.2), (255, 1.0)])
def test_a_plain_image_has_its_level_and_no_contrast(level: int, brightness: float) -> None:
    """Brightness is mean luma from 0 to 1; shadow and highlight are the same here."""
    found = measured(plain(level, level, level))
    assert found.brightness == pytest.approx(brightness, abs=0.005)
    assert found.shadow == found.highlight == pytest.approx(brightness, abs=0.005)
    assert (found.contrast, found.entropy_bits, found.hashes) == (0.0, 0.0, ())
    assert found.dark_share == float(level < 16)
    assert found.bright_share == float(level > 239)


def test_shares_count_dark_and_bright_pixels() -> None:
    """A quarter black and a quarter white are told as such."""
    shown = Image.new("L", (200, 200), 128)
    shown.paste(0, (0, 0, 100, 100))
    shown.paste(255, (100, 100, 200, 200))
    found = measured(saved(shown, "PNG"))
    assert (found.dark_share, found.bright_share) == pytest.approx((0.25, 0.25), abs=0.001)
    assert (found.shadow, found.highlight, found.contrast) == (0.0, 1.0, 1.0)
    assert found.entropy_bits == pytest.approx(1.5, abs=0.01)


@pytest.mark.parametrize(
    ("colour", "hue"),
    [((255, 0, 0), 0), ((0, 200, 0), 120), ((0, 0, 255), 240), ((250, 0, 30), 353)],
)
def test_hue_is_the_dominant_one(colour: tuple[int, int, int], hue: float) -> None:
    """Hues are degrees on the circle, and red lies on both sides of zero."""
    found = measured(plain(*colour))
    assert abs((found.hue_degrees - hue + 180) % 360 - 180) < 6
    assert found.saturation == pytest.approx(1, abs=0.02)


def test_hue_is_of_the_larger_part() -> None:
    """A small red thing on green is green."""
    shown = Image.new("RGB", (200, 200), (20, 160, 30))
    shown.paste((220, 20, 20), (80, 80, 120, 120))
    assert measured(saved(shown, "PNG")).hue_degrees == pytest.approx(124, abs=6)


def test_gray_has_no_hue_even_in_colour_files() -> None:
    """A gray image saved in colours is gray."""
    found = measured(saved(photograph().convert("L").convert("RGB")))
    assert (found.colour_mode, found.hue_degrees) == ("RGB", -1)
    assert found.saturation < 0.01


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135, 170])
def test_edges_have_the_direction_of_the_lines(angle: float) -> None:
    """Lines are told by their angle against the horizontal, opposite directions being one."""
    found = measured(stripes(angle)).edge_angle_degrees
    assert abs((found - angle + 90) % 180 - 90) < 3


def test_noise_has_no_direction() -> None:
    """Where edges lie in all directions none is told."""
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (200, 200)).astype(np.uint8)
    assert measured(saved(Image.fromarray(noise), "PNG")).edge_angle_degrees == -1


@pytest.mark.parametrize("share", [0.004, 0.01, 0.03])
def test_blur_lowers_sharpness(share: float) -> None:
    """A blur of 0.4 % of the long side and more falls below the usual limit."""
    limit = FactorRules().min_sharpness
    for seed in range(3, 8):
        shown = photograph(1280, 960, seed=seed)
        blurred = shown.filter(ImageFilter.GaussianBlur(share * 1280))
        assert measured(saved(blurred)).sharpness < limit < measured(saved(shown)).sharpness


def test_sharpness_does_not_depend_on_contrast() -> None:
    """A sharp picture in fog is sharp."""
    shown = photograph(640, 480)
    foggy = ImageEnhance.Contrast(shown).enhance(0.4)
    sharp, less = measured(saved(shown, "PNG")).sharpness, measured(saved(foggy, "PNG")).sharpness
    assert less == pytest.approx(sharp, rel=0.1)


def test_background_is_the_outer_frame() -> None:
    """Something busy and vivid in the middle is no background, and around it is."""
    rng = np.random.default_rng(2)
    noise = Image.fromarray(rng.integers(0, 256, (200, 200, 3)).astype(np.uint8))
    calm = Image.new("RGB", (200, 200), (128, 128, 128))
    inside, around = calm.copy(), noise.copy()
    inside.paste(noise.crop((50, 50, 150, 150)), (50, 50))
    ImageDraw.Draw(around).rectangle((42, 42, 157, 157), (128, 128, 128))
    thing, frame = measured(saved(inside, "PNG")), measured(saved(around, "PNG"))
    assert thing.background_busyness == thing.background_vividness == 0
    assert frame.background_busyness > 0.03
    assert frame.background_vividness > 0.1


def test_colours_are_those_of_the_fields_row_by_row() -> None:
    """The second of the sixteen fields is right of the first."""
    shown = Image.new("RGB", (200, 200), (10, 200, 30))
    shown.paste((240, 10, 10), (50, 0, 100, 50))
    colours = measured(saved(shown, "PNG")).colours
    assert len(colours) == 48
    assert colours[:3] == pytest.approx((10, 200, 30), abs=4)
    assert colours[3:6] == pytest.approx((240, 10, 10), abs=4)
    assert colours[12:15] == pytest.approx((10, 200, 30), abs=4)
