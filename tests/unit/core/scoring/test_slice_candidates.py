"""Tests of how images are cut into parts that may be judged worse."""

import numpy as np
import pytest

from rcl_flow.core.audit.factors import FACTORS
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.core.scoring.answers import Numbers
from rcl_flow.core.scoring.slice_candidates import (
    ARCS,
    EXTREMES,
    METADATA,
    Dimension,
    factor_dimensions,
    metadata_dimensions,
)
from rcl_flow.core.statistics import Window
from tests.builders import image
from tests.unit.core.audit.measured import measures

NONE = np.full(100, np.nan)


def factors(**columns: Numbers) -> dict[str, Dimension]:
    """Return the dimensions of these factors; the images have no others."""
    named = {name.replace("_", " "): values for name, values in columns.items()}
    every = {factor.name: named.get(factor.name, NONE) for factor in FACTORS}
    return {dimension.name: dimension for dimension in factor_dimensions(every)}


def metadata(*seen: ImageMeasures | None, folders: int = 1) -> dict[str, Dimension]:
    """Return the dimensions of images with these measures, in so many folders."""
    images = [
        image(f"{n}", "a", uri=f"s3://b/folder {n % folders}/{n}.png") for n in range(len(seen))
    ]
    return {dimension.name: dimension for dimension in metadata_dimensions(images, seen)}


def told(dimension: Dimension) -> dict[str, int]:
    """Return how many images each candidate has."""
    return {each.told: int(dimension.holds(each).sum()) for each in dimension.candidates}


def test_every_factor_has_words() -> None:
    """Each factor can be told: lines by their ends, circles by their arcs."""
    for factor in FACTORS:
        assert (factor.name in ARCS) == bool(factor.period)
        assert (factor.name in EXTREMES) == (not factor.period)


def test_line_is_cut_into_quarters_and_halves_at_its_ends() -> None:
    """Every quarter is the least or the most of the factor, with the range that it covers."""
    light = np.linspace(0.2, 0.8, 100)
    brightness = factors(brightness=light)["brightness"]
    assert told(brightness) == {
        "the darkest quarter": 25,
        "the brightest quarter": 25,
        "the darkest half": 50,
        "the brightest half": 50,
    }
    darkest, brightest, *_ = brightness.candidates
    assert brightness.holds(darkest).tolist() == [True] * 25 + [False] * 75
    assert darkest.window is not None
    assert darkest.window.low == -np.inf
    assert darkest.extent == Window(0.2, darkest.window.high)
    assert darkest.window.high == pytest.approx(0.35, abs=0.003)
    assert brightest.window is not None
    assert brightest.window.holds(light).sum() == 25


def test_images_without_the_factor_are_in_no_part() -> None:
    """Quarters are of those images that have the factor."""
    light = np.concatenate([np.linspace(0.2, 0.8, 80), np.full(20, np.nan)])
    brightness = factors(brightness=light)["brightness"]
    assert told(brightness)["the darkest quarter"] == 20
    assert (brightness.parts[80:] == -1).all()
    assert not brightness.holds(brightness.candidates[0])[80:].any()


def test_factor_that_hardly_varies_is_not_cut() -> None:
    """A darkest quarter of images that are equally bright to the eye is none."""
    assert factors(brightness=np.linspace(0.5, 0.52, 100)) == {}
    assert factors() == {}


def test_ties_that_make_no_quarter_are_not_called_one() -> None:
    """Where most images share a value, no part of them is a quarter or half."""
    ratio = np.repeat([0.75, 1.0, 1.5], [10, 10, 80])
    assert (
        told(
            factors(aspect_ratio=np.where(ratio > 1, 1.5, ratio)).get(
                "aspect ratio", Dimension("", np.zeros(1, np.intp), ())
            )
        )
        == {}
    )
    shape = np.repeat([0.75, 1.5], [50, 50])
    assert told(factors(aspect_ratio=shape)["aspect ratio"]) == {
        "the half with the narrowest images": 50,
        "the half with the widest images": 50,
    }


def test_circle_is_cut_into_arcs_around_its_origin() -> None:
    """Hues next to 0 and next to 360 are both red."""
    hue = np.concatenate([[350.0, 10.0, 130.0], NONE[:97]])
    arcs = factors(hue=hue)["hue"]
    assert told(arcs)["the mostly red images"] == 2
    assert told(arcs)["the mostly green images"] == 1
    assert told(arcs)["the mostly magenta images"] == 0
    red = arcs.candidates[0]
    assert red.window is not None
    assert red.window.holds(np.array([350.0, 10.0, 130.0, 31.0])).tolist() == [1, 1, 0, 0]


def test_edge_angle_is_cut_into_four_arcs() -> None:
    """Angles are compared on half a circle."""
    angle = np.concatenate([[179.0, 1.0, 91.0], NONE[:97]])
    assert told(factors(edge_angle=angle)["edge angle"]) == {
        "the images with edges at about 0°": 2,
        "the images with edges at about 45°": 0,
        "the images with edges at about 90°": 1,
        "the images with edges at about 135°": 0,
    }


def test_cameras_are_parts_and_unknown_ones_are_not() -> None:
    """Images that do not name their camera are compared with nothing."""
    dimension = metadata(measures(camera="ACME X"), measures(camera="ACME Y"), measures(), None)[
        "camera"
    ]
    assert told(dimension) == {"camera ACME X": 1, "camera ACME Y": 1}
    assert dimension.parts.tolist() == [0, 1, -1, -1]


def test_hours_of_capture_are_joined_to_quarters_of_the_day() -> None:
    """Three hours are a part; six are several; no time is none."""
    stamps = [
        "2026:03:01 23:59:59",
        "2026:03:01 18:00:00",
        "2026:03:01 09:00:00",
        "",
        "2026:03:01 xx",
    ]
    dimension = metadata(*(measures(captured_at=stamp) for stamp in stamps))["hour of capture"]
    assert told(dimension) == {
        "the images taken from 09:00 to 12:00": 1,
        "the images taken from 18:00 to 21:00": 1,
        "the images taken from 21:00 to 24:00": 1,
        "the images taken from 18:00 to 24:00": 2,
    }


@pytest.mark.parametrize(("folders", "cut"), [(1, False), (2, True), (30, True), (31, False)])
def test_folders_are_parts_when_there_are_a_few(folders: int, cut: bool) -> None:
    """One folder, or one for every few images, says nothing."""
    assert ("folder" in metadata(*[measures()] * 62, folders=folders)) is cut


def test_orientation_is_as_the_image_is_shown() -> None:
    """A quarter turn in EXIF makes portrait of landscape."""
    wide = measures(width_pixels=640, height_pixels=480)
    turned = measures(width_pixels=640, height_pixels=480, exif_orientation=6)
    square = measures(width_pixels=480, height_pixels=480)
    cut = metadata(wide, turned, square)
    assert told(cut["orientation"]) == {
        "landscape orientation": 1,
        "portrait orientation": 1,
        "square orientation": 1,
    }
    assert told(cut["EXIF orientation"]) == {"EXIF orientation 1": 2, "EXIF orientation 6": 1}
    assert told(cut["image size"]) == {"480 x 480 pixels": 1, "640 x 480 pixels": 2}


def test_metadata_of_other_images_is_compared_by_value() -> None:
    """A candidate of the holdout finds its images in the test set; unknown stays unknown."""
    (kind,) = (each for each in METADATA if each.name == "camera")
    candidate = metadata(measures(camera="X"), measures(camera="Y"))["camera"].candidates[0]
    images = [image("1", "a"), image("2", "a"), image("3", "a")]
    inside = kind.holds(candidate, images, [measures(camera="X"), measures(camera="Z"), None])
    assert inside[:2].tolist() == [1.0, 0.0]
    assert np.isnan(inside[2])
