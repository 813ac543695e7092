"""Tests of the reading of splits: order, reasons, and one decoding per content."""

from pathlib import Path

from rcl_flow.config import DataConfig
from rcl_flow.pipeline.measuring import MeasureCache
from rcl_flow.pipeline.reading import read_datasets
from tests.builders import picture
from tests.unit.pipeline.bench import Bench


def data(folder: Path) -> DataConfig:
    """Write a holdout of five images, of which one is broken and two are equal."""
    contents = {"cat/1.png": picture(70), "cat/2.png": picture(80), "cat/3.png": b"<html>",
                "dog/1.png": picture(90), "dog/2.png": picture(70)}  # fmt: skip
    for name, content in contents.items():
        path = folder / "holdout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return DataConfig.model_validate({"holdout": {"folder": str(folder / "holdout")}})


def test_images_come_in_the_order_of_their_source(bench: Bench, tmp_path: Path) -> None:
    """Whichever is measured first, the order is the folder's; the broken one has its reason."""
    split = read_datasets(data(tmp_path), bench.services().s3).holdout
    names = [Path(image.uri).relative_to(tmp_path / "holdout").as_posix() for image in split.images]
    assert names == ["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"]
    assert [image.width_pixels for image in split.images] == [70, 80, 90, 70]
    assert [each.reason for each in split.unusable] == ["it is neither PNG nor JPEG"]


def test_reading_fills_the_cache_of_measures(bench: Bench, tmp_path: Path) -> None:
    """What an audit needs is known after reading, and a second reading measures nothing new."""
    config, folder, s3 = data(tmp_path), tmp_path / "measures", bench.services().s3
    measures = MeasureCache(folder)
    first = read_datasets(config, s3, measures)
    assert set(measures.known) == {image.sha256 for image in first.holdout.images}
    (file,) = folder.iterdir()
    before = file.read_bytes()
    again = MeasureCache(folder)
    assert read_datasets(config, s3, again) == first
    assert again.known == measures.known
    assert file.read_bytes() == before
