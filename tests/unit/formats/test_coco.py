"""Tests of COCO: what is read of it, what is lost, and what is written."""

import json
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import ROOT, image, read_all, read_one, written

URI = "/d/instances.json"
ONE_IMAGE = {"id": 7, "file_name": "a.jpg", "width": 640, "height": 480}
CAT = {"id": 3, "name": "cat"}
BOX = {"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 20, 30.5, 40]}


def coco(**parts: Any) -> dict[str, bytes]:  # noqa: ANN401  # JSON
    """Return a file of one image with one box; `parts` replace whole lists."""
    whole = {"images": [ONE_IMAGE], "annotations": [BOX], "categories": [CAT]}
    return {URI: json.dumps(whole | parts).encode()}


def test_coco_gives_boxes_in_pixels_and_the_images_size() -> None:
    """A bbox is left, top, width and height, as the service takes it."""
    assert read_one("coco", URI, coco()) == SourceImage(
        "/d/a.jpg", ("cat",), (PixelBox("cat", 10, 20, 30.5, 40),), (640, 480)
    )


@pytest.mark.parametrize("as_text", ["images", "annotations", "categories"])
def test_coco_takes_figures_that_some_tools_write_as_text(as_text: str) -> None:
    """Else no image would have its boxes, and each would count as one without objects."""
    parts = {"images": [ONE_IMAGE], "annotations": [BOX], "categories": [CAT]}
    changed = [
        {key: str(value) if key.endswith("id") else value for key, value in entry.items()}
        for entry in parts[as_text]
    ]
    assert read_one("coco", URI, coco(**{as_text: changed})).labels == ("cat",)


def test_coco_keeps_images_without_annotations() -> None:
    """An image of nothing is an image of the dataset."""
    assert read_one("coco", URI, coco(annotations=[])) == SourceImage(
        "/d/a.jpg", (), (), (640, 480)
    )


def test_coco_keeps_boxes_that_the_service_would_drop() -> None:
    """They are told later, by whoever judges boxes."""
    outside = {**BOX, "bbox": [-5, 0, 10_000, 0]}
    assert read_one("coco", URI, coco(annotations=[outside])).boxes == (
        PixelBox("cat", -5, 0, 10_000, 0),
    )


@pytest.mark.parametrize(
    ("names", "options", "uri"),
    [
        ({"file_name": "x/a.jpg"}, None, "/d/x/a.jpg"),
        ({"file_name": "a.jpg"}, SourceOptions(images="/pictures"), "/pictures/a.jpg"),
        ({"file_name": "a.jpg"}, SourceOptions(images="s3://b/p/"), "s3://b/p/a.jpg"),
        ({"file_name": "s3://b/a.jpg"}, None, "s3://b/a.jpg"),
        ({"file_name": "a.jpg", "coco_url": "s3://b/k/a.jpg"}, None, "s3://b/k/a.jpg"),
        ({"file_name": "a.jpg", "coco_url": "http://h/a.jpg"}, None, "/d/a.jpg"),
    ],
)
def test_coco_finds_images(names: dict[str, str], options: SourceOptions | None, uri: str) -> None:
    """Names start at the file, or where the user says; URLs of S3 are taken, others are not."""
    files = coco(images=[ONE_IMAGE | names])
    (only,), _ = read_all("coco", URI, files, options=options)
    assert only.uri == uri


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"segmentation": [[10, 20, 40, 20, 40, 60]]}, "polygons"),
        ({"segmentation": {"counts": "abc", "size": [480, 640]}}, "polygons"),
        ({"iscrowd": 1}, "crowds"),
        ({"keypoints": [1, 2, 2], "num_keypoints": 1}, "keypoints"),
        ({"attributes": {"occluded": True}}, "attributes"),
        ({"score": 0.5}, "confidence"),
    ],
)
def test_coco_tells_what_a_box_cannot_hold(more: dict[str, object], kind: str) -> None:
    """The box is kept, and the rest is counted with its place."""
    (only,), report = read_all("coco", URI, coco(annotations=[BOX | more]))
    assert isinstance(only, SourceImage)
    assert len(only.boxes) == 1
    assert [(loss.kind, loss.count) for loss in report.losses] == [(kind, 1)]
    assert report.losses[0].examples == (f"{URI}: annotations[0]",)


def test_coco_makes_a_box_of_an_outline_without_one() -> None:
    """A polygon alone still marks its object."""
    outlined = {**BOX, "bbox": [], "segmentation": [[10, 20, 40, 20], [40, 60, 9, 50]]}
    assert read_one("coco", URI, coco(annotations=[outlined])).boxes == (
        PixelBox("cat", 9, 20, 31, 40),
    )


def test_coco_leaves_out_a_mask_without_a_box() -> None:
    """Run lengths are not decoded; the object is counted as lost."""
    masked = {**BOX, "bbox": [], "segmentation": {"counts": "abc"}}
    (only,), report = read_all("coco", URI, coco(annotations=[masked]))
    assert isinstance(only, SourceImage)
    assert only.boxes == ()
    assert report.count("shapes") == 1


def test_coco_tells_labels_that_no_image_has() -> None:
    """A label without an object does not reach the new format."""
    _, report = read_all("coco", URI, coco(categories=[CAT, {"id": 4, "name": "dog"}]))
    assert report.losses[0].examples == ("dog",)
    assert report.count("unused-labels") == 1


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        ({**BOX, "bbox": [1, 2, 3]}, "annotations[0]: its bbox has not four sides"),
        ({**BOX, "bbox": [1, 2, 3, "x"]}, "annotations[0]: a side of its bbox is 'x'"),
        ({**BOX, "bbox": [1, 2, 3, 10**30]}, "a side of its bbox is 1e+30 and no usable number"),
        ({**BOX, "bbox": [], "segmentation": [[]]}, "an outline of 'cat' has no points"),
        ({**BOX, "category_id": 9}, "there is no category of the id 9"),
        ({**BOX, "category_id": None}, "its category_id is missing"),
    ],
)
def test_coco_gives_up_an_image_with_a_faulty_annotation(
    annotation: dict[str, object], says: str
) -> None:
    """Half of an image's boxes would teach the model that the others are background."""
    text = json.dumps({"images": [ONE_IMAGE], "annotations": [annotation], "categories": [CAT]})
    (only,), _ = read_all("coco", URI, {URI: text})
    assert isinstance(only, UnusableImage)
    assert only.uri == f"{URI}: images[0]"
    assert says in only.reason


@pytest.mark.parametrize(
    ("parts", "place", "reason"),
    [
        ({"annotations": [BOX | {"image_id": 8}]}, "annotations[0]", "no image of the id 8"),
        ({"annotations": [[]]}, "annotations[0]", "it is no mapping"),
        ({"images": [ONE_IMAGE, ONE_IMAGE]}, "images[1]", "its id 7 stands twice"),
        ({"images": [ONE_IMAGE, {"id": 8}]}, "images[1]", "its file_name is missing"),
        ({"images": [ONE_IMAGE, "x"]}, "images[1]", "it is no mapping"),
    ],
)
def test_coco_names_what_belongs_to_no_image(
    parts: dict[str, object], place: str, reason: str
) -> None:
    """Nothing is dropped silently."""
    entries, _ = read_all("coco", URI, coco(**parts))
    (problem,) = [entry for entry in entries if isinstance(entry, UnusableImage)]
    assert problem.uri == f"{URI}: {place}"
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is no mapping"),
        ('{"a": 1}', "it has no `images`"),
        ('{"images": 1}', "its images is no list"),
        ('{"images": [], "categories": [{"id": 1}]}', "categories[0]: its name is missing"),
    ],
)
def test_coco_refuses_other_files(content: str, says: str) -> None:
    """The file is named, and what is wrong with it."""
    with pytest.raises(ConfigError) as raised:
        read_all("coco", URI, {URI: content})
    assert raised.value.message.startswith(f"{URI}: {says}")


def test_coco_is_written_for_awss_own_script_too() -> None:
    """It wants date_captured, sizes, and an S3 URL or a name; numbers start at 1."""
    files, _ = written("coco", [image("x/a.png", boxes=[PixelBox("cat", 1, 2, 3, 4)])])
    document = json.loads(files["annotations.json"])
    assert document["images"] == [
        {
            "id": 1,
            "file_name": "x/a.png",
            "coco_url": f"{ROOT}/x/a.png",
            "width": 640,
            "height": 480,
            "date_captured": "1970-01-01 00:00:00",
        }
    ]
    assert document["categories"] == [{"id": 1, "name": "cat"}]
    assert document["annotations"][0]["bbox"] == [1, 2, 3, 4]
    assert document["annotations"][0]["iscrowd"] == 0


def test_coco_tells_the_labels_of_images_that_it_cannot_hold() -> None:
    """COCO's boxes are all that it has."""
    _, report = written("coco", [image("a.png", "outdoors", "sunny")])
    assert report.count("image-labels") == 2
    assert report.losses[0].examples == (f"{ROOT}/a.png",)


def test_coco_is_what_cocos_own_tools_read(tmp_path: Path) -> None:
    """Pycocotools finds the boxes of each image and the names of their labels."""
    boxes = [PixelBox("cat", 1, 2, 30, 40), PixelBox("dog", 5, 5, 9.5, 9)]
    files, _ = written("coco", [image("a.png", boxes=boxes), image("b.png")])
    (tmp_path / "a.json").write_bytes(files["annotations.json"])
    read = COCO(str(tmp_path / "a.json"))
    found = read.loadAnns(read.getAnnIds(imgIds=[1]))
    assert [annotation["bbox"] for annotation in found] == [[1, 2, 30, 40], [5, 5, 9.5, 9]]
    names = [category["name"] for category in read.loadCats([a["category_id"] for a in found])]
    assert names == ["cat", "dog"]
    assert read.getAnnIds(imgIds=[2]) == []
