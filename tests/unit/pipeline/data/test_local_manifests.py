"""Tests of manifests of images where they are."""

from pathlib import Path

from rcl_flow.core.datasets.boxes import DroppedBox, PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from rcl_flow.formats.manifest import read_manifest
from rcl_flow.formats.source import SourceImage
from rcl_flow.pipeline.data.local_manifests import write_local_manifest
from tests.builders import image, sha256_of


def read(path: Path) -> list[SourceImage]:
    """Return what a reader makes of the manifest."""
    entries = list(read_manifest(str(path), lambda uri: Path(uri).read_bytes()))
    assert all(isinstance(entry, SourceImage) for entry in entries)
    return [entry for entry in entries if isinstance(entry, SourceImage)]


def test_manifest_leads_back_to_its_images(tmp_path: Path) -> None:
    """A reader finds the files from the manifest's own folder, wherever that is."""
    picture = tmp_path / "data" / "a" / "1.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"x")
    manifest = tmp_path / "splits" / "deep" / "train.manifest"
    manifest.parent.mkdir(parents=True)
    write_local_manifest(manifest, [image("1", "a", uri=str(picture))])
    (found,) = read(manifest)
    assert Path(found.uri).read_bytes() == b"x"
    assert found.labels == ("a",)
    assert str(tmp_path) not in manifest.read_text()


def test_manifest_leads_back_when_its_folder_is_a_link(tmp_path: Path) -> None:
    """`..` is taken by the system at the real folder, so the path starts there."""
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "1.png").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
    write_local_manifest(
        tmp_path / "link" / "m.manifest", [image("1", uri=str(tmp_path / "1.png"))]
    )
    (found,) = read(tmp_path / "link" / "m.manifest")
    assert Path(found.uri).read_bytes() == b"x"


def test_manifest_keeps_s3_uris(tmp_path: Path) -> None:
    """An object is named by its URI."""
    write_local_manifest(tmp_path / "m.manifest", [image("1", "a", uri="s3://bucket/a b.png")])
    assert read(tmp_path / "m.manifest")[0].uri == "s3://bucket/a b.png"


def test_manifest_keeps_several_labels_and_none(tmp_path: Path) -> None:
    """Multi-label and unlabelled images are written as they are."""
    write_local_manifest(tmp_path / "m.manifest", [image("1", "b", "a"), image("2")])
    assert [found.labels for found in read(tmp_path / "m.manifest")] == [("a", "b"), ()]


def test_manifest_keeps_boxes_also_those_that_cannot_be_used(tmp_path: Path) -> None:
    """The audit of the split still finds what is wrong with the boxes."""
    used, outside = PixelBox("a", 1, 2, 30, 40), PixelBox("b", 90, 0, 30, 30)
    boxed = DatasetImage(
        "s3://b/x.png", sha256_of("x"), 1, "PNG", ("a",), (used,), 100, 80,
        (DroppedBox(outside, "outside"),),
    )  # fmt: skip
    write_local_manifest(tmp_path / "m.manifest", [boxed])
    (found,) = read(tmp_path / "m.manifest")
    assert found.boxes == (used, outside)
    assert found.size_pixels == (100, 80)
