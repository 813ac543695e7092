"""Whatever the bytes are, measuring gives a value, the same each time, with figures in range."""

import math
from dataclasses import fields
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.exif import parse_exif
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from tests.unit.imaging.files import photograph, saved

RATIOS = ("brightness", "dark_share", "bright_share", "contrast", "saturation",
          "background_busyness", "background_vividness", "shadow", "highlight")  # fmt: skip


@cache
def whole_files() -> list[bytes]:
    """Return small good files of every kind."""
    shown = photograph(96, 72)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0131] = 6, "Acme", "1.0"
    exif.get_ifd(0x8769)[0x9003] = "2026:11:24 10:20:30"
    turned = [shown.rotate(90)]
    return [
        saved(shown, exif=exif),
        saved(shown, progressive=True),
        saved(shown, restart_marker_rows=1),
        saved(shown, keep_rgb=True),
        saved(shown.convert("L")),
        saved(shown.convert("CMYK")),
        saved(shown, "MPO", save_all=True, append_images=turned),
        saved(shown, "PNG", exif=exif),
        saved(shown, "PNG", save_all=True, append_images=turned),
        saved(shown.convert("P"), "PNG", transparency=3),
        saved(shown.convert("1"), "PNG"),
        saved(shown.convert("RGBA"), "PNG"),
    ]


@st.composite
def broken_files(draw: st.DrawFn) -> bytes:
    """Draw a file with bytes changed, cut out, doubled or cut off, more often in its header."""
    content = bytearray(draw(st.sampled_from(whole_files())))
    end = draw(st.sampled_from([60, 700, len(content)]))
    for place in draw(st.lists(st.integers(0, min(end, len(content)) - 1), max_size=12)):
        match draw(st.sampled_from(["change", "cut", "double"])):
            case "change":
                content[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case "cut":
                del content[place : place + draw(st.integers(1, 40))]
            case _:
                content[place:place] = content[place : place + draw(st.integers(1, 40))]
    return bytes(content[: draw(st.one_of(st.none(), st.integers(0, len(content))))])


def check(found: ImageMeasures | UnusableContent) -> None:
    """Require a reason, or figures in their ranges."""
    if isinstance(found, UnusableContent):
        assert found.reason
        return
    for field in fields(found):
        figure = getattr(found, field.name)
        assert not isinstance(figure, float) or math.isfinite(figure)
        assert type(figure) in (int, float, str, bool, tuple)
    assert all(0 <= getattr(found, name) <= 1 for name in RATIOS)
    assert 0 <= found.entropy_bits <= 8
    assert -1 <= found.hue_degrees < 360
    assert -1 <= found.edge_angle_degrees < 180
    assert len(found.hashes) in (0, 8)
    assert len(found.colours) == 48


@given(broken_files())
@settings(max_examples=400)
def test_measuring_of_broken_files_never_raises(content: bytes) -> None:
    """A damaged file is unusable with a reason, or measured like any other."""
    check(measure_image(content))


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]), st.binary(max_size=400))
def test_measuring_of_any_bytes_never_raises(beginning: bytes, rest: bytes) -> None:
    """Bytes that never were an image are no different."""
    assert measure_image(beginning + rest) == measure_image(beginning + rest)
    check(measure_image(beginning + rest))


@given(st.sampled_from([b"", b"II*\0", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"]), st.binary())
def test_exif_data_of_any_bytes_never_raise(beginning: bytes, rest: bytes) -> None:
    """Directories that lead nowhere, or to themselves, end."""
    found = parse_exif(beginning + rest)
    assert found.orientation in range(1, 9)
    assert found.camera.isprintable()
