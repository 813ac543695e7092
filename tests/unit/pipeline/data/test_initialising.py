"""Tests of turning images into a config below the command line: images in S3."""

from pathlib import Path

from rcl_flow.aws.s3 import S3Location
from rcl_flow.cli.reading import read_config
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.core.proposing.first_config import FirstSettings
from rcl_flow.formats.layout import Layout, find_layout
from rcl_flow.pipeline.data.initialising import InitWanted, initialise, read_sets
from rcl_flow.pipeline.images.access import make_access
from rcl_flow.pipeline.images.measuring import MeasureCache
from rcl_flow.pipeline.images.reading import read_datasets
from tests.unit.cli.labelled import picture
from tests.unit.pipeline.bench import BUCKET, Bench


def test_images_in_s3_stay_there(bench: Bench, tmp_path: Path) -> None:
    """Manifests name the objects, and reading the config finds all of them again."""
    s3 = bench.services().s3
    for seed in range(12):
        key = f"photos/{'ab'[seed % 2]}/{seed}.png"
        s3.put(S3Location(BUCKET, key), picture(seed))
    layout = find_layout(f"s3://{BUCKET}/photos", make_access(lambda: s3))
    assert isinstance(layout, Layout)
    measures = MeasureCache()
    done = initialise(
        InitWanted(tmp_path, FirstSettings("parts"), holdout_images=3),
        layout,
        read_sets(layout, None, s3, measures),
        measures,
    )
    assert [done.counts[split].images for split in ("train", "test", "holdout")] == [7, 2, 3]
    read = read_datasets(read_config(done.files[0]).data, s3)
    assert sum(len(one.images) for one in read) == 12
    assert all(
        image.uri.startswith(f"s3://{BUCKET}/photos/") for one in read for image in one.images
    )
    assert done.unnamed_images == 0
    assert f"--backend aws --bucket {BUCKET}" in done.missing[0].cure


def test_images_beside_a_list_of_others_in_s3_are_not_its_own(bench: Bench, tmp_path: Path) -> None:
    """A manifest that is kept in some folder says nothing of what else lies there."""
    s3 = bench.services().s3
    for seed in range(12):
        s3.put(S3Location(BUCKET, f"{seed}.png"), picture(seed))
    lines = [ManifestLine(f"s3://{BUCKET}/{seed}.png", ("ab"[seed % 2],)) for seed in range(12)]
    (tmp_path / "all.manifest").write_bytes(format_manifest(lines))
    (tmp_path / "other.png").write_bytes(picture(99))
    layout = find_layout(str(tmp_path / "all.manifest"), make_access(lambda: s3))
    assert isinstance(layout, Layout)
    measures = MeasureCache()
    done = initialise(
        InitWanted(tmp_path / "p", FirstSettings("p", backend="aws", bucket=BUCKET)),
        layout,
        read_sets(layout, None, s3, measures),
        measures,
    )
    assert done.unnamed_images == 0
    assert not any("backend" in one.message for one in done.missing)
