"""Tests of the composed scenes of the detection demo."""

import io
import json
from collections import Counter
from functools import cache
from itertools import combinations

from PIL import Image

from rcl_flow.core.datasets.manifest import ManifestLine, parse_manifest
from rcl_flow.core.measures import ImageMeasures
from rcl_flow.imaging.measuring import measure_image
from rcl_flow.imaging.scenes import (
    ATTRIBUTION,
    HEIGHT_PIXELS,
    SCENES,
    WIDTH_PIXELS,
    Scene,
    manifest_line,
    scenes,
)


@cache
def all_scenes() -> tuple[Scene, ...]:
    """Return the scenes, which take seconds to compose."""
    return tuple(scenes())


def test_scenes_are_as_many_as_said_and_all_different() -> None:
    """100, 40 and 500, each another picture."""
    assert Counter(scene.split for scene in all_scenes()) == SCENES
    assert len({scene.jpeg for scene in all_scenes()}) == sum(SCENES.values())


def test_scenes_repeat_with_their_seed() -> None:
    """The first scenes of another call are the same files."""
    again = scenes()
    assert [next(again) for _ in range(3)] == list(all_scenes()[:3])


def test_objects_lie_apart_inside_the_picture() -> None:
    """One to four objects, none cut and none over another."""
    for scene in all_scenes():
        assert 1 <= len(scene.marks) <= 4
        for mark in scene.marks:
            assert 0 <= mark.left < mark.left + mark.width <= WIDTH_PIXELS
            assert 0 <= mark.top < mark.top + mark.height <= HEIGHT_PIXELS
        assert all(one.clears(other) for one, other in combinations(scene.marks, 2))
    with Image.open(io.BytesIO(all_scenes()[0].jpeg)) as picture:
        assert picture.size == (WIDTH_PIXELS, HEIGHT_PIXELS)


def test_boxes_hold_the_plates() -> None:
    """Across the top of a box there is light paper."""
    scene = all_scenes()[0]
    with Image.open(io.BytesIO(scene.jpeg)) as picture:
        grey = picture.convert("L")
        for mark in scene.marks:
            middle = grey.crop(
                (
                    mark.left,
                    mark.top + mark.height // 8,
                    mark.left + mark.width,
                    mark.top + mark.height // 6,
                )
            )
            assert sorted(middle.tobytes())[middle.width * middle.height // 2] > 190


def test_manifest_line_is_read_by_the_reader() -> None:
    """Boxes and size come back as they were composed."""
    scene = all_scenes()[0]
    (line,) = parse_manifest(manifest_line(scene).encode())
    assert isinstance(line, ManifestLine)
    assert (line.width_pixels, line.height_pixels) == (WIDTH_PIXELS, HEIGHT_PIXELS)
    assert [(b.label, b.left, b.top, b.width, b.height) for b in line.boxes] == [
        (m.label, m.left, m.top, m.width, m.height) for m in scene.marks
    ]
    assert json.loads(manifest_line(scene))["source-ref"] == "train/scene-000.jpg"


def test_attribution_names_every_source() -> None:
    """The photographs' licence asks for it."""
    for name in ("china.jpg", "flower.jpg", "CC BY 4.0", "licenses/by/2.0"):
        assert name in ATTRIBUTION


def test_every_scene_says_that_it_is_composed() -> None:
    """A composed picture that judges a model must not pass for a photograph."""
    measured = measure_image(all_scenes()[0].jpeg)
    assert isinstance(measured, ImageMeasures)
    assert measured.origin == "its source type is compositeSynthetic"
