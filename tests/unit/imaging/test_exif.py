"""Tests of the reading of EXIF data, written by Pillow or put together byte by byte."""

import struct

import pytest
from PIL import Image

from rcl_flow.imaging.exif import Exif, count_pictures, parse_exif
from tests.unit.imaging.files import measured, photograph, saved


def written(**texts: str) -> Image.Exif:
    """Return EXIF data with these texts."""
    exif = Image.Exif()
    places = {"make": 0x010F, "model": 0x0110, "software": 0x0131}
    for name, tag in places.items():
        if name in texts:
            exif[tag] = texts[name]
    if "captured_at" in texts:
        exif.get_ifd(0x8769)[0x9003] = texts["captured_at"]
    return exif


def directory(*entries: tuple[int, int, int, int], order: str = "<") -> bytes:
    """Return EXIF data with these entries: tag, type, count and value."""
    rows = b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
    start = b"II*\0\x08\0\0\0" if order == "<" else b"MM\0*\0\0\0\x08"
    return start + struct.pack(order + "H", len(entries)) + rows


@pytest.mark.parametrize("image_format", ["JPEG", "PNG"])
def test_camera_and_time_are_read_from_both_formats(image_format: str) -> None:
    """What a camera writes is found wherever the format keeps it."""
    exif = written(make="Acme", model="X1", captured_at="2026:11:24 10:20:30")
    found = measured(saved(photograph(), image_format, exif=exif))
    assert (found.camera, found.captured_at) == ("Acme X1", "2026:11:24 10:20:30")
    assert found.origin == ""


def test_a_model_that_names_its_maker_is_not_named_twice() -> None:
    """Some makers begin the model with their name."""
    assert parse_exif(written(make="Canon", model="Canon EOS R5").tobytes()[6:]).camera == (
        "Canon EOS R5"
    )


@pytest.mark.parametrize("when", ["yesterday", "    :  :     :  :  ", "2026-11-24 10:20:30", ""])
def test_a_time_in_another_form_is_none(when: str) -> None:
    """Only what is a time is passed on."""
    assert parse_exif(written(captured_at=when).tobytes()[6:]).captured_at == ""


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    """Intel's and Motorola's order are both usual."""
    short = 6 if order == "<" else 6 << 16
    assert parse_exif(directory((0x0112, 3, 1, short), order=order)).orientation == 6


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_there_is_not_is_none(value: int) -> None:
    """Numbers outside 1 to 8 mean nothing."""
    assert parse_exif(directory((0x0112, 3, 1, value))).orientation == 1


@pytest.mark.parametrize(
    "tiff",
    [
        b"",
        b"II*\0",
        b"garbage that is long enough",
        b"II*\0\xff\xff\xff\xff\0\0",
        b"II*\0\x08\0\0\0\xff\xff",
        directory((0x0112, 2, 0xFFFFFFFF, 0xFFFFFFFF)),
        directory((0x0112, 99, 1, 6)),
        directory((0x8769, 4, 1, 8)),
        directory((0x8769, 4, 1, 0xFFFFFFF0)),
        directory((0x9003, 2, 40, 0xFFFFFF00), (0x0110, 7, 3, 0xFFFFFFFF))[:-3],
    ],
)
def test_broken_data_say_nothing(tiff: bytes) -> None:
    """Directories without end, in circles or outside the data are read as far as they go."""
    assert parse_exif(tiff) == Exif()


def test_control_characters_and_padding_are_dropped() -> None:
    """Some cameras fill their fields with spaces and zeros."""
    exif = written(model="X1   ", make="  A\ncme\0")
    assert parse_exif(exif.tobytes()[6:]).camera == "A cme X1"


def test_pictures_are_counted_only_where_there_is_a_count() -> None:
    """A broken list of pictures is one picture."""
    assert count_pictures(directory((0xB001, 4, 1, 3))) == 3
    assert count_pictures(directory((0xB001, 4, 1, 0))) == 1
    assert count_pictures(b"MPF") == 1
