"""Tests of augmented images, on real image files."""

import io

import numpy as np
import pytest
from PIL import Image

from rcl_flow.core.augmenting.changes import Change
from rcl_flow.core.datasets.boxes import Box, PixelBox
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.augmenting import AugmentedImage, augment_image
from rcl_flow.imaging.measuring import UnusableContent, measure_image
from tests.builders import encoded, picture, sha256_of
from tests.unit.imaging.files import parent_named_in

PARENT = sha256_of("parent")
ALL = (
    Change("gamma", 1.5),
    Change("brightness", 0.8),
    Change("contrast", 0.7),
    Change("grayscale"),
    Change("mirror"),
    Change("flip"),
    Change("quarter-turn", 1),
    Change("rotation", 5),
    Change("crop", area=Box(left=0, top=0, width=0.9, height=0.9)),
    Change("scale", 0.9),
)


def augmented(content: bytes, change: Change) -> AugmentedImage:
    """Return the augmented image, which there must be."""
    made = augment_image(content, change, parent_sha256=PARENT)
    assert isinstance(made, AugmentedImage), made
    return made


def measured(content: bytes) -> ImageMeasures:
    """Return the measures of an image that can be used."""
    found = measure_image(content)
    assert isinstance(found, ImageMeasures), found
    return found


def colourful() -> Image.Image:
    """Return a picture with a red, a green and a blue part."""
    pixels = np.zeros((90, 120, 3), np.uint8)
    pixels[:, :40, 0], pixels[:, 40:80, 1], pixels[:, 80:, 2] = 200, 180, 160
    pixels[20:40] //= 2
    return Image.fromarray(pixels)


def shown(content: bytes) -> Image.Image:
    """Return a file's pixels."""
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGB")


@pytest.mark.parametrize("change", ALL, ids=lambda change: change.operation)
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_augmented_image_can_be_used_and_names_its_parent(
    change: Change, image_format: str
) -> None:
    """Every operation gives a file of the parent's format that the service takes."""
    made = augmented(encoded(colourful(), image_format), change)
    found = measured(made.content)
    assert found.image_format == image_format == made.image_format
    assert (found.width_pixels, found.height_pixels) == (made.width_pixels, made.height_pixels)
    assert parent_named_in(made.content) == PARENT
    assert PARENT in found.origin


@pytest.mark.parametrize("mode", ["L", "LA", "1", "P", "RGBA", "I;16"])
def test_augmented_image_of_every_kind_of_png(mode: str) -> None:
    """Palettes, transparency and 16 bits become plain pixels of 8 bits."""
    base = Image.linear_gradient("L").resize((96, 96))
    stored = (
        Image.fromarray(np.asarray(base).astype(np.uint16) * 256)
        if mode == "I;16"
        else base.convert("RGBA" if mode in ("LA", "RGBA") else mode).convert(mode)
    )
    made = augmented(encoded(stored, "PNG"), Change("gamma", 1.01))
    difference = np.asarray(shown(made.content).convert("L")).astype(int) - np.asarray(base)
    assert abs(difference.mean()) < 6


def test_augmented_image_of_a_cmyk_jpeg() -> None:
    """Pictures for print can be augmented too."""
    made = augmented(encoded(colourful().convert("CMYK"), "JPEG"), Change("mirror"))
    assert measured(made.content).colour_mode == "RGB"


def test_gamma_above_1_darkens_and_below_1_brightens() -> None:
    """The direction is the one that is documented."""
    content = picture()
    before = measured(content).brightness
    assert measured(augmented(content, Change("gamma", 1.8)).content).brightness < before - 0.05
    assert measured(augmented(content, Change("gamma", 0.6)).content).brightness > before + 0.05


def test_grayscale_has_no_colour() -> None:
    """A grey copy measures as grey."""
    made = augmented(encoded(colourful(), "PNG"), Change("grayscale"))
    assert measured(made.content).hue_degrees == -1


def test_quarter_turn_is_against_the_clock() -> None:
    """What was at the right is at the top."""
    made = augmented(encoded(colourful(), "PNG"), Change("quarter-turn", 1))
    assert (made.width_pixels, made.height_pixels) == (90, 120)
    assert shown(made.content).getpixel((5, 5)) == (0, 0, 160)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["PNG", "JPEG"])
def test_orientation_is_copied(orientation: int, image_format: str) -> None:
    """Stored pixels change, and EXIF's orientation stays as it was."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(colourful(), image_format, exif)
    made = augmented(content, Change("gamma", 1.2))
    assert measured(made.content).exif_orientation == orientation


@pytest.mark.parametrize("orientation", range(1, 9))
def test_mirror_swaps_left_and_right_as_seen(orientation: int) -> None:
    """A picture that lies on its side is mirrored as its viewer sees it, not as it is stored."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(colourful(), "PNG", exif)
    made = augmented(content, Change("mirror"))
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(made.content)) as after:
        expected = ImageOps.exif_transpose(before).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        assert ImageOps.exif_transpose(after).tobytes() == expected.tobytes()


def test_other_metadata_is_left_out() -> None:
    """Where and when the parent was taken is not repeated, so that it is no burst."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Maker", 6
    made = augmented(encoded(colourful(), "JPEG", exif), Change("gamma", 1.2))
    assert measured(made.content).camera == ""


def test_boxes_that_are_lost_are_told() -> None:
    """A box that a crop cuts away is in the answer, with its reason."""
    gone, stays = PixelBox("a", 0, 0, 10, 10), PixelBox("b", 60, 40, 20, 20)
    change = Change("crop", area=Box(left=0.2, top=0.2, width=0.8, height=0.8))
    made = augment_image(
        encoded(colourful(), "PNG"), change, parent_sha256=PARENT, boxes=(gone, stays)
    )
    assert isinstance(made, AugmentedImage)
    assert made.boxes == (PixelBox("b", 36, 22, 20, 20),)
    assert [(entry.box.label, entry.problem) for entry in made.dropped] == [("a", "outside")]


@pytest.mark.parametrize(
    ("content", "change", "reason"),
    [
        (b"", Change("mirror"), "neither PNG nor JPEG"),
        (b"GIF89a", Change("mirror"), "neither PNG nor JPEG"),
        (picture()[:200], Change("mirror"), "cannot be decoded"),
        (picture(image_format="JPEG")[:300], Change("mirror"), "neither|decoded"),
        (picture(70, 70), Change("scale", 0.5), "only 35 x 35 pixels would be left"),
        (picture(96, 80), Change("scale", 50), "is outside 64 to 4096"),
    ],
)
def test_image_that_cannot_be_made_has_a_reason(
    content: bytes, change: Change, reason: str
) -> None:
    """Bad bytes and results that the service would not take are told, never raised."""
    made = augment_image(content, change, parent_sha256=PARENT)
    assert isinstance(made, UnusableContent)
    assert any(part in made.reason for part in reason.split("|"))


@pytest.mark.parametrize("content", [b"", b"GIF89a", picture(), picture(image_format="JPEG")])
def test_other_files_name_no_parent(content: bytes) -> None:
    """Only what was augmented has a mark."""
    assert parent_named_in(content) == ""
