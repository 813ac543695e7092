"""Tests of what files say of having been generated."""

import zlib

import pytest
from PIL import Image, PngImagePlugin

from tests.unit.imaging.files import measured, photograph, saved, with_chunk, with_segment

SOURCE_TYPE = b"http://cv.iptc.org/newscodes/digitalsourcetype/"
GENERATED = SOURCE_TYPE + b"trainedAlgorithmicMedia"
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>%s</x:xmpmeta>"
PNG, JPEG = saved(photograph(), "PNG"), saved(photograph())


def texts(**entries: str) -> bytes:
    """Return a PNG file with these texts."""
    written = PngImagePlugin.PngInfo()
    for key, text in entries.items():
        written.add_text(key, text)
    return saved(photograph(), "PNG", pnginfo=written)


@pytest.mark.parametrize(
    "content",
    [
        texts(parameters="a cat\nSteps: 20, Sampler: Euler a, Seed: 1"),
        texts(prompt='{"3": {"class_type": "KSampler"}}'),
        texts(workflow='{"nodes": []}'),
        texts(Software="NovelAI"),
        texts(Software="Blender 4.2"),
        with_chunk(PNG, b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x>" + GENERATED + b"</x>"),
        with_chunk(PNG, b"zTXt", b"parameters\0\0" + zlib.compress(b"Steps: 20")),
        with_chunk(PNG, b"iTXt", b"workflow\0\1\0\0\0" + zlib.compress(b"{}")),
        with_chunk(PNG, b"caBX", b"\0jumb c2pa.actions " + GENERATED),
        with_segment(JPEG, 0xE1, XMP % GENERATED),
        with_segment(JPEG, 0xEB, b"JP\0\1jumbc2pa " + SOURCE_TYPE + b"compositeSynthetic"),
        with_segment(JPEG, 0xFE, b"made by Stable Diffusion"),
    ],
)
def test_generators_are_recognised(content: bytes) -> None:
    """Settings in texts, source types in XMP and C2PA, and programs' names are evidence."""
    assert measured(content).origin != ""


@pytest.mark.parametrize("software", ["Midjourney v6", "Adobe Firefly", "ComfyUI", "DALL-E 3"])
def test_generators_in_exif_are_recognised(software: str) -> None:
    """Some write their name where cameras write their firmware."""
    exif = Image.Exif()
    exif[0x0131] = software
    assert measured(saved(photograph(), exif=exif)).origin.endswith(software)


def test_settings_in_an_exif_comment_are_recognised() -> None:
    """JPEG files keep the settings as the user's comment, in plain letters or in UTF-16."""
    settings = "a cat Steps: 20, Sampler: Euler"
    plain, wide = b"ASCII\0\0\0" + settings.encode(), b"UNICODE\0" + settings.encode("utf-16-be")
    for comment in (plain, wide):
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9286] = comment
        assert "EXIF comment" in measured(saved(photograph(), exif=exif)).origin


@pytest.mark.parametrize(
    "content",
    [
        PNG,
        JPEG,
        texts(Software="Adobe Photoshop 25.1", Comment="sunset in Blenheim", prompt="a note"),
        with_segment(JPEG, 0xE1, XMP % (SOURCE_TYPE + b"digitalCapture")),
        with_segment(JPEG, 0xEB, b"JP\0\1jumbc2pa " + SOURCE_TYPE + b"digitalCapture"),
        with_segment(JPEG, 0xFE, b"CREATOR: gd-jpeg v1.0"),
        with_chunk(PNG, b"zTXt", b"parameters\0\0not compressed"),
        with_chunk(PNG, b"iTXt", b"workflow"),
    ],
)
def test_photographs_and_edited_ones_are_not_called_generated(content: bytes) -> None:
    """Signed photographs, editors and notes are no evidence."""
    assert measured(content).origin == ""


def test_an_augmented_image_is_known_by_its_mark() -> None:
    """The mark of this program's own augmentation is given word for word."""
    mark = "rcl-flow:parent=" + "ab" * 32
    assert measured(with_segment(JPEG, 0xFE, mark.encode())).origin == mark
    assert measured(texts(Comment=mark)).origin == mark


def test_a_text_that_unpacks_to_gigabytes_is_cut() -> None:
    """A compressed text is read as far as needed, and no further."""
    bomb = zlib.compress(bytes(50_000_000))
    assert measured(with_chunk(PNG, b"zTXt", b"parameters\0\0" + bomb)).origin == ""
