"""Tests of the writer of folders."""

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from tests.unit.formats.memory import ROOT, image, written


def test_folder_holds_each_image_under_its_label() -> None:
    """A folder that names the label already is not repeated, and no sidecar is needed."""
    files, report = written("folder", [image("a.png", "cat"), image("cat/x/b.png", "cat")])
    assert files == {
        "cat/a.png": f"{ROOT}/a.png".encode(),
        "cat/x/b.png": f"{ROOT}/cat/x/b.png".encode(),
    }
    assert report.losses == ()


def test_folder_tells_other_labels_in_a_sidecar() -> None:
    """Several labels, none, and those that no folder can be called."""
    images = [image("a.png", "cat", "dog"), image("b.png"), image("c.png", "n/a")]
    files, report = written("folder", images)
    assert set(files) == {"cat/a.png", "b.png", "c.png", "labels.csv"}
    assert files["labels.csv"].decode() == "cat/a.png,cat,dog\nb.png\nc.png,n/a\n"
    assert [(loss.kind, loss.count) for loss in report.losses] == [("label-names", 1)]


def test_folder_tells_lost_boxes() -> None:
    """Their labels stay."""
    boxes = [PixelBox("cat", 1, 2, 3, 4), PixelBox("cat", 5, 5, 5, 5)]
    files, report = written("folder", [image("a.png", boxes=boxes)])
    assert set(files) == {"cat/a.png"}
    assert report.count("boxes") == 2


@pytest.mark.parametrize("label", [".", "..", ".hidden", "a/b", "x" * 256, "labels.csv"])
def test_folder_never_leaves_its_place(label: str) -> None:
    """A label that is a path leads nowhere."""
    files, report = written("folder", [image("a.png", label)])
    assert set(files) == {"a.png", "labels.csv"}
    assert report.count("label-names") == 1


@pytest.mark.parametrize("name", ["a.bmp", ".a.png", "x/.y/a.png", "a"])
def test_folder_leaves_out_what_it_could_not_read(name: str) -> None:
    """A reader passes over hidden files and other formats."""
    files, report = written("folder", [image(name, "cat")])
    assert files == {}
    assert report.count("unwritable") == 1


def test_folder_leaves_out_a_second_image_of_one_name() -> None:
    """No copy replaces another."""
    files, report = written("folder", [image("cat/a.png", "cat"), image("a.png", "cat")])
    assert set(files) == {"cat/a.png"}
    assert report.count("name-clashes") == 1
