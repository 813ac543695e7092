"""Tests of what a role has to be allowed to read."""

import pytest

from rcl_flow.report.schedules.data_places import DataPlaces, data_places, data_uris
from tests.unit.report.schedules.scheduled import scheduled


def test_places_are_the_folders_of_manifests_and_images() -> None:
    """A manifest is read with what lies beside it; a folder with all that is in it."""
    config = scheduled(
        data={
            "train": {"manifest": "s3://parts/data/train.manifest"},
            "test": {"csv": "s3://parts/data/more/test.csv", "images": "s3://pictures/all/"},
            "holdout": {"folder": "s3://real/holdout"},
            "arrivals": [{"manifest": "s3://inbox/one.manifest"}],
            "production": "s3://parts/camera/",
        }
    )
    start = "arn:aws:s3:::"
    assert data_places(config.data, "aws") == DataPlaces(
        buckets=tuple(f"{start}{name}" for name in ("inbox", "parts", "pictures", "real")),
        objects=(
            f"{start}inbox/*",
            f"{start}parts/camera/*",
            f"{start}parts/data/*",
            f"{start}pictures/all/*",
            f"{start}real/holdout/*",
        ),
    )


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ({"folder": "s3://parts/v1.0"}, "parts/v1.0/"),
        ({"voc": "s3://parts/voc.2"}, "parts/voc.2/"),
        ({"yolo": "s3://parts/yolo/v1.0"}, "parts/yolo/v1.0/"),
        ({"yolo": "s3://parts/yolo/data.yaml"}, "parts/yolo/"),
        ({"manifest": "s3://parts/in/manifest"}, "parts/in/"),
        ({"coco": "s3://parts/coco/annotations"}, "parts/coco/"),
        ({"manifest": "s3://parts/in/2026-*/a.manifest"}, "parts/in/"),
        ({"folder": "s3://parts/days/2026-*"}, "parts/days/"),
        ({"folder": "s3://parts"}, "parts/"),
    ],
)
def test_kind_of_a_source_says_whether_it_is_a_folder(source: dict[str, str], place: str) -> None:
    """A folder may have a dot in its name, and a file may have none."""
    rest = {"manifest": "s3://others/a.manifest"}
    config = scheduled(data={"train": source, "test": rest, "holdout": rest})
    assert f"arn:aws:s3:::{place}*" in data_places(config.data, "aws").objects


def test_production_is_a_folder_whatever_its_name() -> None:
    """A camera's folder may be named by its firmware."""
    data = {name: {"manifest": f"s3://lists/{name}"} for name in ("train", "test", "holdout")}
    config = scheduled(data=data | {"production": "s3://parts/camera.v2"})
    assert data_places(config.data, "aws").objects == (
        "arn:aws:s3:::lists/*",
        "arn:aws:s3:::parts/camera.v2/*",
    )


def test_every_field_that_names_data_is_seen() -> None:
    """A path that is overlooked would fail only when the schedule fires."""
    config = scheduled(
        data={
            "train": {"folder": "a"},
            "test": {"csv": "b.csv", "images": "c"},
            "holdout": {"label_studio": "d.json"},
            "arrivals": [{"folder": "e"}],
            "production": "f",
            "lineage": "g.json",
        }
    )
    assert data_uris(config.data) == [
        ("data.train.folder", "a"),
        ("data.test.csv", "b.csv"),
        ("data.test.images", "c"),
        ("data.holdout.label_studio", "d.json"),
        ("data.arrivals[0].folder", "e"),
        ("data.lineage", "g.json"),
        ("data.production", "f"),
    ]
