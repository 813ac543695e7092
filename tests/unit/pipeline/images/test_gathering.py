"""Tests of finding images that nobody has labelled."""

from pathlib import Path

import pytest

from rcl_flow.aws.s3 import S3Location
from rcl_flow.errors import DataNotFoundError
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.gathering import Gathered, gather_images
from rcl_flow.pipeline.images.measuring import MeasureCache
from tests.emulator.builders import png
from tests.unit.pipeline.bench import BUCKET, Bench


def gather(bench: Bench, *places: Path | str) -> Gathered:
    """Gather from places, local or on the bench's emulator."""
    access = make_access(lambda: bench.services().s3)
    return gather_images([str(place) for place in places], access, MeasureCache())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two images, one below the other."""
    folder = tmp_path / "photos"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "b.png").write_bytes(png("red", 1))
    (folder / "deep" / "er" / "a.png").write_bytes(png("blue", 1))
    return folder


def test_each_place_of_an_image_counts_once(bench: Bench, folder: Path) -> None:
    """A folder, a file in it and a pattern that matches it overlap."""
    found = gather(bench, folder, folder / "b.png", f"{folder}/*.png")
    assert [image.uri for image in found.images] == [
        str(folder / "b.png"),
        str(folder / "deep" / "er" / "a.png"),
    ]
    assert found.unusable == ()
    image = found.images[0]
    assert (image.image_format, image.labels) == ("PNG", ())
    assert image.width_pixels > 0


def test_images_are_found_below_a_prefix(bench: Bench) -> None:
    """An s3:// prefix, an object's own URI and a pattern are places, too."""
    s3 = bench.services().s3
    for key, label in (("belt/1.png", "red"), ("belt/2.png", "green"), ("other/3.png", "blue")):
        s3.put(S3Location(BUCKET, key), png(label, 1))
    s3.put(S3Location(BUCKET, "belt/readme.txt"), b"text")
    uris = [f"s3://{BUCKET}/{key}" for key in ("belt/1.png", "belt/2.png", "other/3.png")]
    assert [one.uri for one in gather(bench, f"s3://{BUCKET}/belt/").images] == uris[:2]
    assert [one.uri for one in gather(bench, uris[2]).images] == uris[2:]
    assert [one.uri for one in gather(bench, f"s3://{BUCKET}/*/[13].png").images] == uris[::2]


def test_hidden_files_and_texts_in_folders_are_passed_over(bench: Bench, folder: Path) -> None:
    """What was named itself is told, what only lies there is not."""
    (folder / ".cache").mkdir()
    for name in (".cache/c.png", ".d.png"):
        (folder / name).write_bytes(png("red", 2))
    (folder / "readme.txt").write_text("text")
    assert len(gather(bench, folder).images) == 2
    assert gather(bench, folder).unusable == ()
    told = gather(bench, folder, folder / "readme.txt").unusable
    assert [(Path(one.uri).name, one.reason) for one in told] == [
        ("readme.txt", "it is no image by its name")
    ]


def test_places_without_images_are_refused(bench: Bench, tmp_path: Path) -> None:
    """A folder of texts alone, or a pattern of nothing, is a mistake in the command."""
    (tmp_path / "readme.txt").write_text("text")
    with pytest.raises(DataNotFoundError, match="There are no images at"):
        gather(bench, tmp_path)
    with pytest.raises(DataNotFoundError, match="There is nothing at"):
        gather(bench, f"{tmp_path}/*.png")
