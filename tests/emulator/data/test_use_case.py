"""Tests of the choice between classification and detection, and of what is left for either."""

from collections.abc import Sequence
from typing import Any

from rcl_flow.emulator.data.checks import check_sides
from rcl_flow.emulator.data.manifests import check_line
from rcl_flow.emulator.data.sides import FetchedImages, Side, Sides
from rcl_flow.emulator.learning.boxes import WHOLE_IMAGE, Box, LabelledBox
from tests.emulator.builders import line, png, uri
from tests.emulator.data.lines import box, box_line

BOLT, NUT = box(20, 10, 50, 50), box(100, 0, 100, 100, 1)


def labelled(key: str, *labels: str) -> dict[str, Any]:
    """Return a line with image-level labels."""
    return line(uri(key), *labels)


def judged(training: Sequence[dict[str, Any]], testing: Sequence[dict[str, Any]] | None) -> Sides:
    """Return what the checks say of lines whose images can all be used."""
    lines = [*training, *(testing or ())]
    images = FetchedImages({each["source-ref"]: png("red") for each in lines})
    test = None if testing is None else Side(tuple(map(check_line, testing)))
    return check_sides(Sides(Side(tuple(map(check_line, training))), test, "seed", images))


def keys(side: Side | None) -> list[str]:
    """Return the keys of a side's usable images."""
    return [each.source_ref.removeprefix(uri("")) for each in side.usable()] if side else []


def test_labels_alone_make_a_classifier() -> None:
    """Without a single box the labels are those of whole images."""
    lines = [labelled("a", "bolt"), labelled("b", "nut")]
    sides = judged(lines, lines)
    assert (sides.use_case, sides.terminal_errors()) == ("IMAGE_LEVEL_LABELS", [])
    assert [each.labels for each in sides.training.usable()] == [("bolt",), ("nut",)]


def test_one_box_in_training_makes_a_detector() -> None:
    """The lines of the other format are left out of both sides, and stay valid."""
    training = [box_line(BOLT, NUT, key="a"), labelled("b", "bolt"), labelled("c", "nut")]
    testing = [box_line(BOLT, NUT, key="d"), labelled("e", "bolt")]
    sides = judged(training, testing)
    assert (sides.use_case, sides.terminal_errors()) == ("OBJECT_LOCALIZATION", [])
    assert (keys(sides.training), keys(sides.testing)) == (["a"], ["d"])
    statistics = sides.training.statistics()
    assert (statistics["valid_json_lines"], statistics["invalid_json_lines"]) == (3, 0)


def test_boxes_in_the_test_set_alone_make_a_detector_of_logos() -> None:
    """Each image-level label of the training data then is a box around the whole image."""
    training = [labelled("a", "bolt"), labelled("b", "bolt", "nut")]
    testing = [box_line(BOLT, key="c"), box_line(NUT, key="d"), labelled("e", "nut")]
    sides = judged(training, testing)
    assert (sides.use_case, sides.terminal_errors()) == ("OBJECT_LOCALIZATION", [])
    assert [each.boxes for each in sides.training.usable()] == [
        (LabelledBox("bolt", WHOLE_IMAGE),),
        (LabelledBox("bolt", WHOLE_IMAGE), LabelledBox("nut", WHOLE_IMAGE)),
    ]
    assert keys(sides.testing) == ["c", "d"]
    assert sides.testing is not None
    assert sides.testing.usable()[0].boxes == (LabelledBox("bolt", Box(0.1, 0.1, 0.25, 0.5)),)


def test_line_with_both_formats_is_used_for_its_boxes() -> None:
    """In a detector's data an image-level label beside boxes counts for nothing."""
    lines = [{**box_line(BOLT, key="a"), **labelled("a", "scene")}]
    sides = judged(lines, lines)
    assert sides.terminal_errors() == []
    (usable,) = sides.training.usable()
    assert usable.labels == ()
    assert usable.box_labels == {"bolt"}
    assert sides.training.labels() == {"bolt"}


def test_detector_needs_one_label_and_a_classifier_two() -> None:
    """The minimum depends on the use case that is about to be chosen."""
    one_box, one_label = [box_line(BOLT)], [labelled("a", "bolt")]
    assert judged(one_box, one_box).terminal_errors() == []
    sides = judged(one_label, one_label)
    assert sides.terminal_errors() == ["ERROR_MANIFEST_TOO_FEW_LABELS"] * 2
    assert sides.use_case == "NOT_DETERMINED"


def test_split_is_made_by_the_labels_on_boxes() -> None:
    """The service's own split puts each label on both sides."""
    lines = [box_line(BOLT, key=f"b{n}") for n in range(10)]
    lines += [box_line(NUT, key=f"n{n}") for n in range(5)]
    sides = judged(lines, None)
    assert (sides.use_case, sides.terminal_errors()) == ("OBJECT_LOCALIZATION", [])
    tested = keys(sides.testing)
    assert sorted(key[0] for key in tested) == ["b", "b", "n"]
    assert len(keys(sides.training)) == 12


def test_split_of_logo_data_is_none() -> None:
    """Without boxes in a test set, image-level lines make a classifier."""
    lines = [labelled(f"{label}{n}", label) for label in ("bolt", "nut") for n in range(5)]
    assert judged(lines, None).use_case == "IMAGE_LEVEL_LABELS"


def test_half_of_the_usable_labels_tested_is_enough() -> None:
    """An overlap of exactly one half passes after the filter, too."""
    training = [box_line(BOLT, NUT, key="a")]
    testing = [box_line(BOLT, key="b"), labelled("c", "nut")]
    assert judged(training, testing).terminal_errors() == []
