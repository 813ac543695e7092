"""Tests of the reader of manifests."""

from pathlib import Path

import pytest

from rcl_flow.core.dataset import UnusableImage
from rcl_flow.core.manifest import ManifestLine, format_manifest
from rcl_flow.formats.manifest import read_manifest
from rcl_flow.formats.source import SourceImage


def uris(source_ref: str, manifest_uri: str) -> list[str]:
    """Return what the manifest's only line names."""
    content = {manifest_uri: format_manifest([ManifestLine(source_ref, ("cat",))])}
    return [entry.uri for entry in read_manifest(manifest_uri, content.__getitem__)]


@pytest.mark.parametrize(
    ("source_ref", "manifest_uri", "uri"),
    [
        ("1.png", "/data/m.manifest", "/data/1.png"),
        ("img/1.png", "data/m.manifest", "data/img/1.png"),
        ("1.png", "m.manifest", "1.png"),
        ("../1.png", "/data/x/m.manifest", "/data/x/../1.png"),
        ("/img/1.png", "/data/m.manifest", "/img/1.png"),
        ("s3://b/1.png", "/data/m.manifest", "s3://b/1.png"),
        ("1.png", "s3://b/data/m.manifest", "s3://b/data/1.png"),
        ("s3://c/1.png", "s3://b/data/m.manifest", "s3://c/1.png"),
    ],
)
def test_manifest_resolves_source_refs_from_its_own_folder(
    source_ref: str, manifest_uri: str, uri: str
) -> None:
    """S3 URIs and absolute paths stay; all else starts where the manifest lies."""
    assert uris(source_ref, manifest_uri) == [uri]


def test_manifest_names_unusable_lines_by_file_and_line(tmp_path: Path) -> None:
    """A line that cannot be read is an unusable image, with its place; the others are read."""
    path = tmp_path / "m.manifest"
    good = format_manifest([ManifestLine("s3://b/1.png", ("cat", "dog"))])
    path.write_bytes(good + b"{broken\n" + good)
    first, broken, last = read_manifest(str(path), lambda uri: Path(uri).read_bytes())
    assert first == last == SourceImage("s3://b/1.png", ("cat", "dog"))
    assert isinstance(broken, UnusableImage)
    assert broken.uri == f"{path}:2"
    assert broken.reason.startswith("not a JSON object")


def test_manifest_keeps_lines_without_labels() -> None:
    """An image that shows none of the labels is an image of the dataset."""
    (only,) = read_manifest("m", lambda _: b'{"source-ref":"s3://b/1.png"}')
    assert only == SourceImage("s3://b/1.png", ())
