"""Tests of manifest lines that mark objects by boxes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.manifest import (
    ManifestLine,
    SkippedLine,
    format_manifest,
    parse_manifest,
)

BOLT = PixelBox("bolt", 10, 20, 110, 90)
LINE = ManifestLine("s3://b/a.jpg", ("bolt",), (BOLT,), 800, 600)


def parse_one(document: object) -> ManifestLine | SkippedLine:
    """Parse a manifest of one line."""
    (line,) = parse_manifest(json.dumps(document).encode())
    return line


def document_of(line: ManifestLine = LINE) -> dict[str, Any]:
    """Return a line as JSON."""
    found: dict[str, Any] = json.loads(format_manifest([line]))
    return found


def reason_after(**changes: object) -> str:
    """Return why a line is skipped when members of its only box have other values."""
    document = document_of()
    document["boxes"]["annotations"][0] |= changes
    skipped = parse_one(document)
    assert isinstance(skipped, SkippedLine)
    return skipped.reason


def test_boxes_are_written_as_the_service_documents_them() -> None:
    """Pixels, one image size, one confidence a box, and the line's own class map."""
    assert document_of() == {
        "source-ref": "s3://b/a.jpg",
        "boxes": {
            "image_size": [{"width": 800, "height": 600, "depth": 3}],
            "annotations": [{"class_id": 0, "left": 10, "top": 20, "width": 110, "height": 90}],
        },
        "boxes-metadata": {
            "objects": [{"confidence": 1}],
            "class-map": {"0": "bolt"},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "1970-01-01T00:00:00",
            "job-name": "boxes",
        },
    }


sides = st.integers(2, 300) | st.floats(2, 300)
places = st.integers(0, 200) | st.floats(0, 200)
boxes = st.lists(
    st.builds(PixelBox, st.text(min_size=1, max_size=5), places, places, sides, sides), min_size=1
)


@given(boxes)
def test_boxes_are_read_back_as_they_were_written(marked: list[PixelBox]) -> None:
    """Whole numbers and fractions, any label, any number of boxes."""
    labels = tuple(sorted({box.label for box in marked}))
    line = ManifestLine("s3://b/a.jpg", labels, tuple(marked), 500, 500)
    assert parse_one(document_of(line)) == line


def test_boxes_of_several_attributes_are_read_together() -> None:
    """Each attribute has a class map of its own."""
    document = document_of()
    other = document_of(ManifestLine("x", ("nut",), (PixelBox("nut", 1, 2, 30, 40),), 800, 600))
    document |= {"more": other["boxes"], "more-metadata": other["boxes-metadata"]}
    line = parse_one(document)
    assert isinstance(line, ManifestLine)
    assert [box.label for box in line.boxes] == ["bolt", "nut"]
    assert line.labels == ("bolt", "nut")


def test_line_without_objects_is_an_image_without_objects() -> None:
    """An empty list of annotations is not a mistake: nothing of interest is to be seen."""
    document = document_of()
    document["boxes"]["annotations"] = []
    assert parse_one(document) == ManifestLine("s3://b/a.jpg", (), (), 800, 600)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"class_id": 7}, "class_id 7, which the class-map lacks"),
        ({"left": "ten"}, "no number"),
        ({"top": float("nan")}, "not a JSON object"),
        ({"width": True}, "no number"),
    ],
)
def test_line_is_skipped_for_a_box_that_cannot_be(changes: dict[str, object], said: str) -> None:
    """Each reason tells what is wrong with the box."""
    assert said in reason_after(**changes)


def test_boxes_that_the_service_drops_are_read() -> None:
    """What the service makes of them depends on the image, and is said by the audit."""
    odd = (PixelBox("bolt", -1, 0, 50, 50), PixelBox("bolt", 0, 0, 50, -2))
    line = ManifestLine("s3://b/a.jpg", ("bolt",), odd, 800, 600)
    assert parse_one(document_of(line)) == line


@pytest.mark.parametrize(
    "size", [[], [{"width": 8}], "big", [{"width": 0, "height": 5}], [{"width": 1.5, "height": 2}]]
)
def test_line_is_skipped_without_an_image_size(size: object) -> None:
    """Without the size, a box has no place."""
    document = document_of()
    document["boxes"]["image_size"] = size
    line = parse_one(document)
    assert isinstance(line, SkippedLine)
    assert "image_size" in line.reason


@pytest.mark.parametrize(
    ("member", "value"),
    [("annotations", {}), ("annotations", ["box"]), ("class-map", []), ("class-map", {"0": 5})],
)
def test_line_is_skipped_when_it_has_another_form(member: str, value: object) -> None:
    """A hand-written file that is not what the service takes is named, not misread."""
    document = document_of()
    place = document["boxes"] if member == "annotations" else document["boxes-metadata"]
    place[member] = value
    assert isinstance(parse_one(document), SkippedLine)


def test_line_is_skipped_when_its_attributes_tell_different_sizes() -> None:
    """One image has one size."""
    document = document_of()
    document |= {"more": document_of()["boxes"], "more-metadata": document["boxes-metadata"]}
    document["more"]["image_size"][0]["width"] = 801
    line = parse_one(document)
    assert isinstance(line, SkippedLine)
    assert "different image sizes" in line.reason


def test_sides_are_written_as_short_as_they_are() -> None:
    """Whole numbers without a fraction, large and tiny and negative ones, beside usual ones."""
    sides = (-3.0, 2.5, -0.0, 1e15)
    written = [
        document_of(ManifestLine("s3://b/a.jpg", ("bolt",), (PixelBox("bolt", *four),), 800, 600))
        for four in (sides, (1e-9, 12.05, 1e16, 7.0))
    ]
    found = [list(each["boxes"]["annotations"][0].values())[1:] for each in written]
    assert found == [[-3, 2.5, 0, 10**15], [1e-9, 12.05, 10**16, 7]]
    assert [type(side) for side in found[0]] == [int, float, int, int]
    assert [type(side) for side in found[1]] == [float, float, int, int]


@pytest.mark.parametrize(("side", "error"), [("nan", ValueError), ("inf", OverflowError)])
def test_side_that_is_no_number_is_never_written(side: str, error: type[Exception]) -> None:
    """A caller's mistake does not become a null in a manifest."""
    box = PixelBox("bolt", float(side), 20, 110, 90)
    with pytest.raises(error):
        format_manifest([ManifestLine("s3://b/a.jpg", ("bolt",), (box,), 800, 600)])


def test_lines_with_boxes_and_with_labels_of_the_same_names_stay_apart() -> None:
    """Mixed lines keep their own sizes and places."""
    lines = [
        ManifestLine("s3://b/0.jpg", ("bolt",)),
        ManifestLine("s3://b/1.jpg", ("bolt",), (BOLT,), 800, 600),
        ManifestLine("s3://b/2.jpg", ()),
        ManifestLine("s3://b/3.jpg", ("bolt",), (PixelBox("bolt", 1, 2, 3, 4),), 80, 60),
    ]
    assert list(parse_manifest(format_manifest(lines))) == lines
