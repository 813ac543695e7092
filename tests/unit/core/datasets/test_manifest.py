"""Tests of manifest lines."""

import json

import pytest

from rcl_flow.core.datasets.manifest import (
    OBJECT_DETECTION,
    ManifestLine,
    SkippedLine,
    format_manifest,
    parse_manifest,
)


def metadata(**fields: object) -> dict[str, object]:
    """Return an image-level label's metadata, as the guide shows it."""
    return {
        "confidence": 1,
        "job-name": "labeling-job/shade",
        "class-name": "dark",
        "human-annotated": "yes",
        "creation-date": "2024-02-03T04:05:06.789",
        "type": "groundtruth/image-classification",
    } | fields


def parse_one(document: object) -> ManifestLine | SkippedLine:
    """Parse a manifest of one line."""
    (line,) = parse_manifest(json.dumps(document).encode())
    return line


def test_manifest_is_written_as_the_service_documents_it() -> None:
    """One JSON object a line with an attribute and its metadata for each label."""
    content = format_manifest([ManifestLine("s3://b/a.png", ("cat", "dog"))])
    assert content.endswith(b"}\n")
    assert json.loads(content) == {
        "source-ref": "s3://b/a.png",
        "label-0": 1,
        "label-0-metadata": metadata(
            **{
                "class-name": "cat",
                "job-name": "label-0",
                "creation-date": "1970-01-01T00:00:00",
            }
        ),
        "label-1": 1,
        "label-1-metadata": metadata(
            **{
                "class-name": "dog",
                "job-name": "label-1",
                "creation-date": "1970-01-01T00:00:00",
            }
        ),
    }


def test_manifest_of_nothing_is_empty() -> None:
    """No lines, no bytes."""
    assert format_manifest([]) == b""
    assert list(parse_manifest(b"")) == []


def test_manifest_line_is_read_whatever_the_attribute_is_called() -> None:
    """The label is the class-name, never the attribute's name."""
    line = parse_one({"source-ref": "s3://b/a.png", "shade": 1, "shade-metadata": metadata()})
    assert line == ManifestLine("s3://b/a.png", ("dark",))


def test_manifest_line_gives_several_labels_once_and_sorted() -> None:
    """Repeated pairs are several labels; the same class-name twice is one."""
    names = ["zebra", "ant", "zebra"]
    document: dict[str, object] = {"source-ref": "s3://b/a.png"}
    for number, name in enumerate(names):
        document[f"x{number}"] = 1
        document[f"x{number}-metadata"] = metadata(**{"class-name": name})
    assert parse_one(document) == ManifestLine("s3://b/a.png", ("ant", "zebra"))


def test_manifest_line_without_labels_is_an_image_without_labels() -> None:
    """An image on which nothing is to be seen is a line too."""
    assert parse_one({"source-ref": "a.png"}) == ManifestLine("a.png", ())


def test_manifest_line_ignores_keys_that_are_no_label() -> None:
    """Metadata without its attribute, and whatever else a tool wrote, is passed over."""
    document = {
        "source-ref": "a.png",
        "cl-metadata": {"is-labeled": True},
        "line-idx": 7,
        "note-metadata": "no object",
        "note": 1,
    }
    assert parse_one(document) == ManifestLine("a.png", ())


@pytest.mark.parametrize("class_name", [None, "", 5, ["cat"], {"name": "cat"}])
def test_manifest_line_is_skipped_when_a_class_name_is_no_text(class_name: object) -> None:
    """A label without a usable name makes the line unusable, whatever stands there instead."""
    document = {"source-ref": "a.png", "x": 1, "x-metadata": metadata(**{"class-name": class_name})}
    reason = "its label attribute 'x' has no class-name"
    assert parse_one(document) == SkippedLine(1, "a.png", reason)


@pytest.mark.parametrize("others", [{}, {"bb": {}, "bb-metadata": {"type": OBJECT_DETECTION}}])
def test_manifest_line_of_another_type_is_told_by_its_type(others: dict[str, object]) -> None:
    """A mask of Ground Truth has no class-name, and lacks none; beside boxes it is no label."""
    mask = {"type": "groundtruth/semantic-segmentation", "internal-color-map": {}}
    document = {"source-ref": "a.png", "seg-ref": "s3://b/m.png", "seg-ref-metadata": mask}
    assert parse_one(document | others) == SkippedLine(
        1,
        "a.png",
        "its label attribute 'seg-ref' is of the type 'groundtruth/semantic-segmentation'; the "
        "service takes groundtruth/image-classification and groundtruth/object-detection",
    )


def test_manifest_line_without_a_type_says_so() -> None:
    """It may be of boxes."""
    line = parse_one({"source-ref": "a.png", "bb": {"annotations": []}, "bb-metadata": {}})
    assert line == SkippedLine(
        1, "a.png", "its label attribute 'bb' has no class-name, and no type"
    )


def test_manifest_line_is_skipped_when_it_mixes_labels_and_boxes() -> None:
    """Which of the two is meant cannot be told."""
    boxes = metadata(type="groundtruth/object-detection")
    document: dict[str, object] = {"source-ref": "a.png", "bb": {}, "bb-metadata": boxes}
    document |= {"x": 1, "x-metadata": metadata()}
    assert parse_one(document) == SkippedLine(
        1, "a.png", "it has both image-level labels and boxes"
    )


@pytest.mark.parametrize(
    "document", [{}, {"source-ref": ""}, {"source-ref": 5}, {"source-ref": "a\0b"}, [], "x", None]
)
def test_manifest_line_is_skipped_without_a_source_ref(document: object) -> None:
    """A line that names no image is skipped with a reason."""
    assert parse_one(document) == SkippedLine(1, "", "no usable source-ref")


def test_manifest_lines_that_cannot_be_read_keep_their_numbers() -> None:
    """Blank and broken lines are counted, and the lines after them are read."""
    good = format_manifest([ManifestLine("a.png", ("x",))])
    lines = list(parse_manifest(good + b"\n{broken\n" + good))
    assert [type(line) for line in lines] == [
        ManifestLine,
        SkippedLine,
        SkippedLine,
        ManifestLine,
    ]
    assert [line.line_number for line in lines if isinstance(line, SkippedLine)] == [2, 3]


@pytest.mark.parametrize("name", ["100%", "%b", "%%", 'q"uote', "back\\slash", "line\nbreak", "ü"])
def test_manifest_keeps_names_of_any_characters(name: str) -> None:
    """Whatever a label or an image is called, many lines of that kind say so, each for itself."""
    lines = [ManifestLine(f"s3://b/{name}{number}", (name, f"{name}x")) for number in range(300)]
    assert list(parse_manifest(format_manifest(lines))) == lines


def test_manifest_of_many_kinds_of_lines_keeps_each() -> None:
    """More kinds of lines than are remembered are written as one is."""
    lines = [ManifestLine(f"s3://b/{number}", (f"label {number}",)) for number in range(5000)]
    together = format_manifest(lines)
    assert together.splitlines()[4999] + b"\n" == format_manifest([lines[4999]])
    assert list(parse_manifest(together)) == lines
