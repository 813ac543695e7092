"""Tests of how a YOLO dataset is found in its folder."""

from collections.abc import Mapping

import pytest

from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.yolo_layout import NothingThereError, label_uri, read_layout
from tests.unit.formats.memory import access_to


def found(uri: str, files: Mapping[str, str], images: str | None = None) -> dict[str, str | None]:
    """Return the images of a dataset, and the text file of each."""
    access = access_to({name: text.encode() for name, text in files.items()})
    layout = read_layout(uri, access, SourceOptions(images=images))
    return {listed.uri: listed.label_uri for listed in layout.images}


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        ("/d/images/train/a.jpg", "/d/labels/train/a.txt"),
        ("/d/images/x/images/a.JPG", "/d/images/x/labels/a.txt"),
        ("s3://b/images/a.b.png", "s3://b/labels/a.b.txt"),
        ("/d/pictures/a.jpg", "/d/pictures/a.txt"),
        ("images/train/a.jpg", "labels/train/a.txt"),
        ("images/a.jpg", "labels/a.txt"),
        ("/images/a.jpg", "/labels/a.txt"),
        ("a.jpg", "a.txt"),
    ],
)
def test_label_uri_swaps_the_last_folder(image: str, labels: str) -> None:
    """YOLO's tools find a text file by this rule."""
    assert label_uri(image) == labels


@pytest.mark.parametrize(
    ("uri", "place", "image"),
    [
        ("/d", "train: images/train", "/d/images/train/a.jpg"),
        ("/d/data.yaml", "path: /e\ntrain: images", "/e/images/a.jpg"),
        ("/d", "path: sub\nval: [images]", "/d/sub/images/a.jpg"),
        ("/d", "path: missing\ntrain: images", "/d/images/a.jpg"),
        ("/d", "train: ../train/images", "/d/train/images/a.jpg"),
        ("s3://b/d", "train: images", "s3://b/d/images/a.jpg"),
    ],
)
def test_layout_finds_images_where_the_tools_put_them(uri: str, place: str, image: str) -> None:
    """`path` counts when it leads somewhere; Roboflow's ../train means train."""
    folder = uri.removesuffix("/data.yaml")
    labels = label_uri(image)
    files = {f"{folder}/data.yaml": f"names: [cat]\n{place}\n", image: "", labels: ""}
    assert found(uri, files) == {image: labels}


def test_layout_reads_a_list_of_images() -> None:
    """A split may be a text file that names images, here or elsewhere."""
    files = {
        "/d/data.yaml": "names: [cat]\ntrain: train.txt\n",
        "/d/train.txt": "./images/a.jpg\n\n/e/images/b.jpg\n",
        "/d/labels/a.txt": "",
        "/e/labels/b.txt": "",
    }
    assert found("/d", files) == {
        "/d/images/a.jpg": "/d/labels/a.txt",
        "/e/images/b.jpg": "/e/labels/b.txt",
    }


@pytest.mark.parametrize(
    ("key", "images", "uri"),
    [
        ("rcl_flow_images: ../pictures", None, "/d/../pictures/x/a.jpg"),
        ("rcl_flow_images: s3://b/p", None, "s3://b/p/x/a.jpg"),
        ("rcl_flow_images: s3://b/p", "/other", "/other/x/a.jpg"),
        ("", "/other", "/other/x/a.jpg"),
    ],
)
def test_layout_finds_images_that_were_not_copied(key: str, images: str | None, uri: str) -> None:
    """What we write says where the images are; the user's word wins."""
    files = {
        "/d/data.yaml": f"names: [cat]\ntrain: train.txt\n{key}\n",
        "/d/train.txt": "./images/x/a.jpg\n",
        "/d/labels/x/a.txt": "",
    }
    assert found("/d", files, images) == {uri: "/d/labels/x/a.txt"}


def test_images_that_were_not_copied_may_lie_in_folders_called_images() -> None:
    """Of the path, only the folder that we have written before it is not theirs."""
    files = {
        "/d/data.yaml": "names: [cat]\ntrain: train.txt\nrcl_flow_images: /e\n",
        "/d/train.txt": "./images/images/x/images/a.jpg\n",
        "/d/images/images/x/labels/a.txt": "",
    }
    labels = "/d/images/images/x/labels/a.txt"
    assert found("/d", files) == {"/e/images/x/images/a.jpg": labels}


def test_layout_reads_a_list_that_windows_wrote() -> None:
    """Its text files are found as well: else each image would count as one without objects."""
    files = {
        "/d/data.yaml": "names: [cat]\ntrain: train.txt\n",
        "/d/train.txt": ".\\images\\a.jpg\r\nimages\\b.jpg\r\n",
        **dict.fromkeys(("/d/images/a.jpg", "/d/labels/a.txt", "/d/images/b.jpg"), ""),
    }
    assert found("/d", files) == {"/d/images/a.jpg": "/d/labels/a.txt", "/d/images/b.jpg": None}


def test_layout_without_a_description_needs_classes() -> None:
    """Labelling tools export images, labels and classes.txt."""
    files = {"/d/classes.txt": "cat\n\ndog\n", "/d/images/a.jpg": "", "/d/labels/a.txt": ""}
    assert found("/d", files) == {"/d/images/a.jpg": "/d/labels/a.txt"}
    layout = read_layout(
        "/d", access_to({k: v.encode() for k, v in files.items()}), SourceOptions()
    )
    assert layout.names == {0: "cat", 2: "dog"}


def test_split_that_is_not_there_is_passed_over_but_not_alone() -> None:
    """Exports name a test set that nobody has unpacked; one that is asked for must be there."""
    files = {
        "/d/data.yaml": b"names: [cat]\ntrain: images/train\nval: images/val\n",
        "/d/images/train/a.jpg": b"",
    }
    layout = read_layout("/d", access_to(files), SourceOptions())
    assert [listed.uri for listed in layout.images] == ["/d/images/train/a.jpg"]
    assert layout.splits == ("train",)
    assert layout.absent == {"val": "there is nothing at /d/images/val"}
    for split in ("val", None):
        del files["/d/images/train/a.jpg"]
        files["/d/images/test/a.jpg"] = b""
        with pytest.raises(NothingThereError, match=r"/d/images/(val|train)"):
            read_layout("/d", access_to(files), SourceOptions(split=split))
        files["/d/images/train/a.jpg"] = b""


@pytest.mark.parametrize("parts", ["[images/a, images/b]", "[images/b, images/a]"])
def test_split_of_which_a_part_is_not_there_is_refused(parts: str) -> None:
    """Else its other images would be lost, or be used and be said to be left out."""
    files = {
        "/d/data.yaml": f"names: [cat]\ntrain: {parts}\nval: images/val\n".encode(),
        **dict.fromkeys(("/d/images/a/1.jpg", "/d/images/val/1.jpg"), b""),
    }
    with pytest.raises(NothingThereError, match="nothing at /d/images/b"):
        read_layout("/d", access_to(files), SourceOptions())
