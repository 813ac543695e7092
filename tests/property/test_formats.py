"""Laws of formats: what is written is what is read, and no content leads to a traceback."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.source_kinds import SourceKind
from rcl_flow.emulator.data.imports import check_manifest
from rcl_flow.emulator.data.manifests import split_lines
from rcl_flow.formats.source import SourceImage, source_image
from tests.unit.formats.memory import ROOT, SIZE, read_all, written

any_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
plain_text = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip())
names = st.text("abcdefgäö 1-_", min_size=1, max_size=8).map(lambda s: f"x{s.strip()}.png")
paths = st.lists(names, min_size=1, max_size=3).map("/".join)
quarters = st.integers(0, 4 * 300).map(lambda quarter: quarter / 4)
sides = st.integers(8, 4 * 100).map(lambda quarter: quarter / 4)
ONE_FILE: list[SourceKind] = ["csv", "coco", "label-studio", "cvat", "manifest"]
BOXES_ONLY: list[SourceKind] = ["coco", "yolo", "voc"]


def box_of(labels: st.SearchStrategy[str]) -> st.SearchStrategy[PixelBox]:
    """Return boxes inside an image, at quarters of pixels."""
    return st.builds(PixelBox, labels, quarters, quarters, sides, sides)


def images_of(
    labels: st.SearchStrategy[str], *, labelled: bool, mixed: bool = False
) -> st.SearchStrategy[list[SourceImage]]:
    """Return images of different names: with boxes or labels, or both where `mixed`."""
    boxes = st.lists(box_of(labels), max_size=3).map(tuple)
    image_labels = st.sets(labels, max_size=3) if labelled else st.just(set[str]())

    def build(path: str, labels: set[str], boxes: tuple[PixelBox, ...]) -> SourceImage:
        kept = labels if mixed or not boxes else set[str]()
        return source_image(f"{ROOT}/{path}", kept, boxes, SIZE if boxes else None)

    return st.lists(
        st.builds(build, paths, image_labels, boxes),
        min_size=1,
        max_size=4,
        unique_by=lambda image: image.uri,
    )


def back(kind: SourceKind, images: Sequence[SourceImage]) -> list[object]:
    """Write images, check that nothing was lost, and read them again."""
    files, report = written(kind, images)
    assert {loss.kind for loss in report.losses} <= {"unlabelled"}
    found = {f"/out/{path}": content for path, content in files.items()}
    uri = f"/out/{next(iter(files))}" if kind in ONE_FILE else "/out"
    sizes = {image.uri: SIZE for image in images}
    return list(read_all(kind, uri, found, sizes=sizes)[0])


@given(images_of(any_text, labelled=True, mixed=True))
def test_csv_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Labels and boxes of any name survive, together on one image too."""
    assert back("csv", images) == images


@given(images_of(any_text, labelled=True, mixed=True))
def test_label_studio_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Percentages give whole pixels back."""
    assert back("label-studio", images) == images


@given(images_of(plain_text, labelled=True, mixed=True))
def test_cvat_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Tags and boxes survive."""
    assert back("cvat", images) == images


@given(images_of(any_text.filter(str.strip), labelled=True))
def test_manifest_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Labels or boxes survive, each line of its own kind."""
    assert back("manifest", images) == images


@given(images_of(any_text, labelled=True, mixed=True))
def test_manifest_has_no_line_that_the_service_faults(images: list[SourceImage]) -> None:
    """The emulator, which knows the service's catalogue, finds nothing wrong with any line."""
    files, _ = written("manifest", images)
    lines = check_manifest(split_lines(files["labels.manifest"]))
    assert [(line.errors, line.repeated) for line in lines if line.errors or line.repeated] == []
    assert all(line.usable or not line.is_labeled for line in lines)


@given(images_of(any_text, labelled=False))
def test_coco_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Boxes survive, and images without any."""
    assert back("coco", images) == images


@given(images_of(plain_text, labelled=False))
def test_voc_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Boxes survive, and images without any, in the order of their files' names."""
    assert by_uri(back("voc", images)) == by_uri(images)


@given(images_of(any_text, labelled=False))
def test_yolo_gives_back_what_was_written(images: list[SourceImage]) -> None:
    """Ratios give whole pixels back."""
    assert back("yolo", images) == images


@given(images_of(any_text, labelled=True).map(lambda images: [without(i) for i in images]))
def test_folder_gives_back_every_label(images: list[SourceImage]) -> None:
    """Several labels, none, and labels that no folder can have are told by labels.csv."""
    files, report = written("folder", images)
    assert {loss.kind for loss in report.losses} <= {"label-names", "name-clashes"}
    found = {f"/out/{path}": content for path, content in files.items()}
    entries, _ = read_all("folder", "/out", found)
    labels = {entry.uri: entry.labels for entry in entries if isinstance(entry, SourceImage)}
    kept = {files[uri.removeprefix("/out/")].decode(): told for uri, told in labels.items()}
    assert len(kept) == len(entries) == len(images) - report.count("name-clashes")
    assert all(kept[image.uri] == image.labels for image in images if image.uri in kept)


@given(
    st.sampled_from(BOXES_ONLY),
    images_of(plain_text, labelled=True, mixed=True),
)
def test_formats_of_boxes_tell_every_label_that_they_lose(
    kind: SourceKind, images: list[SourceImage]
) -> None:
    """What is read back and what was noted add up to what was there."""
    files, report = written(kind, images)
    found = {f"/out/{path}": content for path, content in files.items()}
    uri = "/out/annotations.json" if kind == "coco" else "/out"
    sizes = {image.uri: SIZE for image in images}
    entries, _ = read_all(kind, uri, found, sizes=sizes)
    lost = sum(len(image.image_labels) for image in images)
    assert report.count("image-labels") == lost
    expected = [source_image(i.uri, set(), i.boxes, i.size_pixels) for i in images]
    assert by_uri(entries) == by_uri(expected)


def by_uri(entries: Sequence[object]) -> list[SourceImage]:
    """Return images in the order of their URIs."""
    images = [entry for entry in entries if isinstance(entry, SourceImage)]
    assert len(images) == len(entries)
    return sorted(images, key=lambda image: image.uri)


def without(image: SourceImage) -> SourceImage:
    """Return the image without boxes, its labels kept."""
    return SourceImage(image.uri, image.labels)


@pytest.mark.parametrize("kind", ONE_FILE)
def test_formats_drop_an_image_that_occurs_again(kind: SourceKind) -> None:
    """The service would drop the second line of an image, so it is told and not written."""
    first = source_image(f"{ROOT}/a.png", set(), (PixelBox("x", 0, 0, 9, 9),), SIZE)
    second = source_image(f"{ROOT}/a.png", set(), (PixelBox("y", 0, 0, 9, 9),), SIZE)
    files, report = written(kind, [first, second])
    assert report.count("repeated-images") == 1
    (uri,) = files
    assert read_all(kind, uri, files)[0] == [first]
