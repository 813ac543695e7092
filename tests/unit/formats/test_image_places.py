"""Tests of finding the images that annotations name."""

import json

import pytest

from rcl_flow.errors import ConfigError
from rcl_flow.formats.image_places import with_images
from rcl_flow.formats.layout import FoundSet
from tests.unit.formats.memory import access_to


def start_of(file: str, named: list[str], *images: str) -> str | None:
    """Return where the images start that a COCO file names; empty for beside it, None for lost."""
    document = {"images": [{"id": n, "file_name": name} for n, name in enumerate(named)]}
    files = {file: json.dumps(document).encode(), **dict.fromkeys(images, b"")}
    found = with_images(FoundSet("coco", file), images, access_to(files))
    return None if found is None else found.images or ""


def test_images_beside_the_file_need_no_place() -> None:
    """What a format says itself is not repeated in the config."""
    assert start_of("/d/a.json", ["1.png", "x/2.png"], "/d/1.png", "/d/x/2.png") == ""


def test_images_elsewhere_are_found_by_their_paths() -> None:
    """The folder that most names lead from, and one of the file's own set before others."""
    assert start_of("/d/ann/a.json", ["x/1.png"], "/d/pics/x/1.png", "/d/1.png") == "/d/pics"
    images = ("/d/train/1.png", "/d/val/1.png")
    assert start_of("/d/ann/val.json", ["1.png"], *images) == "/d/val"
    assert start_of("/d/ann/train.json", ["1.png"], *images) == "/d/train"


def test_images_of_the_same_names_in_two_folders_are_never_guessed() -> None:
    """One of the two would be labelled as the other."""
    images = ("/d/a/1.png", "/d/a/2.png", "/d/b/1.png", "/d/b/2.png")
    with pytest.raises(ConfigError, match="may be those in /d/a or those in /d/b") as told:
        start_of("/d/ann/a.json", ["1.png", "2.png"], *images)
    assert "--images /d/a" in told.value.hint
    assert start_of("/d/ann/a.json", ["1.png", "2.png"], *images[:3]) == "/d/a"


def test_images_that_are_not_there_are_told() -> None:
    """Somebody has to say where they are."""
    assert start_of("/d/a.json", ["1.png", "2.png"], "/d/3.png") is None


def test_some_missing_images_are_no_question() -> None:
    """They are unusable when they are read."""
    assert start_of("/d/a.json", ["1.png", "2.png", "3.png"], "/d/1.png", "/d/2.png") == ""


def test_images_in_s3_are_believed() -> None:
    """A local file may name objects, which are not asked for here."""
    assert start_of("/d/a.json", ["s3://bucket/1.png"]) == ""
