"""Tests of judging one line's boxes."""

from typing import Any

import pytest

from rcl_flow.emulator.data.images import ImageSize
from rcl_flow.emulator.data.manifests import CheckedLine, Verdict, check_line
from rcl_flow.emulator.learning.boxes import Box, LabelledBox
from tests.emulator.builders import metadata
from tests.emulator.data.lines import box, box_line, boxes, boxes_metadata

FORMAT = "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT"
METADATA = "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"
OFF_FRAME = "ERROR_INVALID_BOUNDING_BOX"
TOO_SMALL = "ERROR_BOUNDING_BOX_TOO_SMALL"
GOOD = box(10, 20, 30, 40)


def codes(line: CheckedLine) -> list[str]:
    """Return the codes of a line's errors."""
    return [error.code for error in line.errors]


def test_line_carries_its_boxes_as_ratios_of_the_stated_size() -> None:
    """Labels come from the line's own class map, sizes from its own image_size."""
    line = check_line(box_line(box(20, 25, 50, 10.5), box(0, 0, 200, 100, 1)))
    assert line.boxes == (
        LabelledBox("bolt", Box(0.1, 0.25, 0.25, 0.105)),
        LabelledBox("nut", Box(0.0, 0.0, 1.0, 1.0)),
    )
    assert line.image_size == ImageSize(200, 100)
    assert (line.labels, line.verdict) == ((), Verdict.VALID)
    assert line.used_labels == line.box_labels == {"bolt", "nut"}


def test_line_may_have_boxes_and_labels() -> None:
    """Attributes of both kinds are judged beside each other."""
    line = check_line({**box_line(GOOD), "x": 1, "x-metadata": metadata("scene")})
    assert line.labels == ("scene",)
    assert line.box_labels == {"bolt"}
    assert line.declared == ("bolt", "nut", "scene")


@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        {"annotations": [GOOD]},
        {**boxes(GOOD), "image_size": {"width": 200, "height": 100, "depth": 3}},
        {**boxes(GOOD), "image_size": []},
        {**boxes(GOOD), "image_size": [*boxes()["image_size"], *boxes()["image_size"]]},
        {**boxes(GOOD), "image_size": [{"width": 200, "height": 100}]},
        {**boxes(GOOD), "image_size": [{"width": "200", "height": 100, "depth": 3}]},
        {**boxes(GOOD), "image_size": [{"width": True, "height": 100, "depth": 3}]},
        {**boxes(), "annotations": None},
        {**boxes(), "annotations": {"0": GOOD}},
        boxes(["left"]),  # type: ignore[arg-type]  # it is to be wrong
        *(boxes({k: v for k, v in GOOD.items() if k != missing}) for missing in GOOD),
        *(boxes({**GOOD, field: "1"}) for field in GOOD),
        boxes({**GOOD, "class_id": 0.0}),
        boxes({**GOOD, "left": False}),
    ],
)
def test_line_refuses_a_malformed_attribute(value: object) -> None:
    """The size is a list of one object, and every box has its five numbers."""
    line = check_line({**box_line(GOOD), "bb": value})
    assert codes(line) == [FORMAT]
    assert line.errors[0].place == ("bb",)
    assert line.errors[0].message == "The format of the label attribute bb is invalid."
    assert (line.boxes, line.verdict) == ((), Verdict.INVALID)


@pytest.mark.parametrize(
    "change",
    [
        {"objects": None},
        {"objects": {"confidence": 1}},
        {"objects": [1]},
        {"objects": [{"confidence": "1"}]},
        {"objects": [{"confidence": 1.5}]},
        {"class-map": None},
        {"class-map": ["bolt"]},
        {"class-map": {"0": " "}},
        {"class-map": {"0": 1}},
        {"human-annotated": "maybe"},
        {"creation-date": "2024-02-03"},
        {"type": 1},
    ],
)
def test_line_refuses_malformed_metadata(change: dict[str, object]) -> None:
    """Each required member must be there in its form."""
    line = check_line({**box_line(GOOD), "bb-metadata": boxes_metadata(1, **change)})
    assert codes(line) == [METADATA]
    assert line.errors[0].place == ("bb-metadata",)


@pytest.mark.parametrize("objects", [[], [{"confidence": 1}], [{"confidence": 1}, {}]])
def test_line_refuses_a_box_without_confidence(objects: list[object]) -> None:
    """There is one confidence for each box, in the order of the boxes."""
    found = check_line({**box_line(GOOD, GOOD), "bb-metadata": boxes_metadata(2, objects=objects)})
    assert codes(found) == ["ERROR_MISSING_BOUNDING_BOX_CONFIDENCE"]


def test_line_takes_more_confidences_than_boxes() -> None:
    """What belongs to no box is not looked at."""
    objects = [{"confidence": 1}, {}, {}]
    assert not check_line(
        {**box_line(GOOD), "bb-metadata": boxes_metadata(1, objects=objects)}
    ).errors


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (box(-1, 0, 30, 30), OFF_FRAME),
        (box(0, -0.5, 30, 30), OFF_FRAME),
        (box(0, 0, -30, 30), OFF_FRAME),
        (box(171, 0, 30, 30), OFF_FRAME),
        (box(0, 71, 30, 30), OFF_FRAME),
        (box(0, 0, 30, 100.01), OFF_FRAME),
        (box(10**400, 0, 30.5, 30), OFF_FRAME),
        (box(0, 0, 1, 30), TOO_SMALL),
        (box(0, 0, 30, 0), TOO_SMALL),
    ],
)
def test_line_skips_a_bad_box_alone(bad: dict[str, Any], code: str) -> None:
    """The other boxes of the attribute stay usable."""
    line = check_line(box_line(GOOD, bad, box(50, 50, 20, 20, 1)))
    assert codes(line) == [code]
    assert line.errors[0].place == ("bb", "annotations", 1)
    assert [each.label for each in line.boxes] == ["bolt", "nut"]
    assert line.verdict is Verdict.VALID


@pytest.mark.parametrize(
    "good",
    [box(0, 0, 200, 100), box(170, 70, 30, 30), box(99.3, 0, 100.7, 100), box(0, 0, 1.01, 1.01)],
)
def test_line_takes_boxes_up_to_the_border(good: dict[str, Any]) -> None:
    """A box may touch the border, and may be just larger than one pixel."""
    assert codes(check_line(box_line(good))) == []


@pytest.mark.parametrize(
    ("sides", "side", "small"),
    [((1280, 900), 1.1, False), ((2560, 900), 2, True), ((900, 2560), 2.1, False)],
)
def test_line_measures_boxes_after_the_resize(
    sides: tuple[int, int], side: float, small: bool
) -> None:
    """What is longer than 1280 pixels is shrunk for training, and the box with it."""
    line = check_line(box_line(GOOD, box(0, 0, side, 50), width=sides[0], height=sides[1]))
    assert codes(line) == ([TOO_SMALL] if small else [])


def test_line_with_only_bad_boxes_has_nothing_left() -> None:
    """Each box, the attribute and the line say so."""
    line = check_line(box_line(box(-1, 0, 30, 30), box(0, 0, 1, 1)))
    assert [(error.code, error.place) for error in line.errors] == [
        (OFF_FRAME, ("bb", "annotations", 0)),
        (TOO_SMALL, ("bb", "annotations", 1)),
        ("ERROR_NO_VALID_ANNOTATIONS", ("bb",)),
        ("ERROR_NO_VALID_LABEL_ATTRIBUTES", ()),
    ]
    assert (line.verdict, line.declared) == (Verdict.INVALID, ("bolt", "nut"))


@pytest.mark.parametrize("sides", [(63, 100), (100, 63), (4097, 100), (100, 4097), (0, 0)])
def test_line_refuses_a_size_out_of_range(sides: tuple[int, int]) -> None:
    """It concerns the whole line, whatever else is on it, and no box is judged."""
    line = check_line(
        {
            **box_line(box(-1, 0, 30, 30), width=sides[0], height=sides[1]),
            "x": 1,
            "x-metadata": metadata("scene"),
        }
    )
    assert [(error.code, error.place) for error in line.errors] == [
        ("ERROR_INVALID_IMAGE_DIMENSION", ())
    ]
    assert line.verdict is Verdict.INVALID


@pytest.mark.parametrize("sides", [(64, 64), (4096, 4096)])
def test_line_takes_a_size_at_the_limits(sides: tuple[int, int]) -> None:
    """The smallest and the largest image count."""
    assert not check_line(box_line(GOOD, width=sides[0], height=sides[1])).errors


def test_line_takes_fifty_boxes() -> None:
    """Fifty are the most."""
    assert len(check_line(box_line(*[GOOD] * 50)).boxes) == 50
    line = check_line(box_line(*[GOOD] * 51))
    assert codes(line) == ["ERROR_TOO_MANY_BOUNDING_BOXES", "ERROR_NO_VALID_LABEL_ATTRIBUTES"]


def test_line_counts_the_boxes_of_all_its_attributes() -> None:
    """The attribute that brings too many is left out as a whole; a later one may still fit."""
    line = box_line(*[GOOD] * 40)
    line |= {"more": boxes(*[GOOD] * 11), "more-metadata": boxes_metadata(11)}
    line |= {"few": boxes(*[GOOD] * 10), "few-metadata": boxes_metadata(10)}
    found = check_line(line)
    assert [(e.code, e.place) for e in found.errors] == [
        ("ERROR_TOO_MANY_BOUNDING_BOXES", ("more",))
    ]
    assert len(found.boxes) == 50


@pytest.mark.parametrize("value", [boxes(), {"image_size": boxes()["image_size"]}])
def test_line_without_annotations_is_ignored(value: dict[str, Any]) -> None:
    """It is warned of and neither valid nor invalid; its class map declares labels all the same."""
    line = check_line({**box_line(), "bb": value})
    assert [(each.code, each.place) for each in line.warnings] == [
        ("WARNING_NO_ATTRIBUTE_ANNOTATIONS", ("bb",)),
        ("WARNING_NO_ANNOTATIONS", ()),
    ]
    assert (line.errors, line.verdict) == ((), Verdict.IGNORED)
    assert line.declared == ("bolt", "nut")


def test_line_without_annotations_and_with_an_error_is_invalid() -> None:
    """A line is ignored only if nothing on it is wrong."""
    line = check_line({**box_line(), "x": 1, "x-metadata": metadata("scene", type="other")})
    assert codes(line) == ["ERROR_UNSUPPORTED_USE_CASE_TYPE", "ERROR_NO_VALID_LABEL_ATTRIBUTES"]
    assert [each.code for each in line.warnings] == ["WARNING_NO_ATTRIBUTE_ANNOTATIONS"]
    assert line.verdict is Verdict.INVALID


def test_fault_of_form_is_told_alone() -> None:
    """What ends the checks hides what other attributes have, before it and after it."""
    line = check_line(
        {
            **box_line(box(-1, 0, 30, 30)),
            "x": 1,
            "x-metadata": metadata("scene", confidence=2),
            "y": "1",
            "y-metadata": metadata("scene"),
        }
    )
    assert [(error.code, error.place) for error in line.errors] == [(METADATA, ("x-metadata",))]
    assert (line.labels, line.boxes, line.declared) == ((), (), ())


def test_line_refuses_a_long_name_in_the_class_map() -> None:
    """It costs the attribute, whether a box uses the name or not."""
    class_map = {"0": "bolt", "1": "n" * 257}
    found = check_line(
        {**box_line(GOOD), "bb-metadata": boxes_metadata(1, **{"class-map": class_map})}
    )
    assert codes(found) == ["ERROR_INVALID_LABEL_NAME_LENGTH", "ERROR_NO_VALID_LABEL_ATTRIBUTES"]
    assert found.errors[0].place == ("bb-metadata",)
