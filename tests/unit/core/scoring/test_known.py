"""Tests of what is known when advice is given."""

import pytest

from rcl_flow.core.scoring.known import MOST_IMAGES
from tests.unit.core.scoring.holdouts import Found, Objects, Place, material, scenes
from tests.unit.core.scoring.known_models import LABELS, known, rows

LEFT: Place = (0, 0, 40, 40)
RIGHT: Place = (60, 60, 40, 40)


def test_advised_image_of_objects_shows_the_boxes_at_the_thresholds() -> None:
    """Those below are no suggestion."""
    shown: list[tuple[Objects, Found]] = [
        ([("ant", LEFT)], [("bee", 50, LEFT), ("cow", 49.9, RIGHT)])
    ]
    told = known(scenes(shown, LABELS))
    (image,) = told.images_of(told.errors.errors)
    assert [box.label for box in image.boxes] == ["bee"]
    assert (image.truth, image.suggested) == (("ant",), ("bee",))
    assert (image.width_pixels, image.height_pixels) == (100, 100)


def test_images_are_listed_once_and_up_to_a_limit() -> None:
    """An image with two mistakes is one image, with its surest mistake."""
    twice = known(material([*rows(), (["ant"], {"bee": 60.0, "cow": 70.0})], LABELS))
    (image,) = twice.images_of(twice.errors.errors)
    assert image.confidence_percent == 70
    many = known(material([*rows(), *[(["ant"], {"bee": 60.0})] * (MOST_IMAGES + 1)], LABELS))
    assert len(many.images_of(many.errors.errors)) == MOST_IMAGES


def test_images_that_are_not_in_the_holdout_are_left_out() -> None:
    """Their answers are not known; of others the highest confidence is told."""
    told = known(material(rows(), LABELS))
    first = told.material.judged.images[0]
    (image,) = told.images(["elsewhere", first.sha256])
    assert (image.sha256, image.confidence_percent) == (first.sha256, 90)


def test_labels_without_holdout_images_have_no_f1() -> None:
    """Only what is judged counts."""
    told = known(material([(["ant"], {"ant": 90.0}), (["ant"], {})], LABELS))
    assert told.f1_by_label == pytest.approx({"ant": 2 / 3})


def test_images_with_labels_that_the_model_does_not_know_are_apart() -> None:
    """No advice rests on them, but they can be listed."""
    rows = [(["ant"], {"bee": 90.0}), (["zzz", "ant"], {"bee": 90.0})]
    told = known(material(rows, LABELS))
    every = [image.sha256 for image in told.material.judged.images]
    assert [image.truth for image in told.images(every)] == [("ant",)]
    assert [image.truth for image in told.unknown_images] == [("ant", "zzz")]
