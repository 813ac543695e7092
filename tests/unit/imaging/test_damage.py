"""Tests of damaged files: each is found, none raises, and nobody is warned."""

import io
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from tests.corpus.photographs import crop, jpeg, photographs
from tests.unit.imaging.files import (
    measured,
    photograph,
    reason_of,
    saved,
    with_chunk,
    with_segment,
)

RNG = np.random.default_rng(8)
END = b"\xff\xd9"
SHOWN = photograph(400, 300)
FILES = {
    "PNG": saved(SHOWN, "PNG"),
    "JPEG": saved(SHOWN),
    "progressive": saved(SHOWN, progressive=True),
    "restarted": saved(SHOWN, restart_marker_rows=1),
    "gray": saved(SHOWN.convert("L")),
    "CMYK": saved(SHOWN.convert("CMYK")),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_whole_files_are_not_called_damaged(content: bytes) -> None:
    """The check for damage has nothing to say of good files, with or without more data behind."""
    assert not measured(content).damaged
    assert not measured(content + b"more").damaged


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_file_that_breaks_off_is_unusable(content: bytes, tenth: int) -> None:
    """A download that ended early is found out wherever it ended."""
    assert reason_of(content[: len(content) * tenth // 10]).startswith("it cannot be decoded: ")


@pytest.mark.parametrize("tenth", range(3, 10))
def test_a_jpeg_that_was_ended_early_is_damaged(tenth: int) -> None:
    """Half a picture with an end's marker decodes without complaint, and is still found."""
    content = FILES["JPEG"]
    found = measure_image(content[: len(content) * tenth // 10] + END)
    assert isinstance(found, UnusableContent) or found.damaged


def test_a_jpeg_without_its_end_is_damaged() -> None:
    """All pixels are there, the last two bytes are not."""
    assert measured(FILES["JPEG"].removesuffix(END)).damaged


def test_a_png_without_its_end_is_damaged() -> None:
    """All pixels are there, the last chunk is not."""
    assert measured(FILES["PNG"][:-12]).damaged


def test_a_png_with_damaged_pixels_is_unusable() -> None:
    """A changed byte in the pixels breaks the checksum."""
    content = bytearray(FILES["PNG"])
    content[len(content) // 2] ^= 0xFF
    assert reason_of(bytes(content)).startswith("it cannot be decoded: ")


def test_a_png_with_a_damaged_text_is_damaged() -> None:
    """The pixels are whole, the file is not."""
    content = with_chunk(FILES["PNG"], b"tEXt", b"Comment\0hello")
    assert not measured(content).damaged
    assert measured(content.replace(b"hello", b"hullo")).damaged


def test_garbage_in_the_middle_of_a_jpeg_is_found() -> None:
    """Of many places for four kilobytes of noise none goes unnoticed."""
    content = jpeg(crop(photographs(), RNG))
    for start in range(2_000, len(content) - 4_096, len(content) // 30):
        found = measure_image(content[:start] + RNG.bytes(4_096) + content[start + 4_096 :])
        assert isinstance(found, UnusableContent) or found.damaged


def test_junk_between_the_segments_is_damage() -> None:
    """Decoders skip bytes that belong to no segment, and so does this one, but it tells."""
    content = with_segment(FILES["JPEG"], 0xFE, b"a comment")
    found = measured(content[:15] + b"junk" + content[15:])
    assert found.damaged
    assert found.brightness == measured(FILES["JPEG"]).brightness


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\x00",
        b"\xff\xd8\xff\xe0\x00\x01",
        FILES["JPEG"][:100],
        FILES["JPEG"].replace(b"\xff\xc0", b"\xff\xe9"),
        b"\x89PNG\r\n\x1a\n" + b"\0\0\0\4IHDR1234\0\0\0\0",
    ],
)
def test_a_broken_header_is_a_reason(content: bytes) -> None:
    """Whatever is left of a header, the answer is a value."""
    assert reason_of(content)


def test_a_reason_does_not_depend_on_where_the_content_was_in_memory() -> None:
    """The same bytes always get the same reason, so that it can be cached."""
    content = bytearray(FILES["JPEG"])
    place = content.index(b"\xff\xc0")
    content[place + 4] = 12  # bits of a sample
    assert reason_of(bytes(content)) == reason_of(bytes(content))
    assert "0x" not in reason_of(bytes(content))


def with_frame(**changes: int) -> bytes:
    """Return a JPEG file with other bytes in its frame's header, counted from its length."""
    content = bytearray(FILES["JPEG"])
    place = content.index(b"\xff\xc0") + 2
    for at, value in changes.items():
        content[place + int(at.removeprefix("at_"))] = value
    return bytes(content)


@pytest.mark.parametrize("bits", [0, 7, 12, 16])
def test_a_jpeg_of_other_than_8_bits_is_unusable(bits: int) -> None:
    """Its samples do not fit where those of 8 bits go."""
    assert reason_of(with_frame(at_2=bits)) == "it cannot be decoded: its header is damaged"


@pytest.mark.parametrize("components", [0, 2, 5, 255])
def test_a_jpeg_of_an_odd_number_of_colours_is_unusable(components: int) -> None:
    """There are gray, three colours and four."""
    assert reason_of(with_frame(at_7=components)).startswith("it cannot be decoded: ")


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC7, 0xC9, 0xCB, 0xCD, 0xCF])
def test_a_jpeg_that_is_called_another_kind_is_no_danger(marker: int) -> None:
    """Decoders refuse it or make a picture of it that is whole or damaged."""
    found = measure_image(FILES["JPEG"].replace(b"\xff\xc0", bytes([0xFF, marker])))
    assert isinstance(found, UnusableContent) or found.width_pixels == SHOWN.width


@pytest.mark.parametrize("size", [(64, 64), (250, 4000), (4000, 250), (4096, 4096)])
@pytest.mark.parametrize("first", [True, False])
def test_a_jpeg_of_two_sizes_is_unusable(size: tuple[int, int], *, first: bool) -> None:
    """Whichever header is taken, no pixel is written where another size was made room for."""
    content, (width, height) = FILES["JPEG"], size
    place = content.index(b"\xff\xc0")
    frame = content[place : place + 2 + int.from_bytes(content[place + 2 : place + 4])]
    other = frame[:5] + struct.pack(">HH", height, width) + frame[9:]
    both = other + frame if first else frame + other
    assert reason_of(content.replace(frame, both)).startswith("it cannot be decoded: ")


EXIF_BLOCKS = [
    b"Exif\0\0garbage",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\0\0\0\0\0\0",
    b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x31\x01\x02\0\xff\xff\xff\xff\x08\0\0\0" * 40,
]


def test_threads_get_no_warnings_from_broken_metadata() -> None:
    """Pillow warns of such files; warnings are errors in these tests, in threads as well."""
    animation = struct.pack(">II", 0, 0)
    contents = [
        *(with_segment(FILES["JPEG"], 0xE1, block) for block in EXIF_BLOCKS),
        with_segment(FILES["JPEG"], 0xE2, b"MPF\0II*\0\x08\0\0\0\x01\0\x01\xb0\x04\0"),
        with_chunk(FILES["PNG"], b"acTL", animation),
        with_chunk(FILES["PNG"], b"eXIf", EXIF_BLOCKS[2][6:]),
        saved(SHOWN.convert("P"), "PNG", transparency=bytes(range(256))),
    ]
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(measure_image, contents * 5):
            assert isinstance(found, ImageMeasures)
            assert not found.damaged
            assert found.exif_orientation == 1


def test_the_test_files_are_such_that_pillow_warns_of_them() -> None:
    """Without the care taken, these files would warn."""
    content = with_chunk(FILES["PNG"], b"acTL", struct.pack(">II", 0, 0))
    with pytest.warns(UserWarning, match="APNG"), Image.open(io.BytesIO(content)) as image:
        image.load()
