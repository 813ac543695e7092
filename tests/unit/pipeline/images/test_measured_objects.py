"""Tests of reading from S3: an object that has not changed is not read again, by anybody."""

from dataclasses import replace
from pathlib import Path

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import DataConfig
from rcl_flow.core.datasets.dataset import Dataset
from rcl_flow.pipeline.images.measure_lines import cache_path, objects_path
from rcl_flow.pipeline.images.measuring import MeasureCache, shared_cache
from rcl_flow.pipeline.images.reading import read_datasets
from rcl_flow.pipeline.runs.services import Services
from rcl_flow.pipeline.state.sqlite_store import SqliteStore
from tests.builders import picture
from tests.unit.pipeline.bench import BUCKET, Bench
from tests.unit.pipeline.s3_calls import counted, refused

GET = "GetObject"
NAMES = {"cat/1.png": 70, "cat/2.png": 80, "dog/1.png": 90, "dog/2.png": 100}
CONFIG = DataConfig.model_validate({"holdout": {"folder": f"s3://{BUCKET}/data/"}})


def put(bench: Bench, name: str, content: bytes) -> None:
    """Put an image, or what is to be taken for one."""
    bench.services().s3.put(S3Location(BUCKET, f"data/{name}"), content)


def put_all(bench: Bench) -> None:
    """Put four images and one that is none."""
    for name, width in NAMES.items():
        put(bench, name, picture(width))
    put(bench, "cat/3.png", b"<html>")


def read(bench: Bench, cache: MeasureCache) -> tuple[Dataset, int]:
    """Return what was read, and how many objects that took."""
    with counted(bench.s3_client) as calls:
        split = read_datasets(CONFIG, bench.services().s3, cache).holdout
    return split, calls[GET]


def sharing(bench: Bench, folder: Path) -> Services:
    """Return services of a machine with its own disk and a store that it shares with others."""
    store = SqliteStore(bench.folder / "shared.sqlite", bench.clock)
    return replace(bench.services(), workspace=folder, store=store, state_is_shared=True)


def test_an_object_is_read_once(bench: Bench, tmp_path: Path) -> None:
    """The second reading finds the same and reads nothing, not even what is no image."""
    put_all(bench)
    first, calls = read(bench, MeasureCache(tmp_path / "m"))
    assert (len(first.images), len(first.unusable), calls) == (4, 1, 5)
    cache = MeasureCache(tmp_path / "m")
    again, calls = read(bench, cache)
    assert (again, calls) == (first, 0)
    assert set(cache.known) == {image.sha256 for image in first.images}


def test_an_object_that_changed_is_read(bench: Bench, tmp_path: Path) -> None:
    """Other bytes of the same size are noticed, and what they were before is known still."""
    put_all(bench)
    first, _ = read(bench, MeasureCache(tmp_path / "m"))
    put(bench, "cat/1.png", picture(60))
    changed, calls = read(bench, MeasureCache(tmp_path / "m"))
    assert calls == 1
    assert changed.images[0].sha256 != first.images[0].sha256
    put(bench, "cat/1.png", picture(70))
    assert read(bench, MeasureCache(tmp_path / "m")) == (first, 0)


def test_an_object_is_read_when_its_measures_are_lost(bench: Bench, tmp_path: Path) -> None:
    """The two files need not agree: what one of them does not know is read."""
    put_all(bench)
    first, _ = read(bench, MeasureCache(tmp_path / "m"))
    cache_path(tmp_path / "m").unlink()
    assert read(bench, MeasureCache(tmp_path / "m")) == (first, 5)


def test_lines_that_are_damaged_count_as_absent(bench: Bench, tmp_path: Path) -> None:
    """A torn line costs one object."""
    put_all(bench)
    first, _ = read(bench, MeasureCache(tmp_path / "m"))
    path = objects_path(tmp_path / "m")
    path.write_bytes(path.read_bytes()[:-30])
    assert read(bench, MeasureCache(tmp_path / "m")) == (first, 1)


def test_without_a_listing_everything_is_read(bench: Bench, tmp_path: Path) -> None:
    """Permissions that do not allow to list cost calls, not the run."""
    put_all(bench)
    first, _ = read(bench, MeasureCache(tmp_path / "m"))
    manifest = tmp_path / "images.csv"
    rows = [f"s3://{BUCKET}/data/{name},{name[:3]}" for name in sorted([*NAMES, "cat/3.png"])]
    manifest.write_text("\n".join(["image,label", *rows, ""]))
    config = DataConfig.model_validate({"holdout": {"csv": str(manifest)}})
    with refused(bench.s3_client, "ListObjectsV2"), counted(bench.s3_client) as calls:
        found = read_datasets(config, bench.services().s3, MeasureCache(tmp_path / "m")).holdout
    assert found == first
    assert calls[GET] == 5


def test_other_machines_know_what_was_read(bench: Bench, tmp_path: Path) -> None:
    """With a shared state an empty disk reads nothing, and knows it afterwards by itself."""
    put_all(bench)
    first, _ = read(bench, shared_cache(sharing(bench, tmp_path / "one"), 200))
    elsewhere = sharing(bench, tmp_path / "two")
    assert read(bench, shared_cache(elsewhere, 200)) == (first, 0)
    alone = MeasureCache(tmp_path / "two" / "measures")
    assert read(bench, alone) == (first, 0)


def test_a_machine_that_does_not_share_tells_nobody(bench: Bench, tmp_path: Path) -> None:
    """A workspace's own store holds nothing of measures: they lie beside it."""
    put_all(bench)
    read(bench, shared_cache(bench.services(), 200))
    assert bench.services().store.below("measures/") == []
