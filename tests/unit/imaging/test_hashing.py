"""Tests of perceptual hashes: the same picture has the same hash, turned or not."""

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from tests.unit.imaging.files import measured, photograph, saved


def distance(first: int, second: int) -> int:
    """Return in how many bits two hashes differ."""
    return (first ^ second).bit_count()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("orientation", range(1, 9))
def test_hashes_are_those_of_the_turned_pictures(seed: int, orientation: int) -> None:
    """The eight hashes equal the first hashes of pictures that were really turned."""
    shown = photograph(512, 384, seed=seed)
    shown.getexif()[0x0112] = orientation
    turned = ImageOps.exif_transpose(shown)
    stored = measured(saved(shown, "PNG")).hashes[orientation - 1]
    assert distance(stored, measured(saved(turned, "PNG")).hashes[0]) <= 2


def test_the_eight_hashes_of_a_photograph_differ() -> None:
    """An orientation is not taken for another one."""
    hashes = measured(saved(photograph(512, 384))).hashes
    assert len(set(hashes)) == len(hashes) == 8
    assert all(0 <= value < 2**64 for value in hashes)


def test_near_copies_have_near_hashes() -> None:
    """Recompressed, smaller and brighter copies of a photograph stay within five bits."""
    for seed in range(5):
        shown = photograph(800, 600, seed=seed)
        first = measured(saved(shown)).hashes[0]
        copies = [
            saved(shown, quality=40),
            saved(shown.resize((300, 225))),
            saved(ImageEnhance.Brightness(shown).enhance(1.2)),
        ]
        assert all(distance(first, measured(copy).hashes[0]) <= 5 for copy in copies)


def test_different_pictures_have_distant_hashes() -> None:
    """Crops of other places are not near."""
    hashes = [measured(saved(photograph(400, 300, seed=seed))).hashes[0] for seed in range(12)]
    distances = [distance(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(distances) > 10


@pytest.mark.parametrize("noise", [0.0, 2.0, 6.0])
def test_flat_pictures_have_no_hash(noise: float) -> None:
    """The hash of a wall would be the hash of its noise, near to that of any other wall."""
    rng = np.random.default_rng(0)
    wall = np.clip(120 + rng.normal(0, noise, (300, 400)), 0, 255).astype(np.uint8)
    assert measured(saved(Image.fromarray(wall), "PNG")).hashes == ()


def test_a_faint_shape_has_a_hash() -> None:
    """A slow gradient shows something."""
    slope = np.linspace(100, 130, 300).astype(np.uint8)
    assert len(measured(saved(Image.fromarray(np.tile(slope, (200, 1))), "PNG")).hashes) == 8
