"""Tests of what is the same for all writers."""

from pathlib import Path

import pytest
import yaml

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.errors import ConfigError
from rcl_flow.formats.losses import MEANINGS, LossLog
from rcl_flow.formats.reading import READERS
from rcl_flow.formats.source import SourceImage
from rcl_flow.formats.targets import Target, TargetImage
from rcl_flow.formats.writing import FORMATS, is_file_of, write_target
from tests.unit.formats.memory import ROOT, image, written


def test_every_format_that_is_read_is_written() -> None:
    """A user can always go back."""
    assert set(FORMATS) == set(READERS)


def test_every_format_and_every_loss_is_documented() -> None:
    """What a user may name or is told can be looked up."""
    page = (Path(__file__).parents[3] / "docs" / "08-formats.md").read_text()
    assert [kind for kind in READERS if f"\n## {kind}\n" not in page] == []
    assert [kind for kind in MEANINGS if f"\n| `{kind}` |" not in page] == []


@pytest.mark.parametrize("kind", sorted(READERS))
def test_boxes_without_a_size_are_told(kind: SourceKind) -> None:
    """No format could place them, and none writes half of the image."""
    lost = SourceImage(f"{ROOT}/a.png", ("x",), (PixelBox("x", 1, 1, 9, 9),))
    _, report = written(kind, [lost])
    assert report.count("unwritable") == 1


@pytest.mark.parametrize(
    ("kind", "path", "is_file"),
    [
        ("coco", "x/a.json", True),
        ("coco", "x.csv", False),
        ("manifest", "x.manifest", True),
        ("manifest", "x.JSONL", True),
        ("yolo", "data.yaml", False),
        ("csv", "folder", False),
    ],
)
def test_destination_is_a_file_by_its_extension(kind: SourceKind, path: str, is_file: bool) -> None:
    """All else is a folder, in which the file gets its usual name."""
    assert is_file_of(kind, path) is is_file


def test_yolo_describes_its_labels_and_where_images_are() -> None:
    """Labels that YAML would read as something else stay texts."""
    boxes = [PixelBox("no", 0, 0, 64, 48), PixelBox("1", 64, 48, 64, 48)]
    files, _ = written("yolo", [image("x/a.png", boxes=boxes)])
    assert yaml.safe_load(files["data.yaml"]) == {
        "path": ".",
        "train": "train.txt",
        "val": "train.txt",
        "names": {0: "1", 1: "no"},
        "rcl_flow_images": ROOT,
    }
    assert files["train.txt"] == b"./images/x/a.png\n"
    assert files["labels/x/a.txt"] == b"1 0.05 0.05 0.1 0.1\n0 0.15 0.15 0.1 0.1\n"


def test_yolo_leaves_out_names_that_no_list_can_hold() -> None:
    """A line break in a name would be two images; a.png and a.jpg would share a file."""
    files, report = written("yolo", [image("a\nb.png"), image("c.png"), image("c.jpg")])
    assert files["train.txt"] == b"./images/c.png\n"
    assert (report.count("unwritable"), report.count("name-clashes")) == (1, 1)


def test_yolo_needs_a_common_folder() -> None:
    """Its layout says where all images are, in one word."""
    target = Target([TargetImage(image("a.png"), "a.png", "a.png")])
    with pytest.raises(ConfigError, match="no folder in common"):
        list(write_target("yolo", target, LossLog()))


@pytest.mark.parametrize("kind", ["csv", "coco", "label-studio", "manifest", "cvat"])
def test_what_is_no_text_is_left_out(kind: SourceKind) -> None:
    """A folder's name need not be UTF-8; a file of annotations is."""
    boxes = [PixelBox("x", 0, 0, 64, 48)]
    images = [image(name, boxes=boxes) for name in ("caf\udce9/a.png", "b.png")]
    files, report = written(kind, images)
    assert [(loss.kind, loss.count) for loss in report.losses] == [("unwritable", 1)]
    assert b"b.png" in b"".join(files.values())
