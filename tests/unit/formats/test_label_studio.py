"""Tests of Label Studio's JSON: what is read of it, what is lost, and what is written."""

import json
from typing import Any

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.errors import ConfigError
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import image, problem_of, read_all, read_one, written

URI = "/d/export.json"
ORIGINAL = {"original_width": 200, "original_height": 100}
CHOICES = {"type": "choices", "value": {"choices": ["sunny"]}}


def rectangle(**value: object) -> dict[str, Any]:
    """Return a rectangle in percent; `value` changes parts of it."""
    whole = {"x": 10, "y": 20, "width": 30, "height": 40, "rectanglelabels": ["cat"]}
    return {"type": "rectanglelabels", "value": whole | value, **ORIGINAL}


def tasks(*results: object, **parts: object) -> dict[str, str]:
    """Return an export of one task with those results."""
    task = {"data": {"image": "a.jpg"}, "annotations": [{"result": list(results)}]}
    return {URI: json.dumps([task | parts])}


def test_label_studio_gives_boxes_and_choices() -> None:
    """Percentages become pixels; choices are labels of the whole image."""
    assert read_one("label-studio", URI, tasks(rectangle(), CHOICES)) == SourceImage(
        "/d/a.jpg", ("cat", "sunny"), (PixelBox("cat", 20, 20, 60, 40),), (200, 100)
    )


@pytest.mark.parametrize(
    ("data", "images", "uri"),
    [
        ({"image": "s3://b/k/a.jpg"}, None, "s3://b/k/a.jpg"),
        ({"photo_url": "a.jpg"}, None, "/d/a.jpg"),
        ({"image": "a.jpg", "text": "hello"}, None, "/d/a.jpg"),
        ({"image": "/data/upload/3/f00d-a.jpg"}, "/media", "/media/f00d-a.jpg"),
        ({"image": "/data/local-files/?d=set/a%20b.jpg"}, "/media", "/media/set/a b.jpg"),
        ({"image": "http://localhost:8080/data/local-files/?d=a.jpg"}, "/media", "/media/a.jpg"),
        ({"image": "https://ls.example.org/data/upload/3/f-a.jpg"}, "/media", "/media/f-a.jpg"),
    ],
)
def test_label_studio_finds_images(data: dict[str, str], images: str | None, uri: str) -> None:
    """Paths of its server lose the server's part."""
    options = SourceOptions(images=images)
    assert read_one("label-studio", URI, tasks(data=data), options=options).uri == uri


@pytest.mark.parametrize(
    ("result", "box", "kind"),
    [
        (
            {
                "type": "polygonlabels",
                "value": {"points": [[0, 0], [10, 50]], "polygonlabels": ["cat"]},
                **ORIGINAL,
            },
            PixelBox("cat", 0, 0, 20, 50),
            "polygons",
        ),
        (
            {
                "type": "ellipselabels",
                "value": {"x": 50, "y": 50, "radiusX": 5, "radiusY": 10, "ellipselabels": ["cat"]},
                **ORIGINAL,
            },
            PixelBox("cat", 90, 40, 20, 20),
            "polygons",
        ),
        (rectangle(rotation=90), PixelBox("cat", -20, 20, 40, 60), "rotation"),
        (rectangle() | {"score": 0.7}, PixelBox("cat", 20, 20, 60, 40), "confidence"),
        ({"type": "keypointlabels"}, None, "keypoints"),
        ({"type": "brushlabels"}, None, "shapes"),
        ({"type": "textarea"}, None, "attributes"),
        ({"type": "choices", "value": {"x": 1, "choices": ["wet"]}}, None, "attributes"),
    ],
)
def test_label_studio_tells_what_a_box_cannot_hold(
    result: dict[str, Any], box: PixelBox | None, kind: str
) -> None:
    """Shapes become boxes where they can, and the rest is counted."""
    (only,), report = read_all("label-studio", URI, tasks(result))
    assert isinstance(only, SourceImage)
    assert only.boxes == ((box,) if box else ())
    assert [(loss.kind, loss.count) for loss in report.losses] == [(kind, 1)]


def test_label_studio_takes_the_first_annotator() -> None:
    """Others, and a model's predictions, are counted and left out; cancelled work is none."""
    annotations = [
        {"was_cancelled": True, "result": [{"type": "choices", "value": {"choices": ["no"]}}]},
        {"result": [CHOICES]},
        {"result": []},
    ]
    files = tasks(annotations=annotations, predictions=[{"result": []}])
    (only,), report = read_all("label-studio", URI, files)
    assert only == SourceImage("/d/a.jpg", ("sunny",))
    assert (report.count("annotators"), report.count("predictions")) == (1, 1)


def test_label_studio_keeps_unlabelled_tasks() -> None:
    """A task that nobody labelled is an image without labels."""
    assert read_one("label-studio", URI, tasks(annotations=[])) == SourceImage("/d/a.jpg", ())


def test_label_studio_passes_over_a_regions_twin() -> None:
    """Exports repeat a labelled region without its label."""
    twin = {"type": "rectangle", "value": {"x": 1}}
    assert len(read_one("label-studio", URI, tasks(rectangle(), twin)).boxes) == 1


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (tasks(rectangle(x="far")), "its x is 'far'"),
        (
            tasks({"type": "polygonlabels", "value": {"points": [1], "polygonlabels": ["a"]}}),
            "its boxes need its size",
        ),
        (
            tasks(
                {
                    "type": "polygonlabels",
                    "value": {"points": [[1]], "polygonlabels": ["a"]},
                    **ORIGINAL,
                }
            ),
            "a point is [1]",
        ),
        (tasks(rectangle(rectanglelabels=[1])), "its rectanglelabels are no texts"),
        (tasks({"type": "rectanglelabels"}), "a value is no mapping"),
        (tasks({"type": "hexagonlabels"}), "a result of the type 'hexagonlabels' is not known"),
        (
            tasks(rectangle(), rectangle() | {"original_width": 300}),
            "its results tell different image sizes",
        ),
        (tasks({"type": "rectanglelabels", "value": rectangle()["value"]}), "its boxes need"),
        (tasks(data={"a": "x.jpg", "b": "y.jpg"}), "its data have no image"),
        (tasks(data={}), "its data have no image"),
        (tasks(data={"image": "https://host/a.jpg"}), "its image is at https://host/a.jpg"),
        (tasks(data={"image": "/data/local-files/"}), "its image is a local file without a path"),
        (tasks(annotations=[5]), "an annotation is no mapping"),
        ({URI: '[{"image": "a.jpg"}]'}, "it has no data; export `JSON`"),
    ],
)
def test_label_studio_names_a_task_that_it_cannot_use(files: dict[str, str], says: str) -> None:
    """The task's index is its place."""
    problem = problem_of("label-studio", URI, files)
    assert isinstance(problem, UnusableImage)
    assert problem.uri == f"{URI}: [0]"
    assert problem.reason.startswith(says)


def test_label_studio_refuses_other_files() -> None:
    """The file is named, and what to export instead."""
    with pytest.raises(ConfigError, match=r"/d/export\.json: it is no list of tasks"):
        read_all("label-studio", URI, {URI: "{}"})


def test_label_studio_is_written_as_finished_annotations() -> None:
    """An image without labels was looked at too: it has an annotation without results."""
    files, report = written("label-studio", [image("a.png"), image("b.png", "x", "y")])
    first, second = json.loads(files["tasks.json"])
    assert first["annotations"] == [{"result": [], "was_cancelled": False}]
    (result,) = second["annotations"][0]["result"]
    assert result["value"] == {"choices": ["x", "y"]}
    assert report.losses == ()


@pytest.mark.parametrize(
    ("kept", "name"),
    [("x-é 1.jpg",) * 2, ("x-%C3%A9%201.jpg",) * 2, ("1/x-é 1.jpg",) * 2, ("y.jpg", None)],
)
def test_label_studio_finds_uploads_whose_names_it_has_escaped(kept: str, name: str | None) -> None:
    """Its address has %C3%A9 where its file has é; a file that is really called so is taken."""
    files = tasks(data={"image": "/data/upload/1/x-%C3%A9%201.jpg"}) | {f"/media/{kept}": ""}
    found = read_one("label-studio", URI, files, options=SourceOptions(images="/media")).uri
    assert found == f"/media/{name or 'x-%C3%A9%201.jpg'}"
