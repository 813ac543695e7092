"""Tests of the reader of folders, on real folders."""

import os
from pathlib import Path

import pytest

from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import DataNotFoundError
from rcl_flow.formats.folder import read_folder
from rcl_flow.formats.source import SourceImage


def make(folder: Path, *names: str) -> Path:
    """Put files of those names into `folder`; the reader never opens them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def test_folder_gives_each_image_its_sub_folders_name(tmp_path: Path) -> None:
    """The sub-folder is the label; the order is that of the paths."""
    make(tmp_path, "dog/2.png", "cat/1.jpg", "cat/0.jpeg")
    assert list(read_folder(tmp_path)) == [
        SourceImage(f"{tmp_path}/cat/0.jpeg", ("cat",)),
        SourceImage(f"{tmp_path}/cat/1.jpg", ("cat",)),
        SourceImage(f"{tmp_path}/dog/2.png", ("dog",)),
    ]


def test_folder_takes_the_first_level_as_the_label(tmp_path: Path) -> None:
    """Deeper folders are for the user's own order, as with the service's console."""
    make(tmp_path, "cat/indoors/2024/1.png")
    (only,) = read_folder(tmp_path)
    assert isinstance(only, SourceImage)
    assert only.labels == ("cat",)


def test_folder_reads_extensions_in_capitals(tmp_path: Path) -> None:
    """Cameras write IMG.JPG."""
    make(tmp_path, "cat/IMG.JPG", "cat/IMG.Png")
    assert len(list(read_folder(tmp_path))) == 2


@pytest.mark.parametrize(
    "name", ["cat/notes.txt", "cat/.hidden.png", ".git/1.png", "cat/.thumbs/1.png", "cat/png"]
)
def test_folder_passes_over_what_is_no_image(tmp_path: Path, name: str) -> None:
    """Hidden files and other files beside the images do no harm."""
    make(tmp_path, "cat/1.png", name)
    assert [entry.uri for entry in read_folder(tmp_path)] == [f"{tmp_path}/cat/1.png"]


def test_folder_passes_over_a_folder_that_is_named_like_an_image(tmp_path: Path) -> None:
    """A label may be called v1.png."""
    make(tmp_path, "v1.png/1.jpg")
    assert list(read_folder(tmp_path)) == [SourceImage(f"{tmp_path}/v1.png/1.jpg", ("v1.png",))]


@pytest.mark.parametrize("extension", ["jfif", "JPE"])
def test_folder_has_jpeg_images_of_every_name(tmp_path: Path, extension: str) -> None:
    """Browsers save what they show as .jfif; such images are not lost."""
    make(tmp_path, f"cat/1.{extension}")
    assert list(read_folder(tmp_path)) == [SourceImage(f"{tmp_path}/cat/1.{extension}", ("cat",))]


@pytest.mark.parametrize("extension", ["gif", "bmp", "tif", "TIFF", "webp", "heic", "avif"])
def test_folder_names_images_of_other_formats(tmp_path: Path, extension: str) -> None:
    """An image that the service does not take is told and not lost silently."""
    make(tmp_path, f"cat/1.{extension}")
    assert list(read_folder(tmp_path)) == [
        UnusableImage(
            f"{tmp_path}/cat/1.{extension}",
            f"{extension.lower()} is not a format that the service takes",
        )
    ]


def test_folder_names_images_without_a_label(tmp_path: Path) -> None:
    """An image beside the labels' folders has no label."""
    make(tmp_path, "stray.png")
    assert list(read_folder(tmp_path)) == [
        UnusableImage(f"{tmp_path}/stray.png", "it lies in no label's sub-folder")
    ]


def test_folder_takes_labels_in_any_script(tmp_path: Path) -> None:
    """Spaces and letters of every language are part of a label."""
    make(tmp_path, "grüne Äpfel/1.png", "猫/1.png")
    labels = [entry.labels for entry in read_folder(tmp_path) if isinstance(entry, SourceImage)]
    assert labels == [("grüne Äpfel",), ("猫",)]


def test_folder_names_a_path_that_is_not_utf_8(tmp_path: Path) -> None:
    """A label that no manifest could hold is an unusable image and no crash."""
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)  # noqa: PTH102  # a path of bytes
    (Path(os.fsdecode(folder)) / "1.png").write_bytes(b"")
    (only,) = read_folder(tmp_path)
    assert only == UnusableImage(f"{tmp_path}/caf\\udce9/1.png", "its path is not in UTF-8")
    assert only.uri.encode()


@pytest.mark.parametrize("files", [[], ["cat/notes.txt"]])
def test_folder_without_images_is_refused(tmp_path: Path, files: list[str]) -> None:
    """A folder that holds nothing to train on is a mistake in the config."""
    make(tmp_path, *files)
    with pytest.raises(DataNotFoundError, match="There are no images in"):
        list(read_folder(tmp_path))


def test_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The path is named, for a missing folder and for a file."""
    make(tmp_path, "file.png")
    for path in (tmp_path / "nowhere", tmp_path / "file.png", tmp_path / ("x" * 5000)):
        with pytest.raises(DataNotFoundError, match=f"There is no folder {path}"):
            list(read_folder(path))
