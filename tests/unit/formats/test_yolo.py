"""Tests of the reader of YOLO datasets."""

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.source import SourceEntry, SourceImage
from tests.unit.formats.memory import read_all

YAML = "names: [cat, dog]\ntrain: images/train\n"
A = "/d/images/train/a.jpg"
LABELS = "/d/labels/train/a.txt"


def read(line: str, yaml: str = YAML) -> tuple[SourceEntry, list[str]]:
    """Read a dataset of one image with one line, and return it and the kinds of losses."""
    files = {"/d/data.yaml": yaml, A: "", LABELS: line}
    (only,), report = read_all("yolo", "/d", files, sizes={A: (200, 100)})
    return only, [loss.kind for loss in report.losses if loss.kind != "unused-labels"]


def test_yolo_gives_boxes_in_pixels() -> None:
    """Middle and size are ratios of the image that is there."""
    assert read("1 0.5 0.5 0.25 0.5\n\n0 0.1 0.1 0.1 0.1\n") == (
        SourceImage(
            A,
            ("cat", "dog"),
            (PixelBox("dog", 75, 25, 50, 50), PixelBox("cat", 10, 5, 20, 10)),
            (200, 100),
        ),
        [],
    )


@pytest.mark.parametrize(("left", "top"), [(0, 0), (352, 202), (1, 479), (639, 1), (426, 160)])
def test_yolo_box_up_to_the_edge_ends_there(left: int, top: int) -> None:
    """Six decimals, as tools write them, put it a thousandth of a pixel outside; it is not lost."""
    width, height = 640 - left, 480 - top
    ratios = ((left + width / 2) / 640, (top + height / 2) / 480, width / 640, height / 480)
    line = "0 " + " ".join(f"{ratio:.6f}" for ratio in ratios)
    files = {"/d/data.yaml": YAML, A: "", LABELS: line}
    (only,), _ = read_all("yolo", "/d", files, sizes={A: (640, 480)})
    assert isinstance(only, SourceImage)
    (box,) = only.boxes
    assert (box.left + box.width, box.top + box.height) == (640, 480)
    assert (box.left, box.top) == pytest.approx((left, top), abs=0.001)


def test_yolo_box_outside_stays_outside() -> None:
    """What more than rounding has put there is the annotation's own fault."""
    only, _ = read("0 0.9 0.5 0.20002 0.5\n")
    assert isinstance(only, SourceImage)
    assert only.boxes[0].left + only.boxes[0].width > 200


def test_yolo_names_may_have_their_surrogates_apart() -> None:
    """So json.dumps writes what is beyond the first plane, and YAML reads it."""
    only, _ = read("0 0.5 0.5 0.1 0.1\n", YAML.replace("cat", r'"\ud83d\ude00 cat"'))
    assert isinstance(only, SourceImage)
    assert only.labels == ("\U0001f600 cat",)


@pytest.mark.parametrize(
    ("line", "yaml", "box", "kind"),
    [
        ("0 0.1 0.1 0.2 0.1 0.2 0.3", YAML, PixelBox("cat", 20, 10, 20, 20), "polygons"),
        ("0 0.5 0.5 0.1 0.1 0.93", YAML, PixelBox("cat", 90, 45, 20, 10), "confidence"),
        (
            "0 0.5 0.5 0.1 0.1 0.2 0.3",
            f"{YAML}kpt_shape: [1, 2]\n",
            PixelBox("cat", 90, 45, 20, 10),
            "keypoints",
        ),
    ],
)
def test_yolo_tells_what_a_box_cannot_hold(line: str, yaml: str, box: PixelBox, kind: str) -> None:
    """Outlines become boxes; confidences and key points are counted."""
    only, kinds = read(line, yaml)
    assert isinstance(only, SourceImage)
    assert only.boxes == (box,)
    assert kinds == [kind]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0.1 0.1 0.1 0.1\n2 0.1 0.1 0.1 0.1", "line 2: there is no label of the number '2'"),
        ("0.5 0.1 0.1 0.1 0.1", "line 1: there is no label of the number '0.5'"),
        ("0 0.1 0.1 0.1", "line 1: it has 4 fields, not 5"),
        ("0 0.1 nan 0.1 0.1", "line 1: a field is 'nan' and no usable number"),
        ("cat 0.1 0.1 0.1 0.1", "line 1: its label's number is 'cat'"),
    ],
)
def test_yolo_gives_up_an_image_with_a_faulty_line(line: str, reason: str) -> None:
    """The image is named, and the text file with the line."""
    only, _ = read(line)
    assert isinstance(only, UnusableImage)
    assert only.uri == A
    assert only.reason.startswith(f"{LABELS}: {reason}")


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_yolo_takes_an_image_without_lines_as_empty(content: str | None) -> None:
    """That is how YOLO marks background; its size is not even looked up."""
    files = {"/d/data.yaml": YAML, A: ""} | ({} if content is None else {LABELS: content})
    (only,), _ = read_all("yolo", "/d/data.yaml", files)
    assert only == SourceImage(A, ())


def test_yolo_names_an_image_whose_size_it_cannot_read() -> None:
    """Ratios mean nothing without it."""
    files = {"/d/data.yaml": YAML, A: "", LABELS: "0 0.1 0.1 0.1 0.1"}
    (only,), _ = read_all("yolo", "/d", files)
    assert isinstance(only, UnusableImage)
    assert "its boxes need its size" in only.reason


def test_yolo_tells_splits_and_text_files_without_images() -> None:
    """What is there is read; text files in an image's own folder may say anything."""
    files = {"/d/data.yaml": f"{YAML}val: images/val\n", A: "", LABELS: "", "/d/images/x.txt": ""}
    files["/d/labels/train/b.txt"] = "0 0.5 0.5 0.1 0.1\n"
    entries, report = read_all("yolo", "/d", files)
    told = {loss.kind: loss.examples for loss in report.losses if loss.kind != "unused-labels"}
    assert told == {
        "absent-splits": ("val: there is nothing at /d/images/val",),
        "texts-alone": ("/d/labels/train/b.txt",),
    }
    assert entries == [SourceImage(A, ())]


def test_yolo_tells_unused_labels_and_merged_splits() -> None:
    """Every split that data.yaml names is read, unless one is asked for."""
    yaml = "names: {0: cat, 1: dog}\ntrain: images/train\nval: images/val\n"
    b = "/d/images/val/b.jpg"
    files = {"/d/data.yaml": yaml, A: "", b: "", LABELS: "0 0.1 0.1 0.1 0.1"}
    sizes = {A: (100, 100)}
    entries, report = read_all("yolo", "/d", files, sizes=sizes)
    assert [entry.uri for entry in entries] == [A, b]
    assert report.count("splits") == 1
    assert report.count("unused-labels") == 1
    entries, report = read_all("yolo", "/d", files, sizes=sizes, options=SourceOptions(split="val"))
    assert [entry.uri for entry in entries] == [b]
    assert report.count("splits") == 0


def test_yolo_names_images_that_the_service_does_not_take() -> None:
    """A BMP is told and not lost."""
    (only,), _ = read_all(
        "yolo", "/d", {"/d/data.yaml": YAML, "/d/images/train/a.bmp": "", "/d/images/train/x": ""}
    )
    assert only == UnusableImage(
        "/d/images/train/a.bmp", "bmp is not a format that the service takes"
    )


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("a: [", "it is not YAML"),
        ("- a", "it is no mapping"),
        ("names: [a]", "it names no images for train, val or test"),
        ("train: images/train\nnames: 5", "its names are neither a list nor a mapping"),
        ("train: images/train\nnames: {x: a}", "a number of its names is 'x'"),
        ("train: images/train\nnames: [[a]]", "its names have ['a']"),
        ("train: nowhere\nnames: [a]", "there is nothing at /d/nowhere"),
        ("train: {a: b}\nnames: [a]", "its images are {'a': 'b'} and no folder"),
    ],
)
def test_yolo_refuses_other_descriptions(yaml: str, says: str) -> None:
    """The file is named, and what is wrong with it."""
    with pytest.raises(ConfigError) as raised:
        read_all("yolo", "/d/data.yaml", {"/d/data.yaml": yaml, A: ""})
    assert raised.value.message.startswith(f"/d/data.yaml: {says}")


def test_yolo_refuses_a_folder_without_a_description() -> None:
    """Without names, numbers mean nothing."""
    with pytest.raises(ConfigError, match=r"/d: it has neither data\.yaml nor classes\.txt"):
        read_all("yolo", "/d", {A: "", LABELS: ""})
