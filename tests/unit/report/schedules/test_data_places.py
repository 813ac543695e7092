"""Tests of what a role has to be allowed to read."""

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
