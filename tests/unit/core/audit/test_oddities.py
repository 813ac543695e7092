"""Tests of the rules about single images."""

from dataclasses import replace

import pytest

from rcl_flow.core.audit.findings import Finding
from rcl_flow.core.audit.oddities import check
from rcl_flow.core.audit.subject import Subject
from rcl_flow.core.datasets.boxes import PixelBox
from rcl_flow.core.datasets.dataset import DatasetImage
from tests.builders import image, labelled
from tests.unit.core.audit.measured import Shot, measures, one, rules_found, subject

ORDINARY = [(image(f"ordinary-{n}", "a"), measures(sharpness=200.0 + n)) for n in range(9)]


def findings(*shots: Shot) -> list[Finding]:
    """Return what is found in these training images and nine ordinary ones."""
    return list(check(subject({"train": [*ORDINARY, *shots]})))


def odd(**values: object) -> Shot:
    """Return an image that is ordinary but for `values`."""
    return image("odd", "a"), measures(**values)


def test_oddities_are_not_found_in_ordinary_images() -> None:
    """Ordinary photographs give no finding."""
    assert findings() == []


def test_oddities_are_silent_without_measures() -> None:
    """Nothing is said of images whose pixels were not looked at."""
    datasets = subject({"train": ORDINARY}).datasets
    assert list(check(Subject(datasets))) == []


@pytest.mark.parametrize(
    ("rule", "values", "note"),
    [
        ("dark-image", {"highlight": 0.24}, "nothing brighter than 0.24"),
        ("bright-image", {"shadow": 0.43, "bright_share": 0.61}, "61% overexposed"),
        ("blurred-image", {"sharpness": 19.0}, "sharpness 19.0"),
        ("flat-image", {"shadow": 0.5, "highlight": 0.515}, "a range of 0.015 from dark to bright"),
        ("damaged-image", {"damaged": True}, ""),
        ("animated-image", {"frames": 2}, "2 pictures"),
        ("turned-by-exif", {"exif_orientation": 6}, "EXIF orientation 6"),
    ],
)
def test_oddities_are_found_with_place_and_figure(
    rule: str, values: dict[str, object], note: str
) -> None:
    """Each kind of odd image is found alone, and named with what was measured."""
    (finding,) = findings(odd(**values))
    assert finding.rule == rule
    assert finding.split == "train"
    assert [(place.uri, place.note) for place in finding.places] == [("images/odd.png", note)]
    assert finding.message.startswith("train: 1 image is ")
    assert finding.figures["images"] == 1


@pytest.mark.parametrize(
    "values",
    [
        {"highlight": 0.25},
        {"shadow": 0.42, "bright_share": 0.6},
        {"shadow": 0.6, "bright_share": 0.2},
        {"sharpness": 20.0},
        {"shadow": 0.5, "highlight": 0.52},
        {"frames": 1},
        {"exif_orientation": 1},
    ],
)
def test_oddities_begin_beyond_the_threshold(values: dict[str, object]) -> None:
    """An image that is exactly at a threshold is ordinary."""
    assert findings(odd(**values)) == []


def test_oddities_take_soft_images_among_soft_ones() -> None:
    """Where all images are soft, softness is what the subject looks like and no fault."""
    soft = [(image(f"soft-{n}", "a"), measures(sharpness=10.0 + n)) for n in range(9)]
    assert list(check(subject({"train": soft}))) == []


def test_oddities_find_the_blurred_among_sharp_ones_by_the_median() -> None:
    """An image below the limit is blurred only when it is also far below its split's median."""
    few = [(image(f"few-{n}", "a"), measures(sharpness=40.0)) for n in range(9)]
    split = [*few, (image("soft", "a"), measures(sharpness=15.0))]
    assert list(check(subject({"train": split}))) == []
    split = [*few, (image("soft", "a"), measures(sharpness=13.0))]
    finding = one(list(check(subject({"train": split}))), "blurred-image")
    assert finding.figures == {"images": 1, "limit": 14.0, "split_share": 0.1}


def test_oddities_do_not_call_a_dark_image_blurred_as_well() -> None:
    """Darkness takes away edges, so that one reason is given and not two."""
    assert rules_found(findings(odd(highlight=0.1, sharpness=1.0))) == ["dark-image"]


def test_oddities_are_ordered_from_the_worst() -> None:
    """The darkest image is named first."""
    shots = [(image(f"dark-{n}", "a"), measures(highlight=n / 100)) for n in (5, 2, 8)]
    finding = one(findings(*shots), "dark-image")
    assert [place.uri for place in finding.places] == [
        "images/dark-2.png",
        "images/dark-5.png",
        "images/dark-8.png",
    ]
    assert finding.message.startswith("train: 3 images are dark: images/dark-2.png (nothing")


def test_oddities_are_told_split_by_split() -> None:
    """A dark image in training and one in the holdout are two findings."""
    splits = subject(
        {
            "train": [(image("night", "a"), measures(highlight=0.05))],
            "holdout": [(image("dusk", "a"), measures(highlight=0.06))],
        }
    )
    assert [(f.rule, f.split) for f in check(splits)] == [
        ("dark-image", "train"),
        ("dark-image", "holdout"),
    ]


@pytest.mark.parametrize(("boxes", "severity"), [(True, "warning"), (False, "note")])
def test_oddities_turned_by_exif_matter_most_where_boxes_are(boxes: bool, severity: str) -> None:
    """A box is in stored pixels, so that a turned picture may have it beside the object."""
    turned: DatasetImage = image("odd", "a")
    if boxes:
        turned = replace(turned, boxes=(PixelBox("a", 1, 2, 30, 40),))
    assert one(findings((turned, measures(exif_orientation=3))), "turned-by-exif").severity == (
        severity
    )


def test_oddities_count_a_picture_once_however_many_copies_it_has() -> None:
    """Copies are another rule's matter."""
    night, dark = image("night", "a"), measures(highlight=0.05)
    copy = replace(night, uri="copy.png")
    assert one(findings((night, dark), (copy, dark)), "dark-image").figures == {"images": 1}


def test_oddities_leave_images_without_measures_out() -> None:
    """An image that is not measured does not hide one that is."""
    made = subject({"train": [(image("night", "a"), measures(highlight=0.05))]})
    datasets = replace(made.datasets, test=labelled("test", {"a": 3}))
    assert rules_found(list(check(replace(made, datasets=datasets)))) == ["dark-image"]
