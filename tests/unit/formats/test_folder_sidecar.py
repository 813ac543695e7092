"""Tests of folders whose labels.csv tells labels, from wherever they are listed."""

from pathlib import Path

import pytest

from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.formats.folder import local_uris, read_folder
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import read_all


def test_sidecar_tells_labels_in_place_of_the_folder() -> None:
    """Several labels, another one, or none; and images beside the folders."""
    files = {
        "s3://b/d/labels.csv": "image,label\ncat/1.png,cat,dog\ncat/2.png\n3.png,bird\n",
        "s3://b/d/cat/1.png": "",
        "s3://b/d/cat/2.png": "",
        "s3://b/d/3.png": "",
        "s3://b/d/cat/4.png": "",
        "s3://b/d2/cat/5.png": "",
    }
    entries, report = read_all("folder", "s3://b/d/", files)
    assert entries == [
        SourceImage("s3://b/d/3.png", ("bird",)),
        SourceImage("s3://b/d/cat/1.png", ("cat", "dog")),
        SourceImage("s3://b/d/cat/2.png", ()),
        SourceImage("s3://b/d/cat/4.png", ("cat",)),
    ]
    assert report.losses == ()


def test_sidecar_of_a_local_folder_counts_for_configs_too(tmp_path: Path) -> None:
    """`data.train.folder` reads the same labels as `rcl-flow convert`."""
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(b"")
    (tmp_path / "labels.csv").write_text("cat/1.png,cat,dog\n")
    (only,) = read_folder(tmp_path)
    assert only == SourceImage(f"{tmp_path}/cat/1.png", ("cat", "dog"))


def test_sidecar_that_names_no_image_is_told() -> None:
    """A mistyped path would otherwise lose a label silently."""
    files = {"/d/labels.csv": "cat/2.png,cat,dog\n", "/d/cat/1.png": ""}
    entries, _ = read_all("folder", "/d", files)
    assert entries[1] == UnusableImage(
        "/d/labels.csv: cat/2.png", "there is no such image in the folder"
    )


def test_sidecar_that_is_broken_is_refused() -> None:
    """It is named."""
    with pytest.raises(ConfigError, match=r"/d/labels\.csv: it is not UTF-8"):
        read_all("folder", "/d", {"/d/labels.csv": b"\xe9.png,x", "/d/cat/1.png": ""})


def test_folder_can_be_a_pattern_of_images() -> None:
    """The label is the first folder below the pattern's fixed part."""
    files = {
        "/d/labels.csv": "cat/1.png,cat,dog\n",
        "/d/cat/1.png": "",
        "/d/cat/2.jpg": "",
        "/d/dog/x/3.png": "",
    }
    entries, _ = read_all("folder", "/d/*/*.png", files)
    assert entries == [
        SourceImage("/d/cat/1.png", ("cat", "dog")),
        SourceImage("/d/dog/x/3.png", ("dog",)),
    ]


def test_folder_without_images_is_refused_anywhere() -> None:
    """In S3 as on disk."""
    with pytest.raises(DataNotFoundError, match="There are no images in s3://b/d"):
        read_all("folder", "s3://b/d", {"s3://b/d/x.txt": ""})


def test_local_uris_are_files_alone(tmp_path: Path) -> None:
    """Folders are not listed; a file lists itself; nothing lists nothing."""
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "x").write_bytes(b"")
    (tmp_path / "a").write_bytes(b"")
    assert local_uris(str(tmp_path)) == [f"{tmp_path}/a", f"{tmp_path}/b/c/x"]
    assert local_uris(f"{tmp_path}/a") == [f"{tmp_path}/a"]
    assert local_uris(f"{tmp_path}/none") == []
    assert local_uris("a\0b") == []
    assert local_uris("x" * 5000) == []
