"""Tests of manifests: what is read of them, what is lost, and what is written."""

import json
from pathlib import Path
from typing import Any

import pytest

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import UnusableImage
from rcl_flow.core.datasets.manifest import ManifestLine, format_manifest
from rcl_flow.formats.access import SourceOptions
from rcl_flow.formats.losses import LossLog, LossReport
from rcl_flow.formats.manifest import read_manifest
from rcl_flow.formats.source import SourceImage
from tests.unit.formats.memory import ROOT, image, read_all, written


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


def test_manifest_names_start_where_the_user_says() -> None:
    """Relative ones, as in every other format; S3 URIs stay."""
    lines = [ManifestLine("x/1.png", ("cat",)), ManifestLine("s3://b/2.png", ("cat",))]
    files = {"/d/m.manifest": format_manifest(lines)}
    entries, _ = read_all(
        "manifest", "/d/m.manifest", files, options=SourceOptions(images="/pictures")
    )
    assert [entry.uri for entry in entries] == ["/pictures/x/1.png", "s3://b/2.png"]


def test_manifest_may_begin_with_a_mark_of_its_encoding() -> None:
    """Some editors put it there; the first line is none the worse for it."""
    mark = b"\xef\xbb\xbf"
    content = mark + format_manifest([ManifestLine("1.png", ("cat",))])
    assert list(read_manifest("/d/m", {"/d/m": content}.__getitem__)) == [
        SourceImage("/d/1.png", ("cat",))
    ]


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


MULTI: dict[str, Any] = {
    "source-ref": "s3://b/1.png",
    "sport": [4, 0],
    "sport-metadata": {
        "class-map": {"0": "ball", "4": "net"},
        "confidence-map": {"0": 0.8, "4": 1},
        "type": "groundtruth/image-classification-multilabel",
        "job-name": "j",
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06",
    },
}


def read_lines(*documents: object) -> tuple[list[SourceImage | UnusableImage], LossReport]:
    """Read a manifest of those lines; a text is a line as it is."""
    lines = [line if isinstance(line, str) else json.dumps(line) for line in documents]
    losses = LossLog()
    content = "\n".join(lines).encode()
    return list(read_manifest("/d/m", lambda _: content, losses)), losses.report()


def test_manifest_reads_ground_truths_several_labels() -> None:
    """Its own multi-label form is not the service's; both give labels, and lines keep numbers."""
    single = {"source-ref": "s3://b/2.png", "x": 1, "x-metadata": {"class-name": "y"}}
    entries, report = read_lines(MULTI, "{", single)
    assert entries[0] == SourceImage("s3://b/1.png", ("ball", "net"))
    assert isinstance(entries[1], UnusableImage)
    assert entries[1].uri == "/d/m:2"
    assert entries[2] == SourceImage("s3://b/2.png", ("y",))
    assert report.count("confidence") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"sport": 1},
        {"sport": [9]},
        {"sport-metadata": MULTI["sport-metadata"] | {"class-map": ["ball"]}},
        {"sport-metadata": {"type": "groundtruth/image-classification-multilabel"}},
    ],
)
def test_manifest_names_a_broken_line_of_several_labels(change: dict[str, object]) -> None:
    """A number without a name is no label."""
    (only,), _ = read_lines(MULTI | change)
    assert isinstance(only, UnusableImage)
    assert only.uri == "/d/m:1"


def test_manifest_reads_several_attributes_and_each_lines_own_class_map() -> None:
    """Class ids mean what their own line says."""

    def boxes(name: str) -> dict[str, object]:
        return {
            "source-ref": "s3://b/1.png",
            "bb": {
                "image_size": [{"width": 100, "height": 90, "depth": 3}],
                "annotations": [{"class_id": 2, "left": 1, "top": 2, "width": 3, "height": 4}],
            },
            "bb-metadata": {
                "objects": [{"confidence": 0.5}],
                "class-map": {"2": name},
                "type": "groundtruth/object-detection",
            },
        }

    two = boxes("nut") | {"cc": boxes("")["bb"], "cc-metadata": boxes("pin")["bb-metadata"]}
    entries, report = read_lines(boxes("bolt"), two)
    found = [entry for entry in entries if isinstance(entry, SourceImage)]
    assert [entry.labels for entry in found] == [("bolt",), ("nut", "pin")]
    assert report.count("confidence") == 3


def test_manifest_tells_keys_that_are_no_labels() -> None:
    """What users keep beside the labels does not travel."""
    _, report = read_lines({"source-ref": "s3://b/1.png", "camera": "left"})
    assert report.losses[0].examples == ("/d/m:1 camera",)


BOX = PixelBox("bolt", 10, 10, 20, 20)


def test_manifest_is_written_without_boxes_that_the_service_drops() -> None:
    """The line stays when a box is left, and goes when none is."""
    outside = PixelBox("bolt", 630, 10, 20, 20)
    images = [image("a.png", boxes=[BOX, outside]), image("b.png", boxes=[outside])]
    files, report = written("manifest", images)
    entries, _ = read_lines(*files["labels.manifest"].decode().splitlines())
    assert entries == [image("a.png", boxes=[BOX])]
    assert (report.count("refused-boxes"), report.count("refused-images")) == (2, 1)


@pytest.mark.parametrize(
    "refused",
    [
        image("a.png", boxes=[BOX] * 51),
        image("a.png", *(f"label {number}" for number in range(51))),
        image("a.png", "x" * 256),
        image("a.png", " "),
        SourceImage(f"{ROOT}/a.png", ("bolt",), (PixelBox("bolt", 1, 1, 9, 9),), (63, 480)),
        SourceImage(f"{ROOT}/{'a' * 100_000}.png", ("bolt",)),
    ],
    ids=["boxes", "labels", "label", "blank", "size", "line"],
)
def test_manifest_leaves_out_lines_that_the_service_refuses(refused: SourceImage) -> None:
    """One line over a limit would count as invalid, and a fifth of them end a training."""
    files, report = written("manifest", [refused, image("b.png", "x")])
    assert files["labels.manifest"].count(b"\n") == 1
    assert report.count("refused-images") == 1


def test_manifest_tells_what_the_service_makes_of_images() -> None:
    """Labels of a boxed image go; images without labels stay and are told."""
    files, report = written("manifest", [image("a.png", "wet", boxes=[BOX]), image("b.png")])
    assert files["labels.manifest"].count(b"\n") == 2
    assert (report.count("image-labels"), report.count("unlabelled")) == (1, 1)
