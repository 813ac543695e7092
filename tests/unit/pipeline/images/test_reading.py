"""Tests of the reading of splits: order, reasons, and one decoding per content."""

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from rcl_flow.aws.s3 import S3Location
from rcl_flow.config import DataConfig
from rcl_flow.core.retraining.arrivals import ArrivalCounts, Pin
from rcl_flow.errors import ConfigError, DataNotFoundError
from rcl_flow.pipeline.images.measuring import MeasureCache
from rcl_flow.pipeline.images.reading import read_datasets, read_merged, read_pinned
from tests.builders import picture
from tests.unit.pipeline.bench import BUCKET, Bench


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


def turned_picture(orientation: int) -> bytes:
    """Return a JPEG of 80 x 70 pixels with an EXIF tag."""
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x112] = orientation
    Image.new("RGB", (80, 70), "teal").save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    ("told", "orientation", "cure"),
    [((70, 80), 6, "save its pixels upright"), ((70, 80), 1, "anew"), ((160, 140), 6, "anew")],
)
def test_boxes_on_another_picture_say_what_to_do(
    bench: Bench, tmp_path: Path, told: tuple[int, int], orientation: int, cure: str
) -> None:
    """Tools that heed EXIF draw on the turned picture of a telephone, and write down its sides."""
    (tmp_path / "1.jpg").write_bytes(turned_picture(orientation))
    columns = "image,label,left,top,width,height,image_width,image_height"
    (tmp_path / "x.csv").write_text(f"{columns}\n1.jpg,cat,1,2,30,40,{told[0]},{told[1]}\n")
    config = DataConfig.model_validate({"holdout": {"csv": str(tmp_path / "x.csv")}})
    (one,) = read_datasets(config, bench.services().s3).holdout.unusable
    assert f"drawn on {told[0]} x {told[1]} pixels, and the file has 80 x 70" in one.reason
    assert one.reason.endswith(cure)


def with_arrivals(config: DataConfig, *sources: dict[str, str], train: Path) -> DataConfig:
    """Return the config with a training set and arrivals."""
    return DataConfig.model_validate(
        {**config.model_dump(), "train": {"folder": str(train)}, "arrivals": sources}
    )


def test_arrivals_of_any_format_join_train(bench: Bench, tmp_path: Path) -> None:
    """A prefix in S3 and a CSV file; the CSV comes later, so that its labels count."""
    config, train = data(tmp_path), tmp_path / "train"
    (train / "cat").mkdir(parents=True)
    (train / "cat" / "1.png").write_bytes(picture(100))
    put(bench, "new/dog/1.png", picture(110))
    put(bench, "new/dog/2.png", picture(120))
    table = tmp_path / "late.csv"
    table.write_text("image,label\ntrain/cat/1.png,fox\nholdout/dog/1.png,fox\n")
    wanted = with_arrivals(
        config, {"folder": f"s3://{BUCKET}/new/"}, {"csv": str(table)}, train=train
    )
    merged = read_merged(wanted, bench.services().s3)
    assert merged.datasets.train is not None
    assert [(one.width_pixels, one.labels) for one in merged.datasets.train.images] == [
        (100, ("fox",)),
        (110, ("dog",)),
        (120, ("dog",)),
        (90, ("fox",)),
    ]
    assert [one.width_pixels for one in merged.datasets.holdout.images] == [70, 80, 70]
    assert merged.counts == ArrivalCounts(joined=3, relabelled=1, left_holdout=1)
    assert read_datasets(wanted, bench.services().s3) == merged.datasets


def test_place_where_nothing_has_arrived_yet_is_no_error(bench: Bench, tmp_path: Path) -> None:
    """The first week has no images; a path that is not there is a mistake all the same."""
    config, train, empty = data(tmp_path), tmp_path / "holdout", tmp_path / "empty"
    empty.mkdir()
    prefix = f"s3://{BUCKET}/none/"
    wanted = with_arrivals(config, {"folder": str(empty)}, {"folder": prefix}, train=train)
    counts = read_merged(wanted, bench.services().s3).counts
    assert counts == ArrivalCounts(empty_sources=(str(empty), prefix))
    assert counts.notices == (f"Nothing has arrived yet in {empty}, {prefix}.",)
    for source in ({"folder": str(tmp_path / "missing")}, {"csv": str(tmp_path / "missing.csv")}):
        with pytest.raises(DataNotFoundError):
            read_merged(with_arrivals(config, source, train=train), bench.services().s3)


def test_arrivals_need_a_training_set_to_join(bench: Bench, tmp_path: Path) -> None:
    """Beside an existing model they would prove something that nobody knows."""
    source = {"folder": str(tmp_path / "holdout")}
    config = DataConfig.model_validate({**data(tmp_path).model_dump(), "arrivals": [source]})
    with pytest.raises(ConfigError, match=r"data\.train"):
        read_merged(config, bench.services().s3)


def test_pinned_data_are_read_without_their_sources(bench: Bench, tmp_path: Path) -> None:
    """Measures that are known are recalled; others are measured from the bytes, where they are."""
    config, s3 = data(tmp_path), bench.services().s3
    measures = MeasureCache(tmp_path / "measures")
    merged = read_merged(config, s3, measures)
    pin = Pin(datasets=merged.datasets)
    elsewhere = MeasureCache()
    assert read_pinned(pin, s3, elsewhere).datasets == merged.datasets
    assert elsewhere.known == measures.known
    shutil.rmtree(tmp_path / "holdout")
    recalled, empty = MeasureCache(tmp_path / "measures"), MeasureCache()
    assert read_pinned(pin, s3, recalled).datasets == merged.datasets
    assert recalled.known == measures.known
    assert read_pinned(pin, s3, empty).datasets == merged.datasets
    assert empty.known == {}


def put(bench: Bench, key: str, content: bytes) -> None:
    """Put an object."""
    bench.services().s3.put(S3Location(BUCKET, key), content)
