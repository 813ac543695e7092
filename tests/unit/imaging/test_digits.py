"""Tests of the demo's images."""

from collections import Counter
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from rcl_flow.imaging.digits import LABELS, DemoImage, digit_images


@pytest.fixture(scope="module")
def images() -> list[DemoImage]:
    """Every image of the default split."""
    return list(digit_images())


def test_digit_images_fill_train_and_test_evenly(images: list[DemoImage]) -> None:
    """Each label has 60 training and 20 test images."""
    counts = Counter((image.split, image.label) for image in images)
    assert {counts["train", label] for label in LABELS} == {60}
    assert {counts["test", label] for label in LABELS} == {20}


def test_digit_images_hold_out_the_rest(images: list[DemoImage]) -> None:
    """The holdout is what remains, at most 100 per label: 988 images."""
    counts = Counter(image.label for image in images if image.split == "holdout")
    assert counts.total() == 988
    assert max(counts.values()) == 100
    assert min(counts.values()) == 94


def test_digit_images_use_no_scan_twice(images: list[DemoImage]) -> None:
    """Neither a name nor a picture occurs twice, in one split or in two."""
    assert len({image.file_name for image in images}) == len(images)
    assert len({image.png for image in images}) == len(images)


def test_digit_images_are_large_enough_pngs(images: list[DemoImage]) -> None:
    """The files are PNGs of 96 x 96 pixels, above the service's least of 64 x 64."""
    for image in images[::50]:
        with Image.open(BytesIO(image.png)) as picture:
            assert (picture.format, picture.size, picture.mode) == ("PNG", (96, 96), "L")


def test_digit_images_show_the_scan_of_their_label(images: list[DemoImage]) -> None:
    """Shrunk again, a picture is the scan that its file name names, and that scan's digit."""
    from sklearn.datasets import load_digits

    scans, digits = load_digits(return_X_y=True)
    for image in images[::50]:
        index = int(image.file_name.removesuffix(".png").split("-")[1])
        with Image.open(BytesIO(image.png)) as picture:
            small = np.asarray(picture.resize((8, 8), Image.Resampling.BOX), dtype=float)
        assert LABELS[int(digits[index])] == image.label
        assert np.corrcoef(small.ravel(), scans[index])[0, 1] > 0.95


def test_digit_images_repeat_with_the_seed(images: list[DemoImage]) -> None:
    """The same seed gives the same files, another seed another split."""
    assert list(digit_images(seed=0)) == images
    other = {image.file_name for image in digit_images(seed=1) if image.split == "train"}
    assert other != {image.file_name for image in images if image.split == "train"}
